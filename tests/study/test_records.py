"""stages.study.records and prompt: what fits, what is refused, what counts as correct."""

import pytest
from pydantic import ValidationError

from stages.questions.prompt import ANSWER_LINE, INSTRUCTION, student_messages
from stages.study.records import Assignment, Chain, Level, Prediction, Problem, Reading, Source

SOURCE = {"file": "a.pdf", "page": 1, "box": (0, 0, 10, 10)}
READING = {"engine": "text", "confidence": 1.0}
PROBLEM = {
    "id": "made-2021-fs-01",
    "corpus": "made",
    "year": 2021,
    "section": "fs",
    "number": "01",
    "statement": "Find 1 + 1",
    "answer": "2",
    "source": SOURCE,
    "reading": READING,
}
PREDICTION = {
    "problem_id": "p1",
    "response": "2",
    "answer": "2",
    "tier": "last-line",
    "verdict": "match",
    "finish_reason": "stop",
    "tokens": 1,
    "words": 1,
    "split": "test",
}
CHAIN = {"problem_id": "p1", "level": "R1", "text": "Answer: 2", "words": 2, "answer": "2"}
ASSIGNMENT = {"problem_id": "p1", "split": "test", "cluster": "p1", "has_chain": False}

FITTING = [(Problem, PROBLEM), (Prediction, PREDICTION), (Chain, CHAIN), (Assignment, ASSIGNMENT)]


@pytest.mark.parametrize(("model", "value"), FITTING)
def test_fits_and_comes_back(model, value):
    record = model.model_validate(value)
    assert model.model_validate_json(record.model_dump_json()) == record
    with pytest.raises(ValidationError, match="frozen"):
        setattr(record, next(iter(value)), "changed")
    with pytest.raises(ValidationError, match="Extra inputs"):
        model.model_validate({**value, "extra": 1})


@pytest.mark.parametrize(
    ("model", "value", "change"),
    [
        (Problem, PROBLEM, {"source": {**SOURCE, "page": 0}}),
        (Problem, PROBLEM, {"source": {**SOURCE, "box": (0, 0, 10)}}),
        (Problem, PROBLEM, {"reading": {**READING, "confidence": 1.5}}),
        (Problem, PROBLEM, {"year": "last"}),
        (Prediction, PREDICTION, {"verdict": "maybe"}),
        (Prediction, PREDICTION, {"finish_reason": None}),
        (Prediction, PREDICTION, {"tokens": -1}),
        (Prediction, PREDICTION, {"split": "dev"}),
        (Chain, CHAIN, {"level": "R0"}),
        (Chain, CHAIN, {"words": 0}),
        (Assignment, ASSIGNMENT, {"split": "benchmark"}),
    ],
)
def test_does_not_fit(model, value, change):
    with pytest.raises(ValidationError):
        model.model_validate({**value, **change})


@pytest.mark.parametrize(("verdict", "correct"), [("match", True), ("no", False), ("undecided", False)])
def test_only_a_match_is_correct(verdict, correct):
    assert Prediction.model_validate({**PREDICTION, "verdict": verdict}).correct == correct


def test_a_problem_is_usable_unless_told_otherwise():
    record = Problem.model_validate(PROBLEM)
    assert (record.usable, record.needs_figure, record.reason) == (True, False, "")
    assert (record.source, record.reading) == (Source(**SOURCE), Reading(**READING))


def test_levels_are_ordered_from_long_to_short():
    assert list(Level) == ["R1", "R2", "R3", "R4", "R5", "R6"]


def test_the_prompt_names_the_answer_line():
    messages = student_messages("Find {x} % of <b>")
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[1]["content"] == "Find {x} % of <b>"  # as it is, whatever it holds
    assert f"'{ANSWER_LINE}'" in INSTRUCTION
