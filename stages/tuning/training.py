"""The training loop: low-rank adapters on the uppermost layers, the best checkpoint kept, exactly resumed after a kill.

What differs from `mlx_lm.lora`, and why: batches hold rows of like length and no row is dropped; only the completion
and its stop token are trained, no padding; gradients are weighted by trained tokens; validation covers all rows; the
checkpoint with the lowest validation loss is kept, not the last; a loss that is not finite is an error.
"""

import math
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import mlx.core as mx
from mlx.nn.utils import average_gradients, value_and_grad
from mlx.utils import tree_map
from tqdm import tqdm

from stages.student.adapters import Weights, add_lora, flat
from stages.student.rows import TokenizedRow
from stages.study.errors import StudyError
from stages.tuning.batches import Batch, Lower, epoch, in_order, make_batch
from stages.tuning.checkpoint import FILE, Progress, read_state, stop_signals, write_state
from stages.tuning.loss import summed_loss
from stages.tuning.schedule import Plan, learning_rate, optimizer
from stages.tuning.settings import TrainSettings
from stages.tuning.split_model import SplitModel

SAVE_EVERY = 120.0  # seconds between two states


class Rows(NamedTuple):
    """What is trained on, and what chooses the checkpoint."""

    train: Sequence[TokenizedRow]
    valid: Sequence[TokenizedRow]


class Trained(NamedTuple):
    """The adapter that was kept, and the losses on the way."""

    weights: Weights
    progress: Progress


def new_adapters(model: Any, settings: TrainSettings, seed: int) -> dict[str, Any]:
    """Put new adapters on `model`, drawn from `seed`; returns what adapter_config.json must say of them."""
    layers = len(model.layers) if settings.layers == "all" else settings.layers
    if layers > len(model.layers):
        raise StudyError(f"params.yaml: train.layers: {layers} of a student that has {len(model.layers)} layers")
    parameters: dict[str, Any] = {"rank": settings.rank, "scale": settings.lora_scale, "dropout": settings.dropout}
    if settings.targets:
        parameters["keys"] = list(settings.targets)
    config = {"fine_tune_type": settings.method, "num_layers": layers, "lora_parameters": parameters}
    known = sorted({name for layer in model.layers for name, _ in layer.named_modules() if name})
    for target in settings.targets:
        if target not in known:
            raise StudyError(
                f"params.yaml: train.targets: {target}: no module of a layer; there are {', '.join(known)}"
            )
    mx.random.seed(seed)
    try:
        add_lora(model, config)
    except ValueError as error:  # of a kind that has no low-rank form
        raise StudyError(f"params.yaml: train.targets, train.method: {error}") from None
    return config


def tune(
    model: Any,
    parts: SplitModel,
    rows: Rows,
    settings: TrainSettings,
    plan: Plan,
    *,
    seed: int,
    lower: Lower,
    state: Path,
) -> Trained:
    """Train the adapters on `model`, which `parts` is made of, as `plan` says.

    `lower` gives rows their features. What is needed to go on is kept in the folder `state` every SAVE_EVERY seconds
    and when SIGTERM or Ctrl-C comes, which then ends in KeyboardInterrupt; whoever has the result removes the folder.
    Raises StudyError for a loss or gradient that is not finite, with the last good weights kept in `state`.
    Under `mlx.launch` each process takes its share of every batch; all end with the same weights, and one writes.
    """
    optim = optimizer(settings)
    optim.init(model.trainable_parameters())
    progress, kept = read_state(state, model, optim) or (Progress(), {})
    gradient_of, batches_of = _gradient(model, parts), _batches(rows.train, settings, seed, lower)
    saved, rank = time.monotonic(), mx.distributed.init().rank()

    def save() -> None:
        if rank == 0:
            write_state(state, progress, _weights(model), kept, optim)

    with stop_signals() as stopped, tqdm(total=plan.iterations, desc="training", disable=None) as bar:
        bar.update(progress.iteration)
        while True:
            if progress.iteration in (0, *plan.validate_after) and not progress.validated:
                loss = _valid_loss(model, parts, rows.valid, settings.batch_size, lower)
                _check(math.isfinite(loss), f"validation loss {loss}", progress, save, state)
                if plan.keep_last or loss < progress.kept_loss:
                    kept = _weights(model)
                progress = progress.with_validation(loss, plan.keep_last)
            if progress.iteration == plan.iterations or progress.out_of_patience(plan.patience):
                return Trained(kept, progress)
            iteration = progress.iteration + 1
            mx.random.seed(seed * 1_000_003 + iteration + rank)  # of dropout: the same however often it goes on
            total, count, gradient, norm = gradient_of(batches_of(iteration))
            _check(
                math.isfinite(total + norm), f"training loss {total / count}, gradient {norm}", progress, save, state
            )
            optim.learning_rate = learning_rate(settings, iteration, plan.iterations)
            optim.update(model, _clipped(gradient, norm, settings.clip))
            mx.eval(model.trainable_parameters(), optim.state)
            progress = progress.with_step(total, count)
            bar.update()
            bar.set_postfix(loss=f"{total / count:.3f}", kept=f"{progress.kept_loss:.3f}")
            if stopped() or time.monotonic() - saved >= SAVE_EVERY:
                save()
                saved = time.monotonic()
            if stopped():
                raise KeyboardInterrupt


