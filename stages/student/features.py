"""What the frozen layers make of every row, computed once for a dataset and kept under `.cache/features/`.

No adapter changes it, so the replicates of a level, the long run and an interrupted one begun again all read the same
file. Its name is a digest of everything that the numbers depend on; a file that stands there is whole.
"""

import hashlib
import os
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

import mlx.core as mx
import numpy as np
from tqdm import tqdm

from stages.student.cpu import cache_folder
from stages.student.halves import Halves
from stages.student.rows import Tokens

TOGETHER = 8  # rows computed at once: products large enough for a core to run at full speed


class Example(NamedTuple):
    """A row ready for training: the lower half's features for all tokens but the last, and its tokens."""

    features: mx.array
    row: Tokens


def examples(parts: Halves, rows: list[Tokens]) -> list[Example]:
    """The rows in their order, with their features, computed in batches of like length."""
    features: dict[int, mx.array] = {}
    order = sorted(range(len(rows)), key=lambda place: len(rows[place].tokens))
    for first in tqdm(range(0, len(rows), TOGETHER), desc="frozen layers", unit="batch", leave=False, disable=None):
        places = order[first : first + TOGETHER]
        lengths = [len(rows[place].tokens) - 1 for place in places]
        batch = np.zeros((len(places), max(lengths)), np.int32)
        for line, (place, length) in enumerate(zip(places, lengths, strict=True)):
            batch[line, :length] = rows[place].tokens[:-1]
        computed = parts.lower(mx.array(batch))
        for line, (place, length) in enumerate(zip(places, lengths, strict=True)):
            features[place] = mx.contiguous(computed[line, :length])
        mx.eval([features[place] for place in places])
    return [Example(features[place], row) for place, row in enumerate(rows)]


def kept_examples(parts: Halves, rows: list[Tokens], made_by: str) -> list[Example]:
    """`examples`, from the file where there is one. `made_by` names the weights and layers behind `parts.lower`."""
    code = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    made_from = f"{made_by} {code} {_versions()} {[row.tokens for row in rows]}"
    path = cache_folder() / "features" / f"{hashlib.sha256(made_from.encode()).hexdigest()[:32]}.safetensors"
    if path.exists():
        found = mx.load(str(path))
        assert isinstance(found, dict)
        return [Example(found[str(place)], row) for place, row in enumerate(rows)]
    made = examples(parts, rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_suffix(f".{os.getpid()}.safetensors")  # takes its place whole: two runs may compute it at once
    try:
        mx.save_safetensors(str(making), {str(place): one.features for place, one in enumerate(made)})
        os.replace(making, path)
    finally:
        making.unlink(missing_ok=True)
    return made


def _versions() -> list[str]:
    """Of the packages whose kernels compute the features, as far as they are installed."""
    packages = ("mlx", "mlx-lm", "numpy", "scipy-openblas32")
    return [f"{one.name} {one.version}" for name in packages for one in distributions(name=name)]


def digest(folder: Path) -> str:
    """sha256 over the weights and the configuration of the student in `folder`, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted([*folder.glob("*.safetensors"), folder / "config.json"]):
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
