"""stages.chains.rules: six levels, falling in words, with one answer; a fault names problem and level."""

import pytest

from stages.chains.rules import by_problem, count_words, falls
from stages.study.errors import StudyError
from stages.study.records import Chain, Level


def six(problem: str = "p1", counts: tuple[int, ...] = (24, 20, 16, 12, 8, 8), answer: str = "1") -> list[Chain]:
    return [chain(problem, level, words, answer) for level, words in zip(Level, counts, strict=True)]


def chain(problem: str, level: str, words: int, answer: str = "1") -> Chain:
    text = " ".join(["so"] * (words - 2)) + f"\nAnswer: {answer}"
    return Chain(problem_id=problem, level=level, text=text, words=words, answer=answer)


def but(level: str, words: int, answer: str = "1") -> list[Chain]:
    return [chain("p1", level, words, answer) if one.level == level else one for one in six()]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], True),
        ([5], True),
        ([3, 2, 1], True),
        ([11, 11], True),  # both under 12 words
        ([12, 12], False),
        ([13, 12], True),
        ([12, 11, 11, 11], True),
        ([8, 9], False),
        ([5, 5, 6], False),
        ([20, 20], False),
    ],
)
def test_words_fall(counts, expected):
    assert falls(counts) == expected


@pytest.mark.parametrize(("text", "words"), [("", 0), ("a", 1), (" a\n\tb  c ", 3), ("x^2 = 4", 3)])
def test_words_are_runs_without_white_space(text, words):
    assert count_words(text) == words


def test_chains_by_problem_and_level():
    found = by_problem([*reversed(six()), *six("p2", answer="7")], {"p1": 1, "p2": 1, "p3": 1}, "x")
    assert found == {
        "p1": {one.level: one for one in six()},
        "p2": {one.level: one for one in six("p2", answer="7")},
    }


@pytest.mark.parametrize(
    ("chains", "level", "message"),
    [
        ([one for one in six() if one.level != "R4"], "R4", "missing; all six levels"),
        ([*six(), six()[2]], "R3", "stands there twice"),
        (but("R3", 20), "R3", "20 words, not fewer than the 20 of R2"),
        (but("R2", 30), "R2", "30 words, not fewer than the 24 of R1"),
        (but("R6", 9), "R6", "9 words, not fewer than the 8 of R5"),
        (but("R5", 12), "R5", "12 words, not fewer than the 12 of R4"),
        (but("R5", 8, "2"), "R5", "answer '2', but '1' at R4"),
        (but("R1", 24, "2"), "R2", "answer '1', but '2' at R1"),
        (six("p9"), "R1", "no usable problem of this id; run `dvc repro compress`"),
    ],
)
def test_a_broken_rule_names_problem_and_level(chains, level, message):
    with pytest.raises(StudyError, match=rf"data/chains.jsonl: {chains[0].problem_id} {level}: .*{message}"):
        by_problem(chains, {"p1": 1}, "data/chains.jsonl")
