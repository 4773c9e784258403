"""The student sits an exam: it is asked, its answers are judged by functions handed in, and the marks are counted."""

from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, NamedTuple

from stages.student.generation import Asked, respond
from stages.study.params import Generate, Machine
from stages.questions.prompt import student_messages
from stages.study.records import Prediction, Verdict
from stages.study.statistics import wilson


class Question(NamedTuple):
    """What is asked, the true answer, and where the question belongs."""

    id: str
    statement: str
    answer: str
    split: Literal["train", "valid", "test", "benchmark"]


def sit(
    questions: list[Question],
    adapter: Path | None,
    generate: Generate,
    machine: Machine,
    *,
    extract: Callable[..., Any],
    compare: Callable[[str, str], Any],
) -> list[Prediction]:
    """Ask all questions, those of a split apart. `extract` and `compare` are those of `stages.answers`.

    A response that is cut off or holds no answer is wrong, not undecided: nothing was said that could be compared.
    """
    asked = [Asked(question.split, student_messages(question.statement)) for question in questions]
    predictions = []
    for question, said in zip(questions, respond(asked, adapter, generate, machine), strict=True):
        found = extract(said.text, truncated=said.finish_reason == "length")
        verdict: Verdict
        if said.finish_reason == "length":  # whatever it holds: one budget, and it was not met
            verdict, why = "no", "cut off at the token budget"
        elif found.answer is None:
            verdict, why = "no", "no answer"
        else:
            judged = compare(question.answer, found.answer)
            verdict, why = judged.verdict, judged.reason
        predictions.append(
            Prediction(
                problem_id=question.id,
                response=said.text,
                answer=found.answer,
                tier=str(found.tier),
                verdict=verdict,
                why=why,
                finish_reason=said.finish_reason,
                tokens=said.tokens,
                words=len(said.text.split()),
                split=question.split,
            )
        )
    return predictions


def marks(predictions: Iterable[Prediction]) -> dict[str, Any]:
    """Accuracy with n, correct and its 95 % Wilson interval; of nothing, only n = 0."""
    found = list(predictions)
    if not found:
        return {"n": 0}
    correct = sum(one.correct for one in found)
    low, high = wilson(correct, len(found))
    return {
        "n": len(found),
        "correct": correct,
        "accuracy": round(correct / len(found), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def by(predictions: Iterable[Prediction], key: Callable[[Prediction], str]) -> dict[str, Any]:
    """Marks of the groups that `key` names, in order of their names."""
    groups: dict[str, list[Prediction]] = {}
    for one in predictions:
        groups.setdefault(key(one), []).append(one)
    return {name: marks(groups[name]) for name in sorted(groups)}


def counts(predictions: list[Prediction]) -> dict[str, Any]:
    """How long the responses are, and how many are cut off, without an answer, or beyond the checker."""
    if not predictions:
        return {}
    return {
        "mean_words": round(fmean(one.words for one in predictions), 2),
        "mean_tokens": round(fmean(one.tokens for one in predictions), 2),
        "truncated": sum(one.finish_reason == "length" for one in predictions),
        "blank": sum(one.answer is None for one in predictions),
        "undecided": sum(one.verdict == "undecided" for one in predictions),
    }
