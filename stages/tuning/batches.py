"""Batches of rows of like length: drawn anew for each epoch from its own generator, every row once an epoch.

The generator of an epoch depends on the seed and the epoch alone. So a training that goes on after a kill needs no
state of a generator, and how often is validated changes nothing.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import mlx.core as mx
import numpy as np

from stages.student.rows import TokenizedRow

PAD = 8  # lengths are padded to a multiple, so that a compiled step is built for few shapes
Lower = Callable[[Sequence[TokenizedRow]], list[mx.array]]  # rows to their features, without the last token


class Batch(NamedTuple):
    """Features (rows, length, ...), then for each trained token its line, its column, itself, and 1 (0: padding)."""

    features: mx.array
    lines: mx.array
    columns: mx.array
    targets: mx.array
    weights: mx.array

    @property
    def trained_tokens(self) -> int:
        return int(self.weights.sum())


def padded(length: int) -> int:
    return -(-length // PAD) * PAD


def in_order(rows: Sequence[TokenizedRow], size: int) -> list[list[int]]:
    """Places of all rows by length, for validation."""
    order = sorted(range(len(rows)), key=lambda place: (len(rows[place].tokens), place))
    return [order[first : first + size] for first in range(0, len(order), size)]


def epoch(rows: Sequence[TokenizedRow], size: int, seed: int, number: int) -> list[list[int]]:
    """Places of all rows in the batches of one epoch; those that are padded to one length meet at random."""
    generator = np.random.default_rng([seed, number])
    drawn = generator.permutation(len(rows)).tolist()
    drawn.sort(key=lambda place: padded(len(rows[place].tokens) - 1))
    cut = [drawn[first : first + size] for first in range(0, len(drawn), size)]
    return [cut[place] for place in generator.permutation(len(cut))]


def make_batch(rows: Sequence[TokenizedRow], lower: Lower) -> Batch:
    """One batch of the rows, all of their trained tokens in it."""
    features = lower(rows)
    length = padded(max(len(one) for one in features))
    stacked = mx.stack([mx.pad(one, [(0, length - len(one))] + [(0, 0)] * (one.ndim - 1)) for one in features])
    trained = [
        (line, place - 1, row.tokens[place], 1)  # the token at `place` is predicted from the one before
        for line, row in enumerate(rows)
        for place in range(row.start, len(row.tokens))
    ]
    trained += [(0, 0, 0, 0)] * (-len(trained) % PAD)
    return Batch(stacked, *(mx.array(column) for column in zip(*trained, strict=True)))
