"""Adapters in mlx-lm's format, with what identifies them: written whole, and checked before anything is measured.

`mlx_lm.generate --adapter-path` loads such a folder as it is. What made it stands in adapter_config.json under
`study`, where mlx-lm does not look.
"""

from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten
from mlx_lm.tuner.utils import linear_to_lora_layers
from pydantic import Field, ValidationError

from stages.study.errors import StudyError
from stages.study.files import digest, explain, read_json, replace_folder, write_json
from stages.study.records import StrictRecord

Weights = dict[str, mx.array]
WEIGHTS, CONFIG = "adapters.safetensors", "adapter_config.json"


class Training(StrictRecord):
    """Which training an adapter comes from: the run as it was asked for, and what it was trained on."""

    run: str
    level: str
    replicate: int = Field(ge=0)
    fold: int = Field(ge=0)
    seed: int = Field(ge=0)
    base_digest: str
    data_digest: str = Field(description="sha256 over the files of training and validation rows")
    kept_iteration: int = Field(ge=0)
    versions: dict[str, str] = Field(description="of the packages that can change a number")


def flat(tree: Any) -> Weights:
    """Arrays of a nested tree of parameters by their dotted names."""
    pairs: Any = tree_flatten(tree)
    return dict(pairs)


def save(folder: Path, weights: Weights, config: dict[str, Any], training: Training) -> str:
    """Write an adapter; `folder` appears whole or not at all. Returns its digest."""
    with replace_folder(folder) as making:
        mx.save_safetensors(str(making / WEIGHTS), weights)
        write_json(making / CONFIG, config | {"study": training.model_dump()})
    return adapter_digest(folder)


def adapter_digest(folder: Path) -> str:
    """sha256 over an adapter's weights and configuration; raises StudyError where one of them is missing."""
    for name in (WEIGHTS, CONFIG):
        if not (folder / name).exists():
            raise StudyError(f"{folder / name}: no such file; run `dvc repro train@{folder.name}`")
    return digest(folder / WEIGHTS, folder / CONFIG)


def add_lora(model: Any, config: dict[str, Any]) -> None:
    """Freeze `model` and put new adapters on it, as an adapter_config.json says; lora_a is random, lora_b zero."""
    model.freeze()
    linear_to_lora_layers(
        model, config["num_layers"], config["lora_parameters"], use_dora=config["fine_tune_type"] == "dora"
    )


def put_on(model: Any, folder: Path, expected: dict[str, Any]) -> None:
    """Put the adapter in `folder` on `model`, unfused: in a quantised model rounding would take it away again.

    `expected` holds the values that its `Training` must have, `run` among them. Raises StudyError for an adapter of
    another run or base student, one with tensors missing, left over, of wrong shape or not finite, and one that was
    never trained.
    """
    adapter_digest(folder)
    config = read_json(folder / CONFIG)
    again = f"; run `dvc repro -f train@{expected['run']}`"
    try:
        training = Training.model_validate(config["study"]).model_dump()
        add_lora(model, config)
    except ValidationError as error:
        raise StudyError(f"{folder / CONFIG}: run {expected['run']}: study.{explain(error)}{again}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StudyError(
            f"{folder / CONFIG}: run {expected['run']}: {error!r}: not written by `train`{again}"
        ) from None
    for name, value in expected.items():
        if training[name] != value:
            what = "trained on another base student" if name == "base_digest" else "of another run"
            raise StudyError(
                f"{folder / CONFIG}: {what}: study.{name} is {training[name]}, and {value} of run {expected['run']}"
                + again
            )
    try:
        found: Any = mx.load(str(folder / WEIGHTS))
    except RuntimeError as error:
        raise StudyError(f"{folder / WEIGHTS}: run {expected['run']}: {error}{again}") from None
    if fault := _fault(found, flat(model.trainable_parameters())):
        raise StudyError(f"{folder / WEIGHTS}: run {expected['run']}: {fault}{again}")
    model.load_weights(list(found.items()), strict=False)
    model.eval()


def _fault(found: Weights, wanted: Weights) -> str:
    """What is wrong with an adapter's tensors beside those that its configuration asks for; empty if nothing."""
    if not found:
        return "no tensors in it"
    for name in sorted(wanted.keys() - found.keys()):
        return f"tensor {name} is missing"
    for name, tensor in sorted(found.items()):
        if name not in wanted:
            return f"tensor {name} has no place in the student"
        if tensor.shape != wanted[name].shape:
            return f"tensor {name} has shape {tensor.shape}, not {wanted[name].shape}"
        if not np.isfinite(np.array(tensor.astype(mx.float32))).all():
            return f"tensor {name} holds a number that is not finite"
    if not any(mx.any(tensor).item() for name, tensor in found.items() if name.endswith("lora_b")):
        return "every lora_b is zero: it changes nothing, as before any training"
    return ""
