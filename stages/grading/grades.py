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
        sample=response.sample,
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


def grade_run(
    run: str, questions: Sequence[Question], responses: Sequence[Response], path: Path, samples: int = 1
) -> list[Grade]:
    """The grades of a student's responses, `samples` to each question, in the order of the questions.

    Raises StudyError, naming `path` and problem, where a response is missing, stands there twice, was not asked for, or
    is another run's: nothing leaves a denominator unnoticed.
    """
    again = "run `dvc repro`, which has it answered anew"
    found: dict[tuple[str, str, int], Response] = {}
    for response in responses:
        if response.student.run != run:
            raise StudyError(f"{path}: {response.problem_id}: a response of {response.student.run}, not {run}; {again}")
        key = (response.source, response.problem_id, response.sample)
        if found.setdefault(key, response) is not response:
            raise StudyError(f"{path}: {response.problem_id}: answered twice; {again}")
    asked = {
        (question.source, question.problem_id, sample): question
        for question in questions
        for sample in range(1, samples + 1)
    }
    if missing := sorted(asked.keys() - found.keys()):
        raise StudyError(
            f"{path}: {run}: {len(missing)} of {len(asked)} responses missing, {missing[0][1]} first; {again}"
        )
    if beyond := sorted(found.keys() - asked.keys()):
        raise StudyError(f"{path}: {run}: {beyond[0][1]} of {beyond[0][0]} was not asked; {again}")
    if len({response.student for response in responses}) > 1:
        raise StudyError(f"{path}: {run}: responses of several students, adapters, prompts or budgets; {again}")
    return [grade(question, found[key]) for key, question in asked.items()]
