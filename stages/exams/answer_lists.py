"""Answer sheets without rules: a table or columns of numbers with answers beside them, or a list in running text.

`placed_answers` goes by where the numbers stand, `listed_answers` by the text alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stages.exams.items import Item, Line
from stages.exams.keys import RULES, KeyEntry, average
from stages.exams.labels import label_text, parse_label, rank
from stages.exams.linear import Read, write
from stages.exams.lines import find_lines, words
from stages.exams.shapes import Box, Page, around

COLUMN = 0.8  # em: how far the numbers of a column may stand off each other
UPRIGHT = 1.2  # em: a bar that is higher is the border of a cell
WIDE = 2.2  # em: bars of fractions of numbers, which may stand in a column, are shorter
BORDER = 7.0  # em: the bar of a fraction is shorter
LONGEST = 60  # characters of an answer in a list
GAPS = 0.7  # of the numbers up to the last one: at least so many must be there
LABEL = re.compile(r"\d{1,2}|T\d")


@dataclass(frozen=True)
class _Number:
    """A word that may be a question's number: its line, the line's items before and after it, and its right edge."""

    number: str
    line: int
    first: int
    end: int
    left: float
    right: float


def placed_answers(page: Page, read: Read) -> list[KeyEntry]:
    """What stands beside each number of a table or list whose numbers stand in columns; empty where there is none."""
    em = page.em
    glyphs = [glyph for glyph in page.glyphs if not (glyph.text == "|" and glyph.box.height > UPRIGHT * em)]
    lines = find_lines(glyphs, _without_borders(page.bars, em), em)
    numbers = [number for place, line in enumerate(lines) for number in _numbers(place, line, em, read)]
    columns: list[list[_Number]] = []
    for edge in ("left", "right"):
        for number in numbers:
            column = [n for n in numbers if abs(getattr(n, edge) - getattr(number, edge)) < COLUMN * em]
            columns.append(_run(column))
    chosen: dict[str, _Number] = {}
    taken: set[tuple[int, int]] = set()
    highest = 0
    for run in sorted(filter(None, columns), key=lambda run: (rank(run[0].number), -len(run), run[0].left)):
        new = not any(n.number in chosen or (n.line, n.first) in taken for n in run)
        if len(run) > 1 and new and (not run[0].number.isdigit() or int(run[0].number) <= highest + 1 + (len(run) > 2)):
            chosen |= {n.number: n for n in run}
            taken |= {(n.line, n.first) for n in run}
            highest = max([highest, *(int(n.number) for n in run if n.number.isdigit())])
    digits = [int(number) for number in chosen if number.isdigit()]
    if len(digits) < RULES or len(digits) < GAPS * max(digits):
        return []
    entries = [_entry(number, lines, chosen, em, read) for number in chosen.values()]
    return entries if all(len(entry.text) <= LONGEST for entry in entries) else []


def _without_borders(bars: Sequence[Box], em: float) -> list[Box]:
    """The bars that may be those of fractions: a table's are long, go on in another, or have others above."""

    def bordering(bar: Box) -> bool:
        near = [other for other in bars if other is not bar]
        joined = any(abs(o.cy - bar.cy) < 0.2 * em and bar.grown(0.2 * em).touches(o) for o in near)
        alike = sum(abs(o.x0 - bar.x0) < 0.2 * em and abs(o.x1 - bar.x1) < 0.2 * em for o in near)
        return joined or (alike > 1 and bar.width > WIDE * em)

    return [bar for bar in bars if bar.width < BORDER * em and not bordering(bar)]


def _numbers(place: int, line: Line, em: float, read: Read) -> list[_Number]:
    found = []
    first = 0
    for word in words(line, em):
        box = around([item.box for item in word])
        if len(word) < 6 and box.height < 1.3 * em and all(item.kind == "glyph" for item in word):
            text = label_text(word, em, read)
            number = parse_label(text) or (text if LABEL.fullmatch(text) else "")
            if number:
                found.append(_Number(number, place, first, first + len(word), box.x0, box.x1))
        first += len(word)
    return found


def _run(column: list[_Number]) -> list[_Number]:
    """The longest part of a column whose numbers rise by the same step, one line each; tiebreakers may follow."""
    best: list[_Number] = []
    plain = [n for n in column if n.number.isdigit()]
    for step in range(1, 6):
        for begin in plain:
            run = [begin]
            for number in plain:
                if number.line > run[-1].line and int(number.number) == int(run[-1].number) + step:
                    run.append(number)
            best = max(best, run, key=len)
    ties: list[_Number] = []
    for number in column:
        if number.number.startswith("T") and (not ties or number.number > ties[-1].number):
            ties.append(number)
    return best + ties


def _entry(number: _Number, lines: Sequence[Line], chosen: dict[str, _Number], em: float, read: Read) -> KeyEntry:
    """What stands between a number and the next one on its line."""
    line = lines[number.line]
    after = [n.first for n in chosen.values() if n.line == number.line and n.first > number.first]
    items: tuple[Item, ...] = line.items[number.end : min(after, default=len(line.items))]
    text, trust = write(items, em, read)
    box = around([item.box for item in line.items[number.first : number.end] + items]).grown(0.2 * em)
    return KeyEntry(
        number=number.number,
        text=text.strip(" ,;·|"),
        confidence=average(trust) if trust else 1.0,
        box=box.whole(),
    )


LISTED = re.compile(r"(?<![\w.])(T?\d{1,2})[.):](?:\s+|(?=[^\d\s]))")  # on a scan `2.D` may have no gap


def listed_answers(texts: list[str], box: tuple[int, int, int, int], confidence: float) -> list[KeyEntry]:
    """Answers of a list without rules (`1. 42   2. 3/4 ...`), in lines or all in one; empty where there are too few.

    `confidence` is that of the lines' reading.
    """
    text = "\n".join(texts)
    places: list[re.Match[str]] = []
    last = 0
    for match in LISTED.finditer(text):
        number = match[1]
        if number.startswith("T") or last < int(number) <= last + 2:  # `10)` may end the answer (93, 10)
            places.append(match)
            last = last if number.startswith("T") else int(number)
    entries: dict[str, KeyEntry] = {}
    for place, after in zip(places, [*places[1:], None], strict=False):
        answer = text[place.end() : after.start() if after else len(text)].strip(" ,;\n\t")
        if answer and len(answer) < LONGEST and place[1] not in entries:
            entries[place[1]] = KeyEntry(number=place[1], text=" ".join(answer.split()), confidence=confidence, box=box)
    return list(entries.values()) if len(entries) >= RULES else []
