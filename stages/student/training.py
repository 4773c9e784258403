"""LoRA through mlx-lm's trainer, by its hooks: own batches, own loss, own validation, the best checkpoint kept.

What differs from `mlx_lm.lora`, and why: batches hold rows of like length and no row is dropped; only the completion
and its stop token are trained, no padding; validation covers all rows, after the step it is reported for, in an
order that training cannot disturb; the checkpoint with the lowest validation loss is kept, not the last.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers
import numpy as np
from mlx.utils import tree_flatten
from mlx_lm.cli_ui import make_console
from mlx_lm.tuner import trainer
from mlx_lm.tuner.utils import linear_to_lora_layers
from tqdm import tqdm

from stages.student import features
from stages.student.features import Example
from stages.student.halves import Halves, halves
from stages.student.rows import Tokens
from stages.study.errors import StudyError
from stages.study.params import Train

Weights = dict[str, mx.array]
PAD = 8  # lengths are padded to a multiple, so that a compiled step is built for few shapes


def add_lora(model: Any, train: Train, seed: int) -> dict[str, Any]:
    """Freeze `model` and put adapters on its uppermost layers; returns what adapter_config.json must say."""
    if train.layers > len(model.layers):
        raise StudyError(f"params.yaml: train.layers: {train.layers} of a student that has {len(model.layers)} layers")
    parameters = {"rank": train.rank, "scale": train.scale, "dropout": train.dropout}
    mx.random.seed(seed)
    model.freeze()
    linear_to_lora_layers(model, train.layers, parameters)
    return {"fine_tune_type": "lora", "num_layers": train.layers, "lora_parameters": parameters}


def rate(train: Train, iterations: int) -> float | Callable[[mx.array], mx.array]:
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
    parts: Halves,
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
    train_rows: list[Tokens],
    valid_rows: list[Tokens],
    train: Train,
    *,
    iterations: int,
    keep_last: bool,
    seed: int,
    report: Callable[[int, float | None, float | None], None],
    examples: Callable[[Halves, list[Tokens]], list[Example]] = features.examples,
) -> tuple[Weights, dict[str, Any]]:
    """Train adapters on `model`; returns the weights kept and the adapter_config.json that goes with them.

    `report(iteration, train_loss, valid_loss)` is called once for each iteration, and for iteration 0 before any;
    a loss that was not measured is None. `examples` gives the rows the features of the frozen layers.
    """
    config = add_lora(model, train, seed)
    probe = max(train_rows, key=lambda row: len(row.tokens)).tokens
    parts = halves(model, train.layers, probe)
    train_set = examples(parts, train_rows)
    valid_set = examples(parts, valid_rows)
    iterate = partial(batches, generator=np.random.default_rng(seed))
    loss = partial(completion_loss, parts)
    best: tuple[float, Weights] = (float("inf"), {})

    def validate(iteration: int) -> float:
        nonlocal best
        value = trainer.evaluate(model, valid_set, train.batch_size, -1, loss=loss, iterate_batches=iterate)
        model.train()
        if keep_last or value < best[0]:
            best = (value, dict(tree_flatten(model.trainable_parameters())))
        return value

    class AfterStep(trainer.TrainingCallback):
        def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
            iteration, train_loss = train_info["iteration"], train_info["train_loss"]
            due = iteration % train.validate_every == 0 or iteration == iterations
            valid_loss = validate(iteration) if due else None
            report(iteration, train_loss, valid_loss)
            bar.update()
            bar.set_postfix(loss=f"{train_loss:.3f}", valid=f"{best[0]:.3f}")

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
    return best[1], config


def save(folder: Path, weights: Weights, config: dict[str, Any]) -> None:
    """Write adapters in mlx-lm's format; `folder` appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        mx.save_safetensors(str(making / "adapters.safetensors"), weights)
        (making / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        making.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(making, folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
