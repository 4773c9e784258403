"""Figures against a transcription."""

import doctest

import pytest

from stages.exams import score as module
from stages.exams.score import Truth, normal, same_answer, score
from stages.study.records import Problem, Reading, Source


def test_examples() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Find X − 1.", "find x - 1", True),
        ("x² + 3x⁻¹", "x^2 + 3x^-1", True),
        ("(2)/(3)", "2/3", True),
        ("f (5) - log (3)", "f(5) - log(3)", True),
        ("³√7", "∛7", True),
        ("2aₙ₋₁", "2a_(n-1)", True),
        ("2aₙ₋₁", "2a_n-1", False),
        ("x <= sqrt(2)", "x ≤ √2", True),
        ("a*b", "a·b", True),
        ("'Yes'", '"Yes"', True),
        ("f(2)", "f2", False),
        ("(3, 4)", "3, 4", False),
        ("2/3x", "2/(3x)", False),
        ("16x^2", "16x2", False),
        ("0.5", ".5", False),
    ],
)
def test_normal(one: str, other: str, same: bool) -> None:
    assert (normal(one) == normal(other)) is same


def problem(number: str, statement: str, answer: str) -> Problem:
    return Problem(
        id=f"made-2031-fs-{number.zfill(2)}", corpus="made", year=2031, section="fs", number=number,
        statement=statement, answer=answer, source=Source(file="a.pdf", page=1, box=(0, 0, 1, 1)),
        reading=Reading(engine="text", confidence=1.0),
    )  # fmt: skip


def test_score() -> None:
    truth = [
        Truth(id=f"t{n}", year=2031, section="fs", number=n, statement=s, answer=a)
        for n, s, a in [
            ("1", "Add one.", "2"),
            ("2", "Add two.", "3"),
            ("4", "Add four.", "5"),
            ("T1", "Add ten.", "11"),
        ]
    ]
    found = [problem("1", "add one", "2"), problem("2", "Add too.", "3"), problem("3", "A figure.", ""),
             problem("T1", "Add ten.", "1"), problem("9", "No question.", "")]  # fmt: skip
    result = score(found, truth)
    assert result["recall"] == 0.75
    assert result["precision"] == 0.75  # 3 is a gap of the transcription, 9 is a false question
    assert result["statements_right"] == 0.5
    assert result["answers_right"] == 0.5
    assert result["both_right"] == 0.25
    assert result["missing"] == ["t4"]
    assert result["wrong_statements"] == ["made-2031-fs-02"]
    assert result["wrong_answers"] == ["made-2031-fs-T1"]


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [("0.47 or .47", "0.47", True), ("108,864", "108864", True), ("(1,234)", "(1234)", False), ("12", "21", False)],
)
def test_same_answer(found: str, wanted: str, same: bool) -> None:
    assert same_answer(found, wanted) is same
