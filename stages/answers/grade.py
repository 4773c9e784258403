"""A response to its grade, for evaluation and for reinforcement learning."""

from collections.abc import Mapping, Sequence
from typing import Any

from stages.answers.compare import compare
from stages.answers.extract import extract
from stages.answers.policies import STANDARD, Policies
from stages.answers.verdicts import Comparison, no


def judge_response(
    response: str, key: str, truncated: bool = False, policies: Policies = STANDARD
) -> tuple[str | None, Comparison]:
    """The final answer of a response (None if it has none), and the verdict on it: `no` where there is none."""
    answer = extract(response, truncated).answer
    return answer, no("no answer found") if answer is None else compare(key, answer, policies)


def grade(
    response: str, key: str, undecided: float = 0.0, truncated: bool = False, policies: Policies = STANDARD
) -> float:
    """1.0 where a response's final answer is the key, 0.0 where it is not or there is none, `undecided` between."""
    _, comparison = judge_response(response, key, truncated, policies)
    return {"match": 1.0, "no": 0.0}.get(comparison.verdict, undecided)


def reward(completions: Sequence[str | Sequence[Mapping[str, Any]]], answer: Sequence[str], **_: object) -> list[float]:
    """`grade` of each completion by the dataset's column `answer`: pass it to trl's `GRPOTrainer(reward_funcs=reward)`.

    A completion is a text, or a list of messages of which the last one's `content` counts.
    """
    texts = [
        completion if isinstance(completion, str) else str(completion[-1]["content"]) for completion in completions
    ]
    return [grade(text, key) for text, key in zip(texts, answer, strict=True)]
