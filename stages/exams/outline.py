"""Where things stand in a file: titles, question numbers, keys.

`analyse_page(page, ...)` looks at one page on its own; `file_exams(pages, ...)` then reads a file from front to back:
which exam each page belongs to, and the most plausible increasing sequence of question numbers of each exam.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz

from stages.exams.dispute import Dispute
from stages.exams.items import Line
from stages.exams.keys import KeyEntry, find_key, listed_answers
from stages.exams.labels import QuestionLabel, find_labels, loose_label
from stages.exams.linear import Read, write
from stages.exams.lines import page_lines
from stages.exams.shapes import Page

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
TITLE = re.compile(
    r"\b(test|exam|examination|event|round|competition|contest|tournament|answers?|solutions?|questions|individual"
    r"|team|key)\b",
    re.I,
)
ANSWERS = re.compile(r"\b(answers?|key|solutions?)\b", re.I)
ANSWER_LIST = re.compile(r"\W*(answers?|answer key|key|solutions?)\W*(\d{1,2}[.):].*)?", re.I | re.S)
SOLUTION = re.compile(r"\W*(solution|answer|proof)\s*[.:]", re.I)
WORDS = {  # other ways to write the words of a section's name
    "fr": "freshman", "fresh": "freshman", "freshmen": "freshman", "frosh": "freshman", "freshmans": "freshman",
    "so": "sophomore", "soph": "sophomore", "sophomores": "sophomore", "jr": "junior", "juniors": "junior",
    "sr": "senior", "seniors": "senior", "2": "two", "3": "three", "4": "four", "5": "five", "people": "person",
    "persons": "person", "and": "", "s": "",
}  # fmt: skip
ALIKE = 90  # of 100: letters of a long name that must agree, as titles are read by a machine
COLUMN = 1.5  # em: labels of one page stand in one column, so far to its left and right


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


def analyse_page(page: Page, read: Read, read_line: Callable[[Line, int], ReadLine]) -> PageAnalysis:
    """Heading, question labels, lines and key of one page; lines above the first label are not read."""
    height, width = page.image.shape
    found = PageAnalysis(page=page.number, engine=page.engine, size=(width, height), em=page.em)
    lines, figures = page_lines(page)
    if not lines:
        return found
    found.figures = [figure.whole() for figure in figures]
    found.key = find_key(page, read)
    if not found.key:
        found.labels = find_labels(lines, page.em, read)
    first = min((label.line for label in found.labels), default=len(lines))
    found.heading = _heading(page, lines[: min(first, 8)], read)
    taken = {label.line: label.taken for label in found.labels}
    if found.labels:
        found.lines = [
            read_line(line, taken.get(place, 0)) if place >= first - 3 else unread(line)
            for place, line in enumerate(lines)
        ]
    elif not found.key and ANSWERS.search(found.heading):
        texts = [write(line.items, page.em, read)[0] for line in lines]
        found.key = listed_answers(texts, (0, 0, width, height))
    return found


def unread(line: Line) -> ReadLine:
    """A line that need not be read, such as a title."""
    box = line.box
    return ReadLine(box=(box.x0, box.y0, box.x1, box.y1), text="", weight=0, confidence=1.0)


def _heading(page: Page, lines: list[Line], read: Read) -> str:
    """The centred lines at the top of a page that name a year or speak of a test; empty where there are none."""
    texts = []
    for line in lines:
        box = line.box
        centred = abs(box.cx - page.image.shape[1] / 2) < 0.08 * page.image.shape[1]
        if box.y0 < 0.35 * page.image.shape[0] and centred and box.width < 0.65 * page.image.shape[1]:
            texts.append(write(line.items, page.em, read)[0])
    return "\n".join(texts) if any(YEAR.search(text) or TITLE.search(text) for text in texts) else ""


@dataclass
class Question:
    """A question's place in its file: its label, and the line it ends before (None: it ends with the page)."""

    page: int
    label: QuestionLabel
    end: int | None
    rest: str | None = None  # text of the label's line, where the label was found in it by a second search


