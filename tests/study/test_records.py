"""stages.study.records and prompt: what fits, what is refused, what counts as correct."""

import pytest
from pydantic import ValidationError

from stages.questions.prompt import ANSWER_LINE, INSTRUCTION, student_messages
from stages.study import records
from stages.study.records import Assignment, Chain, Grade, Level, Problem, Reading, Response, Source, Student

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
STUDENT = {"run": "R1-r0", "base_digest": "b", "adapter_digest": "a", "prompt_digest": "p", "budget": 8}
STUDENT |= {"batch_size": 4, "temperature": 0.0, "engine": "mlx cpu float32"}
RESPONSE = {
    "source": "exams",
    "problem_id": "p1",
    "text": "So it is 2",
    "finish_reason": "stop",
    "tokens": 5,
    "words": 4,
    "student": STUDENT,
}
GRADE = {
    "source": "exams",
    "problem_id": "p1",
    "answer": "2",
    "tier": "line",
    "verdict": "match",
    "why": "equal",
    "finish_reason": "stop",
    "tokens": 5,
    "words": 4,
    "split": "test",
    "fold": 0,
    "student": STUDENT,
}
CHAIN = {"problem_id": "p1", "level": "R1", "text": "Answer: 2", "words": 2, "answer": "2"}
ASSIGNMENT = {"problem_id": "p1", "fold": 0, "split": "test", "cluster": "p1", "has_chain": False}

FITTING = [
    (Problem, PROBLEM),
    (Student, STUDENT),
    (Response, RESPONSE),
    (Grade, GRADE),
    (Chain, CHAIN),
    (Assignment, ASSIGNMENT),
]


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
        (Student, STUDENT, {"budget": 0}),
        (Response, RESPONSE, {"finish_reason": None}),
        (Response, RESPONSE, {"finish_reason": "error"}),
        (Response, RESPONSE, {"tokens": -1}),
        (Response, RESPONSE, {"tokens": 9}),
        (Response, RESPONSE, {"words": 3}),
        (Response, RESPONSE, {"words": 5}),
        (Response, RESPONSE, {"text": ""}),
        (Response, RESPONSE, {"student": None}),
        (Grade, GRADE, {"verdict": "maybe"}),
        (Grade, GRADE, {"split": "dev"}),
        (Grade, GRADE, {"tokens": -1}),
        (Grade, GRADE, {"words": -1}),
        (Grade, GRADE, {"finish_reason": "length"}),
        (Grade, GRADE, {"answer": None}),
        (Assignment, ASSIGNMENT, {"fold": -1}),
        (Chain, CHAIN, {"level": "R0"}),
        (Chain, CHAIN, {"words": 0}),
        (Chain, CHAIN, {"words": 3}),
        (Chain, CHAIN, {"text": "Answer: 22"}),
        (Chain, CHAIN, {"text": "Answer: 2 so"}),
        (Assignment, ASSIGNMENT, {"split": "benchmark"}),
    ],
)
def test_does_not_fit(model, value, change):
    with pytest.raises(ValidationError):
        model.model_validate({**value, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokens": 9}, "response of R1-r0 to p1: 9 tokens, over the budget of 8"),
        ({"words": 7}, "response of R1-r0 to p1: the text has 4 words, but 7 are recorded"),
    ],
)
def test_an_impossible_response_is_named(change, message):
    with pytest.raises(ValidationError, match=message):
        Response.model_validate(RESPONSE | change)
    assert Response.model_validate(RESPONSE | {"tokens": 8}).tokens == 8  # the budget itself is fine


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"finish_reason": "length"}, "R1-r0: p1: a cut off response cannot be a match"),
        ({"answer": None}, "R1-r0: p1: a blank response cannot be a match"),
        ({"finish_reason": "length", "answer": None}, "R1-r0: p1: a cut off response"),
    ],
)
def test_nothing_said_matches_nothing(change, message):
    with pytest.raises(ValidationError, match=message):
        Grade.model_validate(GRADE | change)
    for verdict in ("no", "undecided"):
        assert Grade.model_validate(GRADE | change | {"verdict": verdict}).verdict == verdict


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


def test_every_field_of_every_record_is_described():
    bare = [
        f"{name}.{field}"
        for name, record in vars(records).items()
        if isinstance(record, type) and issubclass(record, records.StrictRecord)
        for field, told in record.model_fields.items()
        if not told.description
    ]
    assert not bare
