"""A third reader's transcript against the drafts of a question."""

import doctest
from dataclasses import dataclass

import pytest

from stages.exams import characters, third
from stages.exams.outline import ReadLine
from stages.exams.third import AGREED, CONTRADICTED, contradictions, drafts, merged
from stages.study.records import Problem
from tests.teacher.scripted import problem


@pytest.mark.parametrize("module", [characters, third])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "readings", "against"),
    [
        ("Find 16 of x.", ["Find 16 of x.", "Find 16 of x."], []),
        ("Find 16 of x.", ["Find 18 of x.", "Find 16 of x."], []),  # one reader saw it, too
        ("Find 16 of x.", ["Find 18 of x.", "Find 18 of x."], ["16", "18"]),
        ("Find 16 of x.", ["Find 16 of x, 3 of y.", "Find 16 of x, 3 of y."], ["3"]),
        ("a + b", ["a - b", "a - b"], ["+", "-"]),
        ("x² − 1 ≤ 7", ["x^2 - 1 ≤ 7", "x2 - 1 < 7"], []),
        ("x^2 - 1 <= 7", ["x^2 - 1 ≤ 7"], []),
        ("21", ["12"], ["12", "21"]),
        ("3 + 3", ["3 + 3", "3 + 3 + 3"], []),
        ("3", ["3 + 3"], ["+", "3"]),
    ],
)
def test_contradictions(seen: str, readings: list[str], against: list[str]) -> None:
    assert contradictions(seen, readings) == against


def test_drafts_are_the_statement_and_the_second_readers_text() -> None:
    first = ReadLine(box=(0, 0, 1, 1), text="Find x2", weight=7, confidence=1.0, second="Find x^2")
    second = ReadLine(box=(0, 1, 1, 2), text="now.", weight=0, confidence=1.0)
    assert drafts([first, second], "Find x2 now.") == ["Find x2 now.", "Find x^2 now."]
    assert drafts([second], "Now.") == ["Now."]


@dataclass(frozen=True)
class Seen:
    statement: str = ""
    needs_figure: bool = False
    unreadable: bool = False
    failure: str = ""


def read(confidence: float = 0.5) -> Problem:
    whole = problem(1)
    reading = whole.reading.model_copy(update={"confidence": confidence, "engine": "rapidocr", "doubts": ["no end"]})
    return whole.model_copy(update={"statement": "Find x2 + 16", "reading": reading})


def test_a_transcript_that_agrees_is_taken() -> None:
    found, figure = merged(read(), Seen("Find x² + 16 .", needs_figure=True), ["Find x2 + 16"] * 2)
    assert (found.statement, figure) == ("Find x^2 + 16.", True)
    assert (found.reading.engine, found.reading.confidence, found.reading.doubts) == ("rapidocr+reader", AGREED, [])
    assert merged(read(0.99), Seen("Find x^2 + 16."), ["Find x2 + 16"])[0].reading.confidence == 0.99


@pytest.mark.parametrize(
    ("seen", "doubt"),
    [(Seen("Find x^2 + 18."), "contradicts: 16 18"), (Seen(unreadable=True), "cannot read it")],
)
def test_a_transcript_that_contradicts_makes_the_reading_doubtful(seen: Seen, doubt: str) -> None:
    found, figure = merged(read(0.97), seen, ["Find x2 + 16", "Find x2 + 16"])
    assert (found.statement, figure) == ("Find x2 + 16", None)
    assert (found.reading.engine, found.reading.confidence) == ("rapidocr", CONTRADICTED)
    assert found.reading.doubts[0] == "no end"
    assert doubt in found.reading.doubts[1]


def test_no_transcript_changes_nothing_but_says_so() -> None:
    found, figure = merged(read(0.97), Seen(failure="refused"), ["Find x2 + 16"])
    assert (found.statement, found.reading.confidence, figure) == ("Find x2 + 16", 0.97, None)
    assert found.reading.doubts == ["no end", "no third reading: refused"]
