"""Batches of an epoch: every row once, drawn by the seed."""

from itertools import pairwise

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.student.rows import TokenizedRow
from stages.tuning.batches import PAD, epoch, in_order, make_batch, padded
from tests.tuning.counting import rows

assert tiny


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 30), size=st.integers(1, 7), seed=st.integers(0, 3), number=st.integers(0, 3))
def test_an_epoch_holds_every_row_once_with_rows_of_like_length_together(n, size, seed, number):
    some = rows(n)
    cut = epoch(some, size, seed, number)
    assert sorted(place for batch in cut for place in batch) == list(range(n))
    assert len(cut) == -(-n // size)
    assert sorted(map(len, cut))[1:] == [size] * (len(cut) - 1)
    assert cut == epoch(some, size, seed, number)
    lengths = sorted([padded(len(some[place].tokens) - 1) for place in batch] for batch in cut)
    for shorter, longer in pairwise(lengths):
        assert max(shorter) <= min(longer) or shorter == longer
    order = in_order(some, size)
    assert [place for batch in order for place in batch] == sorted(range(n), key=lambda i: (len(some[i].tokens), i))


def test_epochs_and_seeds_draw_other_batches():
    some = rows(30)
    drawn = [epoch(some, 2, seed, number) for seed, number in ((1, 0), (1, 1), (2, 0), (2, 1))]
    assert len({str(one) for one in drawn}) == 4
    company = [{frozenset(batch) for batch in one} for one in drawn]
    assert company[0] != company[1]


def test_a_batch_holds_the_features_and_what_is_trained():
    some = [TokenizedRow([5, 6, 7, 1], 2), TokenizedRow([8, 9, 10, 11, 12, 1], 3)]

    def lower(chosen):
        return [mx.array([[float(token)] for token in row.tokens[:-1]]) for row in chosen]

    batch = make_batch(some, lower)
    assert batch.features.shape == (2, PAD, 1)
    assert batch.features[1, :, 0].tolist() == [8, 9, 10, 11, 12, 0, 0, 0]
    assert batch.trained_tokens == 2 + 3
    trained = [
        (line, column, target)
        for line, column, target, weight in zip(*(np.array(one).tolist() for one in batch[1:]), strict=True)
        if weight
    ]
    assert trained == [(0, 1, 7), (0, 2, 1), (1, 2, 11), (1, 3, 12), (1, 4, 1)]
