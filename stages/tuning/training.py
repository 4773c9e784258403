"""LoRA through mlx-lm's trainer, by its hooks: own batches, own loss, own validation, the best checkpoint kept.

What differs from `mlx_lm.lora`, and why: batches hold rows of like length and no row is dropped; only the completion
and its stop token are trained, no padding; validation covers all rows, after the step it is reported for, in an
order that training cannot disturb; the checkpoint with the lowest validation loss is kept, not the last.
"""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers
import numpy as np
from mlx.utils import tree_flatten
from mlx_lm.cli_ui import make_console
from mlx_lm.tuner import trainer
from tqdm import tqdm

from stages.student.adapters import Weights, add_lora
from stages.student.rows import TokenizedRow
from stages.study.errors import StudyError
from stages.tuning import features
from stages.tuning.features import Example
from stages.tuning.settings import TrainSettings
from stages.tuning.split_model import SplitModel, split_model

PAD = 8  # lengths are padded to a multiple, so that a compiled step is built for few shapes


class Trained(NamedTuple):
    """The adapter that was kept, its adapter_config.json, and the losses in nats per trained token."""

    weights: Weights
    config: dict[str, Any]
    kept_iteration: int
    kept_loss: float
    last_loss: float
    trained_tokens: int


def new_adapters(model: Any, train: TrainSettings, seed: int) -> dict[str, Any]:
    """Put adapters on the uppermost layers of `model`; returns what adapter_config.json must say."""
    if train.layers > len(model.layers):
        raise StudyError(f"params.yaml: train.layers: {train.layers} of a student that has {len(model.layers)} layers")
    parameters = {"rank": train.rank, "scale": train.scale, "dropout": train.dropout}
    config = {"fine_tune_type": "lora", "num_layers": train.layers, "lora_parameters": parameters}
    mx.random.seed(seed)
    add_lora(model, config)
    return config


def rate(train: TrainSettings, iterations: int) -> float | Callable[[mx.array], mx.array]:
    """The learning rate, or how it falls: linearly from the first step to 0 after the last."""
    if train.schedule == "constant":
        return train.learning_rate
    return mlx.optimizers.linear_schedule(train.learning_rate, 0.0, iterations)


def batches(
    dataset: list[Example], batch_size: int, *, generator: np.random.Generator, loop: bool = False, **_: Any
) -> Iterator[tuple[mx.array, ...]]:
    """Batches of rows of like length, in the generator's order, the smaller last one included.

    Yields features (batch, length, ..), then for each trained token its line, its column, the token and the weight
    1 (0 for padding). Called by mlx-lm's trainer, whose other arguments (a length limit, workers) do not apply.
    """
    order = sorted(range(len(dataset)), key=lambda place: (len(dataset[place].row.tokens), place))
    cut = [order[first : first + batch_size] for first in range(0, len(order), batch_size)]
    while True:
        for choice in generator.permutation(len(cut)) if loop else range(len(cut)):
            yield _batch([dataset[place] for place in cut[choice]])
        if not loop:
            return


def _batch(chosen: list[Example]) -> tuple[mx.array, ...]:
    length = -(-max(len(one.features) for one in chosen) // PAD) * PAD
    features = mx.stack(
        [mx.pad(one.features, [(0, length - len(one.features))] + [(0, 0)] * (one.features.ndim - 1)) for one in chosen]
    )
    trained = [
        (line, place - 1, one.row.tokens[place], 1)  # the token at `place` is predicted from the one before
        for line, one in enumerate(chosen)
        for place in range(one.row.start, len(one.row.tokens))
    ]
    trained += [(0, 0, 0, 0)] * (-len(trained) % (4 * PAD))
    return features, *(mx.array(column) for column in zip(*trained, strict=True))


def completion_loss(
    parts: SplitModel,
    model: Any,
    features: mx.array,
    lines: mx.array,
    columns: mx.array,
    targets: mx.array,
    weights: mx.array,
) -> tuple[mx.array, mx.array]:
    """Mean cross-entropy over the trained tokens of a batch, and their number."""
    hidden = parts.upper(features)[lines, columns]
    losses = nn.losses.cross_entropy(parts.head(hidden).astype(mx.float32), targets) * weights
    count = weights.sum()
    return losses.sum() / count, count


def tune(
    model: Any,
    train_rows: list[TokenizedRow],
    valid_rows: list[TokenizedRow],
    train: TrainSettings,
    *,
    iterations: int,
    keep_last: bool,
    seed: int,
    report: Callable[[int, float | None, float | None], None],
    examples: Callable[[SplitModel, list[TokenizedRow]], list[Example]] = features.examples,
) -> Trained:
    """Train adapters on `model`.

    `report(iteration, train_loss, valid_loss)` is called once for each iteration, and for iteration 0 before any;
    a loss that was not measured is None. `examples` gives the rows the features of the frozen layers.
    """
    config = new_adapters(model, train, seed)
    probe = max(train_rows, key=lambda row: len(row.tokens)).tokens
    parts = split_model(model, train.layers, probe)
    train_set = examples(parts, train_rows)
    valid_set = examples(parts, valid_rows)
    iterate = partial(batches, generator=np.random.default_rng(seed))
    loss = partial(completion_loss, parts)
    kept: tuple[float, int, Weights] = (float("inf"), 0, {})
    last_loss, trained_tokens = float("inf"), 0

    def validate(iteration: int) -> float:
        nonlocal kept, last_loss
        value = trainer.evaluate(model, valid_set, train.batch_size, -1, loss=loss, iterate_batches=iterate)
        model.train()
        if keep_last or value < kept[0]:
            kept = (value, iteration, dict(tree_flatten(model.trainable_parameters())))
        last_loss = value
        return value

    class AfterStep(trainer.TrainingCallback):
        def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
            nonlocal trained_tokens
            iteration, train_loss = train_info["iteration"], train_info["train_loss"]
            due = iteration % train.validate_every == 0 or iteration == iterations
            valid_loss = validate(iteration) if due else None
            report(iteration, train_loss, valid_loss)
            trained_tokens = int(train_info["trained_tokens"])
            bar.update()
            bar.set_postfix(loss=f"{train_loss:.3f}", valid=f"{kept[0]:.3f}")

    make_console().quiet = True  # the trainer's own display; ours is quiet when not on a terminal
    with (
        tqdm(total=iterations, desc="training", unit="iteration", disable=None) as bar,
        tempfile.TemporaryDirectory() as unused,  # the trainer saves its last weights; ours are saved by `save`
    ):
        report(0, None, validate(0))
        trainer.train(
            model,
            mlx.optimizers.Adam(learning_rate=rate(train, iterations)),
            train_set,
            args=trainer.TrainingArgs(
                batch_size=train.batch_size,
                iters=iterations,
                steps_per_report=1,
                steps_per_save=iterations + 1,
                adapter_file=str(Path(unused) / "adapters.safetensors"),
                grad_checkpoint=train.checkpoint_gradients,
            ),
            loss=loss,
            iterate_batches=iterate,
            training_callback=AfterStep(),
        )
    return Trained(kept[2], config, kept[1], kept[0], last_loss, trained_tokens)