def _batches(
    rows: Sequence[TokenizedRow], settings: TrainSettings, seed: int, lower: Lower
) -> Callable[[int], list[Batch]]:
    """This process's share of the batches of an iteration, counted from 1, epoch after epoch."""
    world = mx.distributed.init()
    size, an_epoch = settings.batch_size, -(-len(rows) // settings.batch_size)
    drawn = lru_cache(maxsize=2)(lambda number: epoch(rows, size, seed, number))

    def of(iteration: int) -> list[Batch]:
        places = range((iteration - 1) * settings.accumulate, iteration * settings.accumulate)
        chosen = [drawn(place // an_epoch)[place % an_epoch][world.rank() :: world.size()] for place in places]
        return [make_batch([rows[one] for one in batch], lower) for batch in chosen if batch]

    return of


def _gradient(model: Any, parts: SplitModel) -> Callable[[list[Batch]], tuple[float, int, Any, float]]:
    """Summed loss, trained tokens, the gradient of their mean, and its norm, over the batches of all processes."""
    both: Any = value_and_grad(model, lambda batch: summed_loss(parts, Batch(*batch), train=True))
    processes = mx.distributed.init().size()

    def gradient(batches: list[Batch]) -> tuple[float, int, Any, float]:
        total, count, summed = 0.0, 0, None
        model.train()
        for batch in batches:
            loss, one = both(tuple(batch))
            summed = one if summed is None else tree_map(mx.add, summed, one)
            mx.eval(loss, summed)
            total, count = total + float(loss), count + batch.trained_tokens
        if summed is None:  # fewer rows than processes
            summed = tree_map(mx.zeros_like, model.trainable_parameters())
        total, count = _over_all(total, count)
        mean = tree_map(lambda one: one * (processes / count), average_gradients(summed))
        squares = mx.stack([mx.square(one.astype(mx.float32)).sum() for one in flat(mean).values()])
        return total, count, mean, math.sqrt(float(squares.sum()))

    return gradient


def _over_all(total: float, count: int) -> tuple[float, int]:
    """Both summed over all processes."""
    if mx.distributed.init().size() == 1:
        return total, count
    with mx.stream(mx.cpu):
        sums = mx.distributed.all_sum(mx.array([total, float(count)], dtype=mx.float32))
        return float(sums[0]), round(float(sums[1]))


def _clipped(gradient: Any, norm: float, most: float) -> Any:
    if not most or norm <= most:
        return gradient
    return tree_map(lambda one: one * (most / norm), gradient)


def _valid_loss(model: Any, parts: SplitModel, rows: Sequence[TokenizedRow], size: int, lower: Lower) -> float:
    """Mean loss over all trained tokens of the rows, without dropout, the batches shared out among the processes."""
    model.eval()
    world = mx.distributed.init()
    total, count = 0.0, 0
    for places in in_order(rows, size)[world.rank() :: world.size()]:
        batch = make_batch([rows[place] for place in places], lower)
        total += float(summed_loss(parts, batch, train=False))
        count += batch.trained_tokens
    total, count = _over_all(total, count)
    return total / count


def _weights(model: Any) -> Weights:
    return flat(model.trainable_parameters())


def _check(finite: bool, found: str, progress: Progress, save: Callable[[], None], state: Path) -> None:
    """Raise StudyError where a loss is not finite; the weights from before the step are saved first."""
    if not finite:
        save()
        raise StudyError(
            f"training: {found} at iteration {progress.iteration + 1}: not finite. The weights of iteration "
            f"{progress.iteration}, and the best, of {progress.kept_iteration}, are kept in {state / FILE}; lower "
            "train.learning_rate, set train.clip, or lengthen train.warmup"
        )
