"""Frozen-layer activations, computed once for each row and kept under `.cache/features/`, a file a row.

No adapter changes them, so folds, replicates, the long run and a training that goes on after a kill read the same
files, batch by batch. A row is computed alone: its numbers do not depend on which others are computed beside it. A
file's name is a digest of everything that its numbers depend on; a file that stands there is whole. A training holds
its rows by hard links of its own, so that others may evict them meanwhile, and gives the frozen layers' memory back.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from tqdm import tqdm

from stages.student import cpu, exponentials
from stages.student.cache import code_digest
from stages.student.rows import TokenizedRow
from stages.study.files import cache_folder
from stages.study.versions import STUDENT, installed
from stages.tuning import split_model
from stages.tuning.batches import Lower
from stages.tuning.split_model import SplitModel


def features_in_batches(parts: SplitModel) -> Lower:
    """Features that are computed for each batch anew."""

    def lower(rows: Sequence[TokenizedRow]) -> list[mx.array]:
        lengths = [len(row.tokens) - 1 for row in rows]
        tokens = np.zeros((len(rows), max(lengths)), np.int32)
        for line, row in enumerate(rows):
            tokens[line, : lengths[line]] = row.tokens[:-1]
        computed = mx.stop_gradient(parts.lower(mx.array(tokens)))
        return [computed[line, :length] for line, length in enumerate(lengths)]

    return lower


def choose(
    parts: SplitModel,
    rows: Sequence[TokenizedRow],
    held: Path,
    *,
    layers: int,
    passes: float,
    base_digest: str,
    limit: int,
) -> Lower:
    """The way to features that pays, and a line that says which. `limit` is the cache's size in bytes.

    `layers` are the frozen ones below the cut, which are gone afterwards where features are kept; `passes`, how often
    training and validation read a row; `held`, the training's folder for its rows.
    """
    if not parts.cut:
        why = "the student's architecture is not one that can be cut"
    elif layers == 0:
        why = "all layers are tuned"
    elif passes <= 1:
        why = "each row is read only once"
    elif (size := _size(parts, rows)) > limit:
        why = f"the rows' features take {_gib(size)}, machine.features_gib allows {_gib(limit)}"
    else:
        folder = cache_folder() / "features" / cache_key(base_digest, layers)
        lower = cached_features(parts, rows, folder, held)
        evict(folder.parent, limit)
        parts.release()
        print(f"frozen layers: computed once for {len(rows)} rows, {_gib(size)} in {folder}")
        return lower
    print(f"frozen layers: computed in every step: {why}")
    return features_in_batches(parts)


def cache_key(base_digest: str, layers: int) -> str:
    """Names all that a row's features depend on besides its tokens: student, cut, code, versions."""
    code = code_digest(*(Path(str(one.__file__)) for one in (cpu, exponentials, split_model)), Path(__file__))
    return hashlib.sha256(repr((base_digest, layers, code, installed(STUDENT))).encode()).hexdigest()[:32]


def cached_features(parts: SplitModel, rows: Iterable[TokenizedRow], folder: Path, held: Path) -> Lower:
    """Features read from `folder`, after those that are missing there have been computed.

    `held`, on the same file system, gets a link to each row's file.
    """
    for one in (folder, held):
        one.mkdir(parents=True, exist_ok=True)
    needed = [*{_name(row): row for row in rows}.items()]
    turn = os.getpid() % max(1, len(needed))  # trainings that start together begin at different rows
    one_by_one = features_in_batches(parts)
    for name, row in tqdm(needed[turn:] + needed[:turn], desc="frozen layers", unit="row", leave=False, disable=None):
        while not (held / name).exists():
            if not (folder / name).exists():
                making = folder / f"{os.getpid()}.safetensors"
                mx.save_safetensors(str(making), {"features": mx.contiguous(one_by_one([row])[0])})
                os.replace(making, folder / name)
            with suppress(FileNotFoundError, FileExistsError):  # another training needs the room, or is this one's twin
                os.link(folder / name, held / name)
        os.utime(held / name)  # used last now, under both names

    def lower(rows: Sequence[TokenizedRow]) -> list[mx.array]:
        loaded: list[Any] = [mx.load(str(held / _name(row))) for row in rows]
        return [one["features"] for one in loaded]

    return lower


def evict(top: Path, limit: int) -> None:
    """Remove the least recently used files until at most `limit` bytes are left; what a kill left half done as well."""
    files = [(path.stat(), path) for path in top.rglob("*.safetensors")]
    size = sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda one: (one[0].st_mtime, one[1])):
        if size <= limit:
            return
        path.unlink(missing_ok=True)
        size -= stat.st_size


def _name(row: TokenizedRow) -> str:
    return hashlib.sha256(repr(row.tokens).encode()).hexdigest()[:32] + ".safetensors"


def _size(parts: SplitModel, rows: Sequence[TokenizedRow]) -> int:
    """Bytes of the features of all rows, from the shape that one token's have; nothing is computed."""
    one = parts.lower(mx.array([[rows[0].tokens[0]]]))
    return one.nbytes * sum(len(row.tokens) - 1 for row in {_name(row): row for row in rows}.values())


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"
