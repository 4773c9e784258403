"""The base student in models/base: loaded, and told from others by a digest."""

from pathlib import Path
from typing import Any, cast

from stages.study.errors import StudyError
from stages.study.files import digest

BASE = Path("models/base")


def load(*, lazy: bool = False) -> tuple[Any, Any]:
    """The model in models/base and its tokenizer; `lazy` leaves the weights on disk until they are used."""
    from mlx_lm.utils import load as load_student

    return load_student(str(_folder()), lazy=lazy)[:2]


def load_tokenizer() -> Any:
    """The tokenizer alone, with the stop tokens of the model's configuration."""
    import json

    from mlx_lm.utils import load_tokenizer as load_alone

    config = json.loads((_folder() / "config.json").read_text(encoding="utf-8"))
    return load_alone(_folder(), eos_token_ids=config.get("eos_token_id"))


def base_digest() -> str:
    """sha256 over the student's weights, configuration and tokenizer: all its files, in the order of their names."""
    return digest(*sorted(path for path in _folder().rglob("*") if path.is_file() and path.name[0] != "."))


def numerics() -> str:
    """Where MLX computes by default and with which numbers, as `cpu float32` or `gpu 4 bit`; results depend on both."""
    import json

    import mlx.core as mx

    config = json.loads((_folder() / "config.json").read_text(encoding="utf-8"))
    device = "gpu" if mx.default_device().type == mx.DeviceType.gpu else "cpu"
    if bits := config.get("quantization", {}).get("bits"):
        return f"{device} {bits} bit"
    files = sorted(_folder().glob("*.safetensors"))
    weights = [tensor for file in files for tensor in cast(Any, mx.load(str(file))).values()]  # not read yet
    return f"{device} {' '.join(sorted({str(tensor.dtype).removeprefix('mlx.core.') for tensor in weights}))}"


def _folder() -> Path:
    if not (BASE / "config.json").exists():
        raise StudyError(f"{BASE}: no student there; run `dvc repro fetch`")
    return BASE