@dataclass
class Exam:
    """One section's paper in one file: its questions and its key."""

    file: str
    code: str
    year: int | None
    questions: list[Question] = field(default_factory=list)
    key: dict[str, KeyEntry] = field(default_factory=dict)
    key_page: int | None = None
    pages: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def canonical(text: str) -> str:
    """The words of a title, separators and the usual abbreviations aside.

    >>> canonical("2031 Jr./Sr. Test") == canonical("2031 JUNIOR - SENIOR TEST")
    True
    """
    words = re.findall(r"[a-z]+|\d+", text.lower())
    return " ".join(filter(None, (WORDS.get(word, word) for word in words)))


def find_section(text: str, names: dict[str, str]) -> str | None:
    """The code of the section one of whose names (joined by `|`) occurs in `text`, with any separators."""
    title = canonical(text)
    for code, pattern in names.items():
        if any(re.search(rf"\b{re.escape(canonical(name))}\b", title) for name in pattern.split("|")):
            return code
    close = title.replace(" ", "")
    for code, pattern in names.items():
        for name in (canonical(name).replace(" ", "") for name in pattern.split("|")):
            if len(name) > 9 and fuzz.partial_ratio(name, close) >= ALIKE:
                return code
    return None


def file_exams(pages: Iterable[PageAnalysis], names: dict[str, str]) -> list[Exam]:
    """The exams of one file, pages in order. An untitled page belongs to the exam before it."""
    found: dict[str, Exam] = {}
    asked: dict[str, list[PageAnalysis]] = {}
    current: str | None = None
    for page in pages:
        if current is None and page.page == 1:
            current = find_section(page.file, names)
        if page.heading:
            named = find_section(page.heading, names)
            other = re.search(r"\bteam\b|\b(three|four|five|six) person\b", canonical(page.heading))
            # A heading that names none of our sections starts something else (a team round), unless the file says so.
            current = named or (None if other else find_section(page.file, names))
        if current is None:
            continue
        year = YEAR.search(page.file) or YEAR.search(page.heading)
        exam = found.setdefault(current, Exam(page.file, current, None))
        exam.year = exam.year or (int(year[0]) if year else None)
        exam.pages.append(page.page)
        filled = [entry for entry in page.key if entry.text]
        if len(filled) * 3 >= len(page.key) > 0:
            if not exam.key:
                exam.key_page = page.page
            # The second half of a key may stand on a page of its own.
            exam.key |= {e.number: e for e in page.key if e.number not in exam.key or not exam.key[e.number].text}
        if page.labels:
            asked.setdefault(current, []).append(page)
    for code, exam in found.items():
        exam.questions, exam.missing = number_sequence(asked.get(code, []), set(exam.key))
        if not exam.key and exam.questions:
            _take_inline_key(exam, asked[code])
    return list(found.values())


def number_sequence(pages: list[PageAnalysis], key: set[str] = frozenset()) -> tuple[list[Question], list[str]]:  # type: ignore[assignment]
    r"""The best increasing sequence of question numbers over an exam's pages, and the numbers that it leaves out.

    A dynamic programme (Viterbi's pass over an increasing chain): each label counts 1, each number left out costs 0.3,
    a label away from the column where its page's labels stand costs 0.5. Numbers left out are then searched again,
    with lower demands, between the two questions where they must stand; `key` tells how far the numbers go.
    """
    kept = _best_sequence(pages)
    whole = _search_again(pages, kept, key)
    spans = []
    for question, after in zip(whole, [*whole[1:], None], strict=False):
        question.end = _first_line(pages, after) if after and after.page == question.page else None
        spans.append(question)
    numbers = {q.label.number for q in whole}
    last = max((rank(n) for n in numbers if n.isdigit()), default=0)
    missing = [str(n) for n in range(1, last) if str(n) not in numbers and not _is_tie(n, numbers, key)]
    return spans, missing


def _is_tie(number: int, numbers: set[str], key: set[str]) -> bool:
    """Whether a number that is not there is that of a tiebreaker, which is called `T1` instead."""
    return any(n.startswith("T") for n in numbers) and str(number) not in key


