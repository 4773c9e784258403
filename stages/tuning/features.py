"""Frozen-layer activations, computed once for a dataset and kept under `.cache/features/`.

No adapter changes it, so the replicates of a level, the long run and an interrupted one begun again all read the same
file. Its name is a digest of everything that the numbers depend on; a file that stands there is whole.
"""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import mlx.core as mx
import numpy as np
from tqdm import tqdm

from stages.student import cpu, exponentials
from stages.student.cache import code_digest
from stages.student.rows import TokenizedRow
from stages.study.files import cache_folder
from stages.study.versions import STUDENT, installed
from stages.tuning import split_model
from stages.tuning.split_model import SplitModel

TOGETHER = 8  # rows computed at once: products large enough for a core to run at full speed


class Example(NamedTuple):
    """A row ready for training: the lower half's features for all tokens but the last, and its tokens."""

    features: mx.array
    row: TokenizedRow


def examples(parts: SplitModel, rows: list[TokenizedRow]) -> list[Example]:
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


def cache_key(base_digest: str, layers: int, parts: SplitModel, rows: list[TokenizedRow]) -> str:
    """Names everything that the features depend on: student, cut, code that computes them, versions, tokens."""
    code = code_digest(*(Path(str(one.__file__)) for one in (cpu, exponentials, split_model)), Path(__file__))
    made_from = (base_digest, layers, parts.cut, code, installed(STUDENT), [row.tokens for row in rows])
    return hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]


def cached_examples(parts: SplitModel, rows: list[TokenizedRow], key: str) -> list[Example]:
    """`examples`, from the file named `key` where there is one."""
    path = cache_folder() / "features" / f"{key}.safetensors"
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
