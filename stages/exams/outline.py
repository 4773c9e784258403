"""Where things stand in a file: section titles, question numbers, answer rules.

`survey(page, ...)` looks at one page on its own; `sections(surveys, ...)` then reads a file from front to back: which
section each page belongs to, and the most plausible increasing chain of question numbers of each section.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from stages.exams.linear import Read, write
from stages.exams.lines import Item, Line, find_lines, page_lines, words
from stages.exams.shapes import Atom, Box, Page, around, crop, png

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
TITLE = re.compile(r"\b(test|exam|event|competition|contest|tournament|answers|questions|individual|key)\b", re.I)
LABEL = re.compile(
    r"\(?(?P<number>\d{1,2})[.):,](?:\(T(?P<second>\d)\))?|\(?T-?(?P<tie>\d)\)?[.:,)]?|tie-?breaker#?(?P<named>\d)[.:]?",
    re.I,
)
REACH = 3.2  # em: how far above its rule an answer may reach
RULES = 4  # an answer sheet has at least so many


@dataclass(frozen=True)
class Mark:
    """A question number at the margin: the line that starts with it, and how many of the line's items it takes."""

    number: str
    line: int
    taken: int
    x: float


@dataclass(frozen=True)
class Answer:
    """What stands above a numbered rule; empty on a blank sheet."""

    number: str
    text: str
    confidence: float
    image: bytes


@dataclass
class Survey:
    """What a page says about itself. `answers` is empty where it is no answer sheet."""

    file: str
    page: int
    engine: str
    heading: str = ""
    marks: list[Mark] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def survey(page: Page, read: Read) -> Survey:
    """Heading, question marks and answers of one page."""
    found = Survey(page.file, page.number, page.engine)
    lines = page_lines(page)
    if not lines:
        return found
    found.answers = find_answers(page, read)
    if not found.answers:
        found.marks = find_marks(page, lines, read)
    first = min((mark.line for mark in found.marks), default=len(lines))
    found.heading = _heading(page, lines[: min(first, 6)], read)
    return found


def _heading(page: Page, lines: list[Line], read: Read) -> str:
    """The centred lines at the top of a page that name a year or speak of a test; empty where there are none."""
    texts = []
    for line in lines:
        box = line.box
        centred = abs(box.cx - page.image.shape[1] / 2) < 0.08 * page.image.shape[1]
        if box.y0 < 0.35 * page.image.shape[0] and centred and box.width < 0.6 * page.image.shape[1]:
            texts.append(write(line.items, page.em, read)[0])
    return "\n".join(texts) if any(YEAR.search(text) or TITLE.search(text) for text in texts) else ""


