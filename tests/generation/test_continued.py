"""stages.generation.continued: where statements are cut, in which batches they are continued, what counts as alike."""

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages.generation import decoding
from stages.generation.continued import ROOM, Cut, continued, cut, likeness
from stages.student import base

LONG = "Ann has {0} red apples and buys twice as many green ones at the market. How many apples has she in all?"


def test_the_student_reads_the_beginning_as_it_stands_in_batches(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.make(base.BASE)
    asked = []
    answer_batch = decoding.answer_batch
    monkeypatch.setattr(decoding, "answer_batch", lambda *told: asked.append(told[2:]) or answer_batch(*told))
    cuts = cut({str(n): LONG.format("x" * n) for n in range(1, 6)})
    loaded = base.load()
    pairs = [*continued(cuts, loaded, 2)]
    assert sorted(one.name for one, _ in pairs) == [*"12345"]
    assert [len(batch) for batch, _ in asked] == [2, 2, 1]
    assert [loaded[1].decode(one) for batch, _ in asked for one in batch] == [one.begin for one in cuts[::-1]]
    assert {room for _, room in asked} == {len(loaded[1].encode(cuts[0].rest)) + ROOM}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("a b c d e f g h i j k l", ("a b c d e f g", "h i j k l")),
        ("a b  c d\ne f g h i j", None),  # four words would be left
        ("", None),
        ("a", None),
    ],
)
def test_where_a_statement_is_cut(statement, expected):
    assert cut({"x": statement}) == ([Cut("x", *expected)] if expected else [])


@pytest.mark.parametrize(
    ("rest", "said", "least", "most"),
    [
        ("how many are left", "How many\nare  left and more", 100, 100),
        ("how many are left", "how many were left", 80, 99),
        ("how many are left", "", 0, 0),
        ("how many are left", "Let us solve for x", 0, 60),
    ],
)
def test_likeness(rest, said, least, most):
    assert least <= likeness(rest, said) <= most
