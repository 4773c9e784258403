"""What a training needs to go on exactly where it stood, in one file that is replaced whole."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_unflatten
from pydantic import Field

from stages.student.adapters import Weights, flat
from stages.study.records import StrictRecord

FILE = "state.safetensors"


class Point(StrictRecord):
    """One validation: losses in nats per token, the training loss averaged since the point before."""

    iteration: int = Field(ge=0)
    train_loss: float | None = Field(description="None before training")
    valid_loss: float


class Progress(StrictRecord):
    """How far a training has come; `loss_sum` and `loss_tokens` count from the last validation on."""

    iteration: int = 0
    trained_tokens: int = 0
    loss_sum: float = 0.0
    loss_tokens: int = 0
    curve: tuple[Point, ...] = ()
    kept_iteration: int = 0
    kept_loss: float = float("inf")

    @property
    def validated(self) -> bool:
        """Whether the last iteration has been."""
        return bool(self.curve) and self.curve[-1].iteration == self.iteration

    def out_of_patience(self, patience: int) -> bool:
        """Whether `patience` validations in a row brought no new minimum; 0: never."""
        return 0 < patience <= sum(point.iteration > self.kept_iteration for point in self.curve)

    def with_step(self, loss_sum: float, tokens: int) -> "Progress":
        """One iteration later."""
        return Progress(
            iteration=self.iteration + 1,
            trained_tokens=self.trained_tokens + tokens,
            loss_sum=self.loss_sum + loss_sum,
            loss_tokens=self.loss_tokens + tokens,
            curve=self.curve,
            kept_iteration=self.kept_iteration,
            kept_loss=self.kept_loss,
        )

    def with_validation(self, loss: float, keep: bool) -> "Progress":
        """One validation later; `keep` keeps this checkpoint even if its loss is no minimum."""
        mean = self.loss_sum / self.loss_tokens if self.loss_tokens else None
        point = Point(iteration=self.iteration, train_loss=mean, valid_loss=loss)
        better = keep or loss < self.kept_loss
        return Progress(
            iteration=self.iteration,
            trained_tokens=self.trained_tokens,
            curve=(*self.curve, point),
            kept_iteration=self.iteration if better else self.kept_iteration,
            kept_loss=loss if better else self.kept_loss,
        )


def write_state(folder: Path, progress: Progress, weights: Weights, kept: Weights, optimizer: Any) -> None:
    """Put everything into `folder`; a kill leaves the earlier state or this one."""
    arrays = {f"now:{name}": one for name, one in weights.items()}
    arrays |= {f"kept:{name}": one for name, one in kept.items()}
    arrays |= {f"optimizer:{name}": one for name, one in flat(optimizer.state).items()}
    folder.mkdir(parents=True, exist_ok=True)
    making = folder / f"{os.getpid()}.safetensors"
    mx.save_safetensors(str(making), arrays, metadata={"progress": json.dumps(progress.model_dump())})
    with making.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(making, folder / FILE)


def read_state(folder: Path, model: Any, optimizer: Any) -> tuple[Progress, Weights] | None:
    """Put weights and the optimizer's state back; returns progress and kept weights, None where nothing was saved."""
    path = folder / FILE
    if not path.exists():
        return None
    loaded: Any = mx.load(str(path), return_metadata=True)
    arrays, metadata = loaded
    groups: dict[str, Weights] = {"now": {}, "kept": {}, "optimizer": {}}
    for name, one in arrays.items():
        group, _, rest = name.partition(":")
        groups[group][rest] = one
    mx.eval(arrays)  # the file is replaced while training goes on
    model.load_weights(list(groups["now"].items()), strict=False)
    optimizer.state = tree_unflatten(list(groups["optimizer"].items()))
    return Progress.model_validate(json.loads(metadata["progress"])), groups["kept"]


@contextmanager
def stop_signals() -> Iterator[Callable[[], bool]]:
    """Asks, in the block, whether SIGTERM or Ctrl-C has come: a step is finished first. A second one ends at once."""
    came = False
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def note(number: int, _: Any) -> None:
        nonlocal came
        came = True
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, note)
    try:
        yield lambda: came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
