"""Verdicts: match, no or undecided, each with a reason that a person understands."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """`verdict` is match, no or undecided; `policy` names the policy that decided, '' where none was needed."""

    verdict: str
    reason: str
    policy: str = ""


def match(reason: str, policy: str = "") -> Comparison:
    """Equal."""
    return Comparison("match", reason, policy)


def no(reason: str, policy: str = "") -> Comparison:
    """Not equal."""
    return Comparison("no", reason, policy)


def unsure(reason: str, policy: str = "") -> Comparison:
    """Neither is certain; a person or a verifier has to look."""
    return Comparison("undecided", reason, policy)


def together(results: Sequence[Comparison]) -> Comparison:
    """One no makes a no, one undecided makes undecided."""
    for wanted in ("no", "undecided"):
        for result in results:
            if result.verdict == wanted:
                return result
    return match("the same values")
