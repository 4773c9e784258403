"""One question of a page to its statement, its image, and what speaks against using it."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stages.exams.linear import Read, write
from stages.exams.lines import Line, page_lines
from stages.exams.outline import Mark, average
from stages.exams.shapes import Page, around, crop, png

FIGURE = re.compile(
    r"\b(the|this|following|accompanying|adjoining|see)( \w+)? (figure|diagram|picture|drawing|sketch)\b"
    r"|\b(figure|diagram|picture|drawing|sketch|graph)s?( \w+)? (shown|below|above|given|at (the )?(right|left))\b"
    r"|\b(shown|given|pictured|as marked|as shown) (below|above|at (the )?right|in the)\b",
    re.I,
)
ILLEGIBLE = re.compile(r"\b(not|il|un)[- ]?(legible|readable|visible)\b|\bcontent missing\b", re.I)
BANNER = re.compile(r"\W*\*{2,}")


@dataclass(frozen=True)
class Question:
    """A question as read: `box` in pixels, `image` its PNG, `sha256` of the image's pixels."""

    number: str
    page: int
    statement: str
    confidence: float
    drawn: bool
    box: tuple[int, int, int, int]
    image: bytes
    sha256: str


def read_questions(page: Page, spans: Sequence[tuple[Mark, int | None]], read: Read) -> list[Question]:
    """The questions of one page; a span is a mark and the line it ends before (None: the page's last)."""
    lines = page_lines(page)
    questions = []
    for mark, end in spans:
        own = _together(lines[mark.line : end], page.em)
        last = lines[end].box.y0 if end is not None else page.image.shape[0]
        text, trust = _statement(own, mark.taken, page.em, read)
        figures = [d for d in page.drawings if own[0].box.y0 < d.cy < last and min(d.width, d.height) > 2.5 * page.em]
        box = around([*(line.box for line in own), *figures])
        pixels = crop(page, box, margin=10)
        questions.append(
            Question(
                mark.number,
                page.number,
                text,
                trust,
                bool(figures),
                (max(0, round(box.x0)), max(0, round(box.y0)), round(box.x1), round(box.y1)),
                png(pixels),
                hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest(),
            )
        )
    return questions


def _together(lines: list[Line], em: float) -> list[Line]:
    """Lines up to a gap that no paragraph has: what follows is a footer."""
    kept = lines[:1]
    for line in lines[1:]:
        if line.box.y0 - kept[-1].box.y1 > 5 * em:
            break
        kept.append(line)
    return kept


def _statement(lines: list[Line], taken: int, em: float, read: Read) -> tuple[str, float]:
    """Text of the lines, the question's number left out, and its mean confidence."""
    text, trust = "", []
    for place, line in enumerate(lines):
        part, notes = write(line.items[taken:] if place == 0 else line.items, em, read)
        if not re.search(r"\w", part) or BANNER.match(part):  # a speck, or a line to all candidates
            continue
        broken = re.search(r"[A-Za-z]-$", text) and part[0].islower()
        text += part if broken or not text else " " + part
        trust += notes
    return tidy(text), average(trust) if trust else 1.0


def tidy(text: str) -> str:
    """Single spaces, none before a closing mark of punctuation; `50th` with its ending on the line."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=\d)\^\((st|nd|rd|th)\)", r"\1", text)
    return re.sub(r" +([,;:?!)]|\.(?!\d|\.\.))", r"\1", text)


def fault(statement: str, answer: str, drawn: bool) -> tuple[str, bool]:
    """Why a problem cannot be used (empty: it can), and whether it needs a figure."""
    figure = drawn or bool(FIGURE.search(statement))
    if len(re.findall(r"\w", statement)) < 8:
        return "no statement", figure
    if ILLEGIBLE.search(statement):
        return "statement not legible", figure
    if figure:
        return "needs a figure", True
    return ("" if answer else "no answer in the key"), False
