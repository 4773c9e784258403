"""One run's training from a loaded student and tokenized rows to the adapter that is kept."""

from pathlib import Path
from typing import Any, NamedTuple

import mlx.core as mx

from stages.student import cpu
from stages.student.adapters import Weights
from stages.student.cache import code_digest, unfinished
from stages.study.versions import STUDENT, installed
from stages.tuning.checkpoint import Progress
from stages.tuning.features import choose
from stages.tuning.schedule import plan
from stages.tuning.settings import TrainSettings
from stages.tuning.split_model import checkpoint_layers, split_model
from stages.tuning.training import Rows, new_adapters, tune


class Fitted(NamedTuple):
    """Kept weights, their adapter_config.json, the losses on the way; `state` is to be removed once all is saved.

    `writes` is said to one process only of those that trained together.
    """

    weights: Weights
    config: dict[str, Any]
    progress: Progress
    state: Path
    writes: bool


def fit(
    model: Any,
    rows: Rows,
    settings: TrainSettings,
    *,
    run: str,
    long: bool,
    seed: int,
    base_digest: str,
    features_bytes: int,
) -> Fitted:
    """Train the adapters of `run`, going on where an interrupted training of the very same kind stopped."""
    config = new_adapters(model, settings, seed)
    if settings.checkpoint_gradients:
        checkpoint_layers(model)
    tuned, both = config["num_layers"], [*rows.train, *rows.valid]
    parts = split_model(model, tuned, max(both, key=lambda row: len(row.tokens)).tokens)
    batches = -(-len(rows.train) // settings.batch_size)
    planned = plan(settings, long, batches)
    code = code_digest(Path(__file__).parent, Path(cpu.__file__).parent)
    state = unfinished("training", run, base_digest, settings, planned, seed, rows, code, installed(STUDENT))
    lower = choose(
        parts,
        both,
        state / "features",
        layers=len(model.layers) - tuned,
        passes=max(planned.iterations * settings.accumulate / batches, settings.validations),
        base_digest=base_digest,
        limit=features_bytes,
    )
    trained = tune(model, parts, rows, settings, planned, seed=seed, lower=lower, state=state)
    return Fitted(trained.weights, config, trained.progress, state, writes=mx.distributed.init().rank() == 0)
