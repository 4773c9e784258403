"""Question numbers at the margin; `find_labels` is the door.

They look like `7.`, `7)`, `(7)`, `Q7`, `#7`, `Problem 7:`, `Question 7 of 20`, `B2.`, `9. (T1)`, `T1.`, `Tiebreaker 1.`
"""

import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from stages.exams.items import Item, Line, ordered
from stages.exams.linear import Read, write
from stages.exams.lines import words
from stages.exams.shapes import Box, around

NAMED = r"(?:question|quest\.|problem|prob\.|exercise|no\.|q\.?|#)"  # what may stand before a number
LABEL = re.compile(
    rf"\(?{NAMED}(?P<called>\d{{1,2}})\)?(?:of\d{{1,2}})?(?:\(\d+(?:points?|marks?|pts?)\.?\))?[.):,;]?"
    r"|(?-i:(?P<part>[A-F]\d))[.):]|\(?#?(?P<number>\d{1,2})[.):,;](?:\(?(?:T|tie-?breakers?)#?(?P<second>\d)\)?[.:]?)?"
    r"|\(?T-?(?P<tie>\d)\)?[.:,)]?|\(?tie-?breakers?#?(?P<named>\d)\)?[.:]?",
    re.I,
)
BEGUN = re.compile(  # what may still become a label
    rf"\(?{NAMED}?\d{{0,2}}(?:of|\(\d{{0,2}})?[.):]?\(?(?:tie-?breakers?#?)?",
    re.I,
)
SCRIPT = re.compile(r"[\^_](?:\((\w+)\)|(\w))")
MISREAD = str.maketrans("lI|!OoSsZzBqg", "1111005522899")
LOOSE = re.compile(
    rf"\(?(?i:{NAMED}\s*)?([\dlI|!OoSsZzBqg]{{1,2}})(?!\d)\s*[.,:;)'’·]?\s*(?=[A-Z(\d\"“√{{\[|∠△Δ]|[a-z] |$)(.*)",
    re.S,
)
WIDEST = 10.0  # em: of `10. (Tiebreaker #2)` and `Question 10 of 20`
NUMBER = 2.2  # em: the widest of a number with a letter before it, as `Q12`
INDENT = 3.0  # em: how far right of the margin a label may start


class QuestionLabel(BaseModel):
    """A question number at the margin: the index of its line, and how many of the line's items it takes."""

    model_config = ConfigDict(frozen=True)

    number: str
    line: int
    taken: int
    x: float
    text: str = ""


def find_labels(lines: list[Line], columns: list[Box], em: float, read: Read) -> list[QuestionLabel]:
    """Lines near the left margin of their column that start with a question's number."""
    labels = []
    for column in columns:
        own = [(place, line) for place, line in enumerate(lines) if column.holds(line.box)]
        long = sorted(line.box.x0 for _, line in own if len(line.items) > 4)
        for place, line in own:
            if not long or line.box.x0 > long[len(long) // 20] + INDENT * em:
                continue
            number, taken, text = _starts_with(line, em, read)
            if number:
                labels.append(QuestionLabel(number=number, line=place, taken=taken, x=line.box.x0, text=text))
    return labels


def _starts_with(line: Line, em: float, read: Read) -> tuple[str, int, str]:
    """The question number that a line starts with (empty: none), how many items it takes, and its text."""
    number, taken, kept, text, items = "", 0, "", "", []
    for word in _parted(words(line, em)[:4], em):
        items += word
        if around([item.box for item in items]).width > WIDEST * em:
            break
        # The digits of `1 1.` may stand apart, and `(T1)` or the number of a tiebreaker is a word of its own.
        text += label_text(word, em, read)
        if parsed := parse_label(text):
            number, taken, kept = parsed, len(items), text
        elif not BEGUN.fullmatch(text):
            break
    return number, taken, kept


def _parted(parts: list[list[Item]], em: float) -> list[list[Item]]:
    """The words, the first of them parted after its full stop: on a coarse scan `16. One` has no wide gap."""
    first = parts[0]
    for place, item in enumerate(first[1:4], 1):
        box = item.box
        stop = max(box.width, box.height) < 0.24 * em and box.y0 > first[0].box.cy
        if stop or (item.glyph is not None and item.glyph.text in (".", ")")):
            after = first[place + 1 :]
            digits = around([i.box for i in first[:place]]).width < NUMBER * em
            if after and digits and after[0].box.x0 - box.x1 > 0.02 * em and after[0].box.height > 0.3 * em:
                return [first[: place + 1], after, *parts[1:]]
    return parts


def parse_label(text: str) -> str:
    """`7` from `7.` or `Problem 7:`, `T1` from `9. (T1)`, `T1.` or `Tiebreaker 1.`; empty for anything else."""
    match = LABEL.fullmatch(text.replace(" ", ""))
    if match is None:
        return ""
    tie = match["second"] or match["tie"] or match["named"]
    return f"T{tie}" if tie else (match["part"] or match["called"] or match["number"]).lstrip("0")


def rank(number: str) -> int:
    """Numbers in the order of a paper: 1, 2, ...; of parts A1, A2, ..., B1, ...; then the tiebreakers T1, T2, ..."""
    if number.isdigit():
        return int(number)
    return 100 * (ord(number[0]) - ord("A") + 1) + int(number[1:])


def loose_label(text: str, number: str) -> str | None:
    """What follows `number` at the start of a line whose label was misread; None where the line starts otherwise."""
    match = LOOSE.fullmatch(text.strip())
    if match and match[1].translate(MISREAD).lstrip("0") == number:
        return match[2]
    return None


def label_text(items: Iterable[Item], em: float, read: Read) -> str:
    """Text of a short label; its full stop is taken by its shape, so that `6.` is not read as `60`."""
    items = ordered(items)
    if not items:
        return ""
    base = max(item.box.y1 for item in items)
    last = items[-1].box
    stop = len(items) > 1 and max(last.width, last.height) < 0.24 * em and base - last.y1 < 0.15 * em
    text = write(tuple(items[:-1] if stop else items), em, read)[0].replace(" ", "").replace("·", ".")
    text = SCRIPT.sub(r"\1\2", text)  # beside the tail of a Q a digit seems raised
    return text.rstrip(".") + "." if stop else text
