"""A third reader's transcript of a question, held against the two readings of its ink.

The transcript takes the place of the statement, unless it contradicts the drafts: each numeral and operator that both
drafts hold must be in it, and one that neither holds must not. `Look` asks for transcripts; who answers is the
caller's affair. `merged` is the door.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from stages.exams.characters import on_the_line, plain
from stages.exams.outline import ReadLine
from stages.exams.questions import tidy
from stages.study.records import Problem

NUMERAL = re.compile(r"\d+")
OPERATORS = "+-=<>≤≥≠±"


class Transcript(Protocol):
    """What a third reader saw in a question's image; `failure` says why it saw nothing."""

    @property
    def statement(self) -> str: ...
    @property
    def needs_figure(self) -> bool: ...
    @property
    def unreadable(self) -> bool: ...
    @property
    def failure(self) -> str: ...


# From names and drafts of questions, and a function from a name to its image (PNG): what was seen, by name.
Look = Callable[[Sequence[tuple[str, str]], Callable[[str], bytes]], dict[str, Transcript]]


# Confidence in a transcript that no draft contradicts. Of simulated ones with an error in 5 of 100, 97 of 100 are right
# (`python -m tests.exams.simulated_reader`); what a real model is worth has not been measured.
AGREED = 0.95
CONTRADICTED = 0.3  # most confidence in a statement that the third reader contradicts or cannot read: always doubtful


def contradictions(seen: str, drafts: Sequence[str]) -> list[str]:
    """Numerals and operators that speak against a transcript: not seen though in all drafts, or seen in none of them.

    >>> contradictions("Find x^2 + 16.", ["Find x2 + 16.", "Find x^2 - 16."])
    []
    >>> contradictions("Find x^2 + 18.", ["Find x2 + 16.", "Find x^2 - 16."])
    ['16', '18']
    """
    own = _marks(seen)
    counts = [_marks(draft) for draft in drafts]
    least = {mark: min(count[mark] for count in counts) for count in counts for mark in count}
    most = {mark: max(count[mark] for count in counts) for count in counts for mark in count}
    unlike = {mark for mark in least.keys() | own.keys() if not least.get(mark, 0) <= own[mark] <= most.get(mark, 0)}
    return sorted(unlike)


def _marks(text: str) -> Counter[str]:
    text = plain(on_the_line(text))
    return Counter(NUMERAL.findall(text)) + Counter(sign for sign in text if sign in OPERATORS)


def drafts(lines: Sequence[ReadLine], statement: str) -> list[str]:
    """The readings that a transcript is held against: the statement, and the second reader's where there is one."""
    if all(line.second is None for line in lines):
        return [statement]
    return [statement, " ".join(line.text if line.second is None else line.second for line in lines)]


def merged(problem: Problem, seen: Transcript, readings: Sequence[str]) -> tuple[Problem, bool | None]:
    """The problem with what the third reader saw, and whether it needs a figure (None: nothing was seen)."""
    reading = problem.reading
    if seen.failure:
        return _doubted(problem, f"no third reading: {seen.failure}", reading.confidence), None
    if seen.unreadable:
        return _doubted(problem, "the third reader cannot read it", min(reading.confidence, CONTRADICTED)), None
    if against := contradictions(seen.statement, readings):
        told = f"the third reader contradicts: {' '.join(against)}"
        return _doubted(problem, told, min(reading.confidence, CONTRADICTED)), None
    update = {"engine": f"{reading.engine}+reader", "confidence": max(reading.confidence, AGREED), "doubts": []}
    told_now = {"statement": tidy(plain(on_the_line(seen.statement))), "reading": reading.model_copy(update=update)}
    return problem.model_copy(update=told_now), seen.needs_figure


def _doubted(problem: Problem, doubt: str, confidence: float) -> Problem:
    reading = problem.reading
    update = {"doubts": [*reading.doubts, doubt], "confidence": confidence}
    return problem.model_copy(update={"reading": reading.model_copy(update=update)})