def find_marks(page: Page, lines: list[Line], read: Read) -> list[Mark]:
    """Lines near the left margin that start with `n.`, `n. (T1)`, `T1.` or `Tiebreaker 1.`."""
    long = sorted(line.box.x0 for line in lines if len(line.items) > 4)
    if not long:
        return []
    margin = long[len(long) // 20]
    marks = []
    for place, line in enumerate(lines):
        if abs(line.box.x0 - margin) > 3 * page.em:
            continue
        number, taken = _starts_with(line, page.em, read)
        if number:
            marks.append(Mark(number, place, taken, line.box.x0))
    return marks


def _starts_with(line: Line, em: float, read: Read) -> tuple[str, int]:
    """The question number that a line starts with (empty: none) and how many items it takes."""
    number, taken, text, items = "", 0, "", []
    for word in _parted(words(line, em)[:3], em):
        items += word
        if around([item.box for item in items]).width > 7 * em:
            break
        # The digits of `1 1.` may stand apart, and `(T1)` or the number of a tiebreaker is a word of its own.
        text += _label(word, em, read)
        if parsed := parse_label(text):
            number, taken = parsed, len(items)
        elif not re.fullmatch(r"\(?\d|tie-?breaker", text, re.I):
            break
    return number, taken


def _parted(parts: list[list[Item]], em: float) -> list[list[Item]]:
    """The words, the first of them parted after its full stop: on a coarse scan `16. One` has no wide gap."""
    first = parts[0]
    for place, item in enumerate(first[1:4], 1):
        if max(item.box.width, item.box.height) < 0.24 * em and item.box.y0 > first[0].box.cy:
            after = first[place + 1 :]
            if after and after[0].box.x0 - item.box.x1 > 0.12 * em:
                return [first[: place + 1], after, *parts[1:]]
    return parts


def parse_label(text: str) -> str:
    """`7` from `7.`, `T1` from `9. (T1)`, `T1.` or `Tiebreaker 1.`; empty for anything else."""
    match = LABEL.fullmatch(text)
    if match is None:
        return ""
    tie = match["second"] or match["tie"] or match["named"]
    return f"T{tie}" if tie else match["number"].lstrip("0")


def _label(items: Iterable[Item], em: float, read: Read) -> str:
    """Text of a short label; its full stop is taken by its shape, so that `6.` is not read as `60`."""
    items = sorted(items, key=lambda item: item.box.x0)
    base = max(item.box.y1 for item in items)
    last = items[-1].box
    stop = len(items) > 1 and max(last.width, last.height) < 0.24 * em and base - last.y1 < 0.15 * em
    text = write(tuple(items[:-1] if stop else items), em, read)[0].replace(" ", "")
    return text.rstrip(".") + "." if stop else text


def find_answers(page: Page, read: Read) -> list[Answer]:
    """What stands above each numbered rule of an answer sheet; an empty list for a page that is not one."""
    em = page.em
    rules = []
    for rule in page.bars:
        if rule.width < 3 * em:
            continue
        beside = Box(rule.x0 - 4 * em, rule.y0 - 1.3 * em, rule.x0 + 0.1 * em, rule.y1 + 0.5 * em)
        label = [atom for atom in page.atoms if beside.holds(atom.box)]
        if label:
            text = _label([item for line in find_lines(label, [], em) for item in line.items], em, read)
            if number := parse_label(text if text.endswith(".") else text + "."):
                rules.append((number, rule))
    usual = sorted(rule.width for _, rule in rules)[len(rules) // 2] if rules else 0
    rules = [(number, rule) for number, rule in rules if 0.75 * usual < rule.width < 1.33 * usual]
    if len(rules) < RULES:
        return []
    return [_answer(page, number, rule, [other for _, other in rules], read) for number, rule in rules]


def _answer(page: Page, number: str, rule: Box, rules: list[Box], read: Read) -> Answer:
    em = page.em
    above = max((r.y1 for r in rules if r.y1 < rule.y0 - em and abs(r.x0 - rule.x0) < 3 * em), default=0.0)
    area = Box(rule.x0 - 0.2 * em, max(above + 0.3 * em, rule.y0 - REACH * em), rule.x1 + 0.2 * em, rule.y1 + 0.1 * em)
    atoms = [atom for atom in page.atoms if area.holds(atom.box)]
    # Answers are set larger than the notes beside them, and on many sheets larger than the rest of the page.
    wide = [atom for atom in atoms if atom.box.width > 0.4 * atom.box.height and atom.text != "√"]
    em = min(max([em, *(atom.size or atom.box.height / 0.66 for atom in wide)]), 2.2 * em)
    bars = [bar for bar in page.bars if area.holds(bar) and bar.width < 0.8 * rule.width]
    lines = _without_note(find_lines(atoms, bars, em), rule, em)
    image = png(crop(page, area))
    if not any(atom.box.height > 0.3 * em for line in lines for atom in _flat(line)):
        return Answer(number, "", 1.0, image)
    parts, trust = [], []
    for line in lines:
        text, notes = write(line.items, em, read)
        parts.append(text)
        trust += notes
    return Answer(number, " ".join(part for part in parts if part), average(trust), image)


def _flat(line: Line) -> list[Atom]:
    return [atom for item in line.items for atom in item.atoms()]


def _without_note(lines: list[Line], rule: Box, em: float) -> list[Line]:
    """Leave out small print at the right end of a rule ("Must be a reduced fraction")."""
    edge = right = rule.x1 + em
    for item in sorted((item for line in lines for item in line.items), key=lambda item: -item.box.x1):
        if right - item.box.x1 > 0.35 * em and right <= rule.x1:
            edge = right
        if item.box.height > 0.56 * em or item.box.x0 < rule.x0 + 0.45 * rule.width:
            break
        right = min(right, item.box.x0)
    kept = [Line(tuple(item for item in line.items if item.box.x0 < edge)) for line in lines]
    return [line for line in kept if line.items]


def average(trust: list[tuple[int, float]]) -> float:
    """Mean confidence over characters; 0 where nothing was read."""
    total = sum(count for count, _ in trust)
    return sum(count * value for count, value in trust) / total if total else 0.0


@dataclass
class Section:
    """One section of one file: its questions (page, mark, line after the last) and its answers."""

    file: str
    code: str
    year: int | None
    questions: list[tuple[int, Mark, int | None]] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    key_page: int | None = None


def find_section(text: str, names: dict[str, str]) -> str | None:
    """The code of the section whose words (joined by `|`, spaces standing for any gap) occur in `text`."""
    for code, pattern in names.items():
        for name in pattern.split("|"):
            spaced = r"[\s_-]*".join(re.escape(part) for part in re.split(r"[\s_-]+", name.strip()))
            if re.search(rf"(?<![a-z]){spaced}(?![a-z])", text.lower()):
                return code
    return None


def sections(surveys: Iterable[Survey], names: dict[str, str]) -> list[Section]:
    """The sections of one file, pages in order. An untitled page belongs to the section before it."""
    found: dict[str, Section] = {}
    pages: dict[str, list[Survey]] = {}
    current: str | None = None
    for page in surveys:
        if current is None and page.page == 1:
            current = find_section(page.file, names)
        if page.heading:
            named = find_section(page.heading, names)
            # A heading that names none of our sections starts something else (a team round), unless the file says so.
            current = named or find_section(page.file, names)
        if current is None:
            continue
        year = YEAR.search(page.file) or YEAR.search(page.heading)
        section = found.setdefault(current, Section(page.file, current, None))
        section.year = section.year or (int(year[0]) if year else None)
        filled = [answer for answer in page.answers if answer.text]
        if len(filled) * 3 >= len(page.answers) > 0 and not section.answers:
            section.answers = {answer.number: answer for answer in page.answers}
            section.key_page = page.page
        if page.marks:
            pages.setdefault(current, []).append(page)
    for code, section in found.items():
        section.questions = chain(pages.get(code, []))
    return list(found.values())


def chain(pages: list[Survey]) -> list[tuple[int, Mark, int | None]]:
    r"""The best increasing chain of question numbers over a section's pages, with the line each question ends before.

    A dynamic programme (Viterbi's pass over an increasing chain): each mark counts 1, each number left out costs 0.3, a
    mark away from the column where its page's marks stand costs 0.5.
    """
    marks = []
    for page in filter(lambda page: page.marks, pages):
        column = sorted(mark.x for mark in page.marks)[len(page.marks) // 2]
        marks += [(page.page, mark, 1.0 - 0.5 * (abs(mark.x - column) > 60)) for mark in page.marks]
    best: list[tuple[float, int]] = []
    for place, (_, mark, weight) in enumerate(marks):
        start = weight - 0.3 * (rank(mark.number) - 1)
        options = [(start, -1)]
        for before in range(place):
            step = rank(mark.number) - rank(marks[before][1].number)
            if step > 0:
                skipped = 0 if mark.number.startswith("T") else step - 1
                options.append((best[before][0] + weight - 0.3 * skipped, before))
        best.append(max(options))
    if not best:
        return []
    place = max(range(len(best)), key=lambda place: best[place][0])
    kept = []
    while place >= 0:
        kept.append(marks[place][:2])
        place = best[place][1]
    kept.reverse()
    spans: list[tuple[int, Mark, int | None]] = []
    for (page_number, mark), after in zip(kept, [*kept[1:], None], strict=True):
        spans.append((page_number, mark, after[1].line if after and after[0] == page_number else None))
    return spans


def rank(number: str) -> int:
    """Numbers in the order of a paper: 1, 2, ..., then the tiebreakers T1, T2, ..."""
    return 100 + int(number[1:]) if number.startswith("T") else int(number)
