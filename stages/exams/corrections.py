"""Decisions of a person about single questions, kept in `data/corrections/<corpus>.jsonl` under version control.

A decision belongs to a file and a place on one of its pages, in shares of the page's width and height: it holds at
every resolution, and for every later reading of the same page. Lines are only ever added. The last one about a place
counts; it says all that was decided, so that a line can take any earlier one back.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import Field, model_validator
from rapidfuzz import fuzz

from stages.study.files import read_records
from stages.study.records import Problem, StrictRecord

Place = tuple[float, float, float, float]

SAME = 0.6  # of the area that two places cover together, from which on they are one; a question and half of it are not
ALIKE = 50  # of 100 (Levenshtein's ratio): what two readings of one question share; two questions have about 35
LEGIBLE = 12  # characters from which on a reading tells which question it is of


class Correction(StrictRecord):
    """One decision. What is left out (None) stays as it was read; `added` makes a question that was missed."""

    file: str
    page: int = Field(ge=1)
    place: Place = Field(
        description="left, top, right and bottom of the question, in shares of the page's width and height"
    )
    statement: str | None = None
    answer: str | None = None
    needs_figure: bool | None = None
    rejected: bool = Field(default=False, description="whether the problem is to be left out")
    accepted: bool = Field(default=False, description="whether the reading was found right as it was")
    withdrawn: bool = Field(default=False, description="whether earlier decisions about this place are taken back")
    added: str | None = Field(
        default=None,
        pattern=r"^\d{4} \S+ (\d{1,2}|T\d)$",
        description="year, section and number of a question that was missed, such as `2031 fs 7`",
    )
    before: dict[str, str] = Field(default={}, description="statement and answer as they were read")
    who: str = ""
    when: str = Field(default="", description="ISO 8601")
    note: str = Field(default="", description="why")

    @model_validator(mode="after")
    def _can_be_meant(self) -> "Correction":
        left, top, right, bottom = self.place
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("place: shares of the page are meant: 0 <= left < right <= 1, 0 <= top < bottom <= 1")
        if self.added and not self.withdrawn and not self.statement:
            raise ValueError("statement: a question that is added needs one")
        return self


def read_corrections(path: Path) -> list[Correction]:
    """The decisions in the order they were made; none where there is no file."""
    return read_records(path, Correction) if path.exists() else []


def append_correction(path: Path, correction: Correction) -> None:
    """Add one line and see it on the disk. Processes that do so at once wait for each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = correction.model_dump(mode="json", exclude_defaults=True)
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0, os.SEEK_END)
        torn = False  # a line that was written by hand or cut off is not run into
        if file.tell():
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        file.write(b"\n" * torn + json.dumps(told, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def correction_of(problem: Problem, corrections: Iterable[Correction]) -> Correction | None:
    """The last decision about the problem; None where nobody decided, or the decision was taken back."""
    found = None
    for correction in corrections:
        if concerns(correction, problem) and reads_alike(correction, problem.statement):
            found = correction
    return None if found is None or found.withdrawn else found


def concerns(correction: Correction, problem: Problem) -> bool:
    """Whether the decision is about the problem's place, or about a question of its name that was added."""
    source = problem.source
    if (correction.file, correction.page) != (source.file, source.page) or source.place is None:
        return False
    if correction.added:  # drawn where another question's box may lie
        return correction.added == name_of(problem)
    return overlap(correction.place, source.place) >= SAME


def reads_alike(correction: Correction, statement: str) -> bool:
    """Whether what now stands at the place can be what was decided about: a file may have been replaced."""
    told = [text for text in (correction.before.get("statement"), correction.statement) if text]
    if len(statement) < LEGIBLE or not told:
        return True
    return any(len(text) < LEGIBLE or fuzz.ratio(text, statement) >= ALIKE for text in told)


def name_of(problem: Problem) -> str:
    """How `added` names a question."""
    return f"{problem.year} {problem.section} {problem.number}"


def additions(corrections: Sequence[Correction]) -> dict[str, Correction]:
    """The questions that a person added, by name, as the last decisions about them left them."""
    last = {c.added: c for c in corrections if c.added}
    return {name: correction for name, correction in last.items() if not correction.withdrawn}


def standing(corrections: Sequence[Correction]) -> list[Correction]:
    """The last decision about each place, and about each question that was added, in the order they were made."""
    kept: list[Correction] = []
    for correction in corrections:
        kept = [earlier for earlier in kept if not _same(earlier, correction)]
        kept.append(correction)
    return kept


def _same(one: Correction, other: Correction) -> bool:
    if one.added or other.added:
        return one.added == other.added
    return (one.file, one.page) == (other.file, other.page) and overlap(one.place, other.place) >= SAME


def stale(corrections: Sequence[Correction], problems: Sequence[Problem]) -> list[tuple[Correction, str]]:
    """Decisions that stand but take effect on no problem, each with the reason. `problems` are as they were read."""
    left = []
    for correction in standing(corrections):
        if correction.withdrawn:
            continue
        there = [problem for problem in problems if concerns(correction, problem)]
        if not there and correction.added in {name_of(problem) for problem in problems}:
            left.append((correction, "there is a question of that number elsewhere"))
        elif not there:
            left.append((correction, "no question stands there"))
        elif not any(reads_alike(correction, problem.statement) for problem in there):
            left.append((correction, "another question stands there"))
    return left


def overlap(one: Place, other: Place) -> float:
    """The area that two boxes share, in shares of the area that they cover together."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared
    return shared / both if both > 0 else 0.0
