"""Students asked in another way: each fault planted in a variant's files ends in a StudyError that names it."""

from collections.abc import Callable

import pytest

from stages.report.inputs import load
from stages.study.errors import StudyError
from stages.study.records import Response
from tests.report.made_study import grade, student
from tests.report.test_inputs import another_student, rewrite


def with_budget(tokens: int) -> Callable[[list[Response]], list[Response]]:
    """Everything within this budget, as a student would have said it who had no more."""

    def change(said: list[Response]) -> list[Response]:
        who = said[0].student.model_copy(update={"budget": tokens})
        return [one.model_copy(update={"student": who, "tokens": min(one.tokens, tokens)}) for one in said]

    return change


def cut_off(said: list[Response]) -> list[Response]:
    return [one.model_copy(update={"finish_reason": "length"}) for one in said]


FAULTS = {
    "another temperature than the variant's": (
        lambda: another_student("R1-r0-sampled", temperature=0.5),
        r"R1-r0-sampled: made-\S+: temperature 0.5, but params.yaml says 0.7; .*generate-variant@R1-r0-sampled",
    ),
    "another batch size than the variant's": (
        lambda: another_student("R1-r0-batch", batch_size=64),
        r"R1-r0-batch: made-\S+: batch_size 64, but params.yaml says 16",
    ),
    "a usual budget where more is meant": (
        lambda: rewrite("base-long", with_budget(400)) or grade("base-long"),
        r"base-long: made-\S+: a budget of 400 tokens, but params.yaml gives it 800",
    ),
    "a variant of another run's adapter": (
        lambda: another_student("R1-r0-batch", adapter_digest=student("R1-r1").adapter_digest),
        r"R1-r0-batch: made-\S+: adapter_digest \w{12}, but metrics/training/R1-r0.json",
    ),
    "a baseline that was tuned": (
        lambda: another_student("base-shots", adapter_digest=student("R1-r0").adapter_digest),
        r"base-shots: made-\S+: answered with an adapter",
    ),
    "a drawn response that is missing": (
        lambda: rewrite("R1-r0-sampled", lambda said: said[:-1]),
        r"R1-r0-sampled: 1 of 200 responses missing",
    ),
    "a drawn response twice": (
        lambda: rewrite("R1-r0-sampled", lambda said: [*said, said[-1]]),
        r"R1-r0-sampled.jsonl: made-\S+: answered twice",
    ),
    "a variant's responses cut off after grading": (
        lambda: rewrite("base-shots", cut_off),
        r"data/grades/base-shots.jsonl: base-shots: made-\S+: .*; run `dvc repro evaluate-variant@base-shots`",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_lies_about_a_variant_is_named(study, name):
    fault, message = FAULTS[name]
    fault()
    with pytest.raises(StudyError, match=message):
        load(study)
