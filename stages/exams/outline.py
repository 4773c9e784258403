"""What one page says about itself: heading, question labels, lines, key. `analyse_page(page, ...)` is the door."""

import re
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from stages.exams.answer_lists import listed_answers, placed_answers
from stages.exams.columns import find_columns
from stages.exams.dispute import Dispute
from stages.exams.items import Line
from stages.exams.keys import KeyEntry, average, find_key
from stages.exams.labels import QuestionLabel, find_labels
from stages.exams.linear import Read, write
from stages.exams.lines import find_lines, page_lines
from stages.exams.shapes import Box, Page, around

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
TITLE = re.compile(
    r"\b(test|exam|examination|event|round|competition|contest|tournament|answers?|solutions?|questions|individual"
    r"|team|key)\b",
    re.I,
)
QUESTIONS = re.compile(r"\b(questions|problems|tests?|exams?) (and|with|&)\b", re.I)
REMAINDER = 25  # lines of a page without a number or title that may be the rest of the page before
DIRT = 0.3  # em: what is smaller may be dirt beside a title
SHORT = 14  # glyphs beside the numbers of a list of answers, in most of its lines
ANSWERS = re.compile(r"\b(answers|answer (key|sheet|list)|key|solutions?)\b|\banswer\W*$", re.I | re.M)


class ReadLine(BaseModel):
    """A line as read, its label left out; `weight` is the characters that `confidence` (0..1) was measured on.

    `dispute` is what the second reader says against the text and `second` the text with what it reads instead (None:
    it was not asked), `lowest` the confidence of the line's worst-read character.
    """

    model_config = ConfigDict(frozen=True)

    box: tuple[float, float, float, float]
    text: str
    weight: int
    confidence: float
    lowest: float = 1.0
    strips: tuple[int, int] = Field(default=(0, 0), description="first and last + 1 of the strips it was read from")
    dispute: Dispute | None = None
    second: str | None = None
    stacked: bool = Field(default=False, description="whether the line holds fractions, roots, matrices or scripts")


class PageAnalysis(BaseModel):
    """What a page says about itself. `key` is empty on all but answer sheets; `failure` says why nothing is known."""

    page: int
    file: str = ""
    engine: str = ""
    failure: str = ""
    size: tuple[int, int] = (0, 0)
    em: float = 0.0
    heading: str = ""
    labels: list[QuestionLabel] = []
    lines: list[ReadLine] = []
    key: list[KeyEntry] = []
    figures: list[tuple[int, int, int, int]] = []
    columns: list[tuple[int, int, int, int]] = []
    unsure: bool = Field(default=False, description="whether only the file's name can tell if `key` is one")


def analyse_page(page: Page, read: Read, read_line: Callable[[Line, int], ReadLine]) -> PageAnalysis:
    """Heading, question labels, lines and key of one page; a title's lines are read as heading only."""
    height, width = page.image.shape
    found = PageAnalysis(page=page.number, engine=page.engine, size=(width, height), em=page.em)
    found.key = find_key(page, read)
    columns = [Box(0, 0, width, height)] if found.key else find_columns(page)
    lines, figures = page_lines(page, columns)
    if not lines:
        return found
    found.figures = [figure.whole() for figure in figures]
    found.columns = [column.whole() for column in columns]
    if not any(entry.text for entry in found.key):
        found.labels = find_labels(lines, columns, page.em, read)
        if found.key and not _is_short(lines, found.labels):  # rules beside questions, to be filled in
            found.key = []
        elif found.key:
            found.labels = []
    first = min((label.line for label in found.labels), default=len(lines))
    top = lines[:first]
    if len(columns) > 1 or not found.labels:  # a title may stand over a column's edge, or close to a table
        end = lines[first].box.y0 if found.labels else height
        top = [line for line in find_lines(page.glyphs, page.bars, page.em) if line.box.y1 <= end]
    found.heading = _heading(page, top[:8], read)
    told = speaks_of_answers(found.heading)
    if not found.key and (told or _is_short(lines, found.labels)):
        found.key = placed_answers(page, read)
        if told and not found.key and not found.labels:
            across = page_lines(page, [Box(0, 0, width, height)])[0]
            written = [write(line.items, page.em, read) for line in across]
            trust = average([told for _, notes in written for told in notes])
            found.key = listed_answers([text for text, _ in written], (0, 0, width, height), trust)
        found.unsure = bool(found.key) and not told
        found.labels = [] if found.key and told else found.labels
    taken = {label.line: label.taken for label in found.labels}
    if found.labels or not (found.key or found.heading or len(lines) > REMAINDER):
        start = first - 3 if found.heading else 0  # what stands over the first label may belong to the page before
        found.lines = [
            read_line(line, taken.get(place, 0)) if place >= start else unread(line) for place, line in enumerate(lines)
        ]
    return found


def _is_short(lines: list[Line], labels: list[QuestionLabel]) -> bool:
    """Whether the lines with a number (all, where none has one) are as short as those of a list of answers."""
    numbered = [len(lines[label.line].items) - label.taken for label in labels]
    counts = sorted(numbered or [len(line.items) for line in lines])
    return len(counts) > 3 and counts[len(counts) // 2] < SHORT


def speaks_of_answers(title: str) -> bool:
    """Whether a heading or a file's name speaks of answers, and not of questions with their answers."""
    title = title.replace("_", " ").removesuffix(".pdf")
    return bool(ANSWERS.search(title)) and not QUESTIONS.search(title)


def unread(line: Line) -> ReadLine:
    """A line that need not be read, such as a title."""
    box = line.box
    return ReadLine(box=(box.x0, box.y0, box.x1, box.y1), text="", weight=0, confidence=1.0)


def _heading(page: Page, lines: list[Line], read: Read) -> str:
    """The centred lines at the top of a page that name a year or speak of a test; empty where there are none."""
    texts = []
    for line in lines:
        large = [item.box for item in line.items if item.box.height > DIRT * page.em]
        box = around(large) if large else line.box
        centred = abs(box.cx - page.image.shape[1] / 2) < 0.08 * page.image.shape[1]
        if box.y0 < 0.35 * page.image.shape[0] and centred and box.width < 0.65 * page.image.shape[1]:
            texts.append(write(line.items, page.em, read)[0])
    return "\n".join(texts) if any(YEAR.search(text) or TITLE.search(text) for text in texts) else ""
