"""Responses to grades: each joined with the question it answers, and judged. What was not asked is an error."""

from collections.abc import Sequence
from pathlib import Path

from stages.grading.judge import judge
from stages.questions.exam import Question
from stages.study.errors import StudyError
from stages.study.records import Grade, Response


def grade(question: Question, response: Response) -> Grade:
    """The judge's verdict on the response to a question."""
    judged = judge(question.key, response.text, response.finish_reason)
    return Grade(
        source=question.source,
        problem_id=question.problem_id,
        answer=judged.answer,
        tier=judged.tier,
        verdict=judged.verdict,
        why=judged.why,
        finish_reason=response.finish_reason,
        tokens=response.tokens,
        words=response.words,
        split=question.split,
        fold=question.fold,
        student=response.student,
    )


def grade_run(run: str, questions: Sequence[Question], responses: Sequence[Response], path: Path) -> list[Grade]:
    """The grades of a run's responses, in the order of the questions.

    Raises StudyError, naming `path` and problem, where a response is missing, stands there twice, was not asked for, or
    is another run's: nothing leaves a denominator unnoticed.
    """
    again = f"run `dvc repro generate@{run}`"
    found: dict[tuple[str, str], Response] = {}
    for response in responses:
        if response.student.run != run:
            raise StudyError(f"{path}: {response.problem_id}: a response of {response.student.run}, not {run}; {again}")
        if found.setdefault((response.source, response.problem_id), response) is not response:
            raise StudyError(f"{path}: {response.problem_id}: answered twice; {again}")
    asked = {(question.source, question.problem_id) for question in questions}
    if missing := sorted(asked - found.keys()):
        raise StudyError(
            f"{path}: {run}: {len(missing)} of {len(asked)} responses missing, {missing[0][1]} first; {again}"
        )
    if beyond := sorted(found.keys() - asked):
        raise StudyError(f"{path}: {run}: {beyond[0][1]} of {beyond[0][0]} was not asked; {again}")
    if len({response.student for response in responses}) > 1:
        raise StudyError(f"{path}: {run}: responses of several students, adapters, prompts or budgets; {again}")
    return [grade(question, found[question.source, question.problem_id]) for question in questions]