def _best_sequence(pages: list[PageAnalysis]) -> list[Question]:
    labels = []
    for page in pages:
        column = sorted(label.x for label in page.labels)[len(page.labels) // 2]
        far = COLUMN * (page.em or 40)
        labels += [(page.page, label, 1.0 - 0.5 * (abs(label.x - column) > far)) for label in page.labels]
    best: list[tuple[float, int]] = []
    for place, (_, label, weight) in enumerate(labels):
        options = [(weight - 0.3 * (rank(label.number) - 1), -1)]
        for before in range(place):
            step = rank(label.number) - rank(labels[before][1].number)
            if step > 0:
                skipped = 0 if label.number.startswith("T") else step - 1
                options.append((best[before][0] + weight - 0.3 * skipped, before))
        best.append(max(options))
    if not best:
        return []
    place = max(range(len(best)), key=lambda place: best[place][0])
    kept = []
    while place >= 0:
        kept.append(Question(labels[place][0], labels[place][1], None))
        place = best[place][1]
    return kept[::-1]


def _search_again(pages: list[PageAnalysis], kept: list[Question], key: set[str]) -> list[Question]:
    """Add questions whose label was misread: their number is wanted, and a line starts with something like it."""
    whole = list(kept)
    numbers = {q.label.number for q in kept}
    digits = [int(n) for n in numbers | key if n.isdigit()]
    for number in range(1, max(digits, default=0) + 1):
        name = str(number)
        if name in numbers or not kept:
            continue
        before = [q for q in whole if rank(q.label.number) < number]
        after = [q for q in whole if rank(q.label.number) > number]
        low = (before[-1].page, before[-1].label.line) if before else (0, -1)
        high = (after[0].page, after[0].label.line) if after else (10**9, 0)
        again = _misread_label(pages, name, low, high)
        if again:
            whole = sorted([*whole, again], key=lambda q: (q.page, q.label.line))
    return whole


def _misread_label(
    pages: list[PageAnalysis], number: str, low: tuple[int, int], high: tuple[int, int]
) -> Question | None:
    for page in pages:
        column = sorted(label.x for label in page.labels)[len(page.labels) // 2]
        known = {label.line: label for label in page.labels}
        for place, line in enumerate(page.lines):
            if not low < (page.page, place) < high or abs(line.box[0] - column) > COLUMN * page.em:
                continue
            text = line.text if place not in known else f"{known[place].text} {line.text}"
            rest = loose_label(text, number)
            if rest is not None:
                label = QuestionLabel(number=number, line=place, taken=0, x=line.box[0], text=number)
                return Question(page.page, label, None, rest)
    return None


def _first_line(pages: list[PageAnalysis], question: Question) -> int:
    """The first line of a question: rows that rise above its label's line (numerators, matrices) belong to it."""
    page = next(page for page in pages if page.page == question.page)
    first = question.label.line
    while first > 0:
        above, line = page.lines[first - 1], page.lines[first]
        gap = line.box[1] - above.box[3]
        before = above.box[1] - page.lines[first - 2].box[3] if first > 1 else page.em
        indented = above.box[0] > question.label.x + 2.5 * page.em
        if not (indented and gap < 0.15 * page.em and before > gap + 0.15 * page.em):
            break
        first -= 1
    return first


def first_line(page: PageAnalysis, question: Question) -> int:
    """Where a question starts on its page."""
    return _first_line([page], question)


def _take_inline_key(exam: Exam, pages: list[PageAnalysis]) -> None:
    """Answers listed after the last question, on the same page or on later ones."""
    last = exam.questions[-1]
    texts: list[str] = []
    for page in pages:
        labels = {label.line: label for label in page.labels}
        for place, line in enumerate(page.lines):
            if (page.page, place) <= (last.page, last.label.line):
                continue
            label = labels.get(place)
            text = f"{label.text} {line.text}" if label else line.text
            if not texts and not ANSWER_LIST.fullmatch(text):
                continue
            if not texts and page.page == last.page:
                last.end = place
            texts.append(text)
        if texts:
            entries = listed_answers(texts, (0, 0, *page.size))
            exam.key = {entry.number: entry for entry in entries}
            exam.key_page = page.page
            return


def is_solution(text: str) -> bool:
    """Whether a line starts a worked solution."""
    return SOLUTION.match(text) is not None


def rank(number: str) -> int:
    """Numbers in the order of a paper: 1, 2, ..., then the tiebreakers T1, T2, ..."""
    return 100 + int(number[1:]) if number.startswith("T") else int(number)
