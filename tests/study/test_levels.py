"""stages.study.levels: the names of what runs are trained on, and none besides."""

import pytest

from stages.study.levels import UNMIXED, parts


@pytest.mark.parametrize("name", UNMIXED)
def test_an_unmixed_level_is_made_of_itself(name):
    assert parts(name) == {name: 1}


def test_what_is_unmixed():
    assert [*UNMIXED] == [
        "R1",
        "R2",
        "R3",
        "R4",
        "R5",
        "R6",
        "answer",
        "cut-R2",
        "cut-R3",
        "cut-R4",
        "cut-R5",
        "cut-R6",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("R1+R4", {"R1": 1, "R4": 1}),
        ("2R1+R4", {"R1": 2, "R4": 1}),
        ("R1+12R4", {"R1": 1, "R4": 12}),
        ("1R1+1R4", {"R1": 1, "R4": 1}),
        ("R6+answer+3cut-R4", {"R6": 1, "answer": 1, "cut-R4": 3}),
    ],
)
def test_a_mix_in_parts(name, expected):
    assert parts(name) == expected
    assert list(parts(name)) == list(expected)


@pytest.mark.parametrize(
    "name",
    [
        *("", "R0", "R7", "r1", "R1 ", "R1\n", "2R1", "cut-R1", "cut-R7", "cut", "answers", "R1+", "+R1", "R1+R1"),
        *("R1+2R1", "0R1+R4", "R1+0R4", "-1R1+R4", "1.5R1+R4", "100R1+R4", "2 R1+R4", "R1 + R4", "R1,R4", "R1+R7"),
        *("../R1+R4", "٢R1+R4"),
    ],
)
def test_anything_else_is_refused(name):
    with pytest.raises(
        ValueError, match=r"one of R1, R2, .*, cut-R6, or several of them in parts, as R1\+R4 or 2R1\+R4"
    ):
        parts(name)
