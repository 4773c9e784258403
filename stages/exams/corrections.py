"""Decisions of a person about single questions, kept in `data/corrections/<corpus>.jsonl` under version control.

A decision belongs to a file and a place on one of its pages, in shares of the page's width and height: it holds at
every resolution, and for every later reading of the same page. The last decision about a place counts.
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, model_validator

from stages.study.files import read_records
from stages.study.records import Problem, StrictRecord

SAME = 0.5  # of two places' joint area that they share, from which they are one


class Correction(StrictRecord):
    """One decision. What is left out (None) stays as it was read; `statement` makes a question that was missed."""

    file: str
    page: int = Field(ge=1)
    place: tuple[float, float, float, float] = Field(
        description="left, top, right and bottom of the question, in shares of the page's width and height"
    )
    statement: str | None = None
    answer: str | None = None
    needs_figure: bool | None = None
    rejected: bool = Field(default=False, description="whether the problem is to be left out")
    accepted: bool = Field(default=False, description="whether the reading was found right as it was")
    added: str | None = Field(default=None, description="year, section and number of a question that was missed")
    before: dict[str, str] = Field(default={}, description="statement and answer as they were read")
    who: str = ""
    when: str = Field(default="", description="ISO 8601")
    note: str = Field(default="", description="why")

    @model_validator(mode="after")
    def _lies_on_the_page(self) -> "Correction":
        left, top, right, bottom = self.place
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("place: shares of the page are meant: 0 <= left < right <= 1, 0 <= top < bottom <= 1")
        return self


def read_corrections(path: Path) -> list[Correction]:
    """The decisions in the order they were made; none where there is no file."""
    return read_records(path, Correction) if path.exists() else []


def correction_of(problem: Problem, corrections: Iterable[Correction]) -> Correction | None:
    """The last decision about the problem's place; None where nobody decided."""
    place = problem.source.place
    found = None
    for correction in corrections:
        same = (correction.file, correction.page) == (problem.source.file, problem.source.page)
        if same and place and overlap(correction.place, place) >= SAME:
            found = correction
    return found


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The area that two boxes share, in shares of the smaller one's area."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(0.0, width) * max(0.0, height) / smaller if smaller > 0 else 0.0
