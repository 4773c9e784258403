"""How long a training takes, where it is validated, and how its learning rate goes."""

import math
from typing import Any, NamedTuple

import mlx.optimizers

from stages.tuning.settings import TrainSettings


class Plan(NamedTuple):
    """A run's iterations, those after which it is validated, and which checkpoint is kept."""

    iterations: int
    validate_after: tuple[int, ...]
    keep_last: bool
    patience: int


def plan(settings: TrainSettings, long: bool, batches: int) -> Plan:
    """The plan for a usual or a long run over `batches` batches an epoch."""
    length = settings.long_length if long else settings.length
    if settings.unit == "epochs":
        length = length * batches / settings.accumulate
    iterations = math.ceil(length - 1e-9)
    every = iterations / settings.validations
    after = tuple(sorted({max(1, round(every * number)) for number in range(1, settings.validations + 1)}))
    return Plan(iterations, after, long or settings.keep == "last", 0 if long else settings.patience)


def learning_rate(settings: TrainSettings, iteration: int, iterations: int) -> float:
    """The rate of an iteration, counted from 1: rising in the warm-up, then as the schedule falls."""
    warmup = math.ceil(settings.warmup * iterations)
    if iteration <= warmup:
        return settings.learning_rate * iteration / warmup
    done = (iteration - 1 - warmup) / (iterations - warmup)
    fall = {"constant": 1.0, "linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}
    return settings.learning_rate * fall[settings.schedule]


def optimizer(settings: TrainSettings) -> Any:
    """As mlx-lm builds it: without bias correction."""
    if settings.optimizer == "adamw":
        return mlx.optimizers.AdamW(settings.learning_rate, weight_decay=settings.weight_decay)
    return mlx.optimizers.Adam(settings.learning_rate)
