"""One question of a page to its statement, its place, and what speaks against using it."""

import re
from dataclasses import dataclass

from stages.exams.outline import PageAnalysis, ReadLine
from stages.exams.sequence import Question, blank, first_line, is_footer
from stages.exams.shapes import Box, around

FIGURE = re.compile(
    r"\b(the|this|following|accompanying|adjoining|see)( \w+)? (figure|diagram|picture|drawing|sketch)\b"
    r"|\b(figure|diagram|picture|drawing|sketch|graph)s?( \w+)? (shown|below|above|given|at (the )?(right|left))\b"
    r"|\b(shown|given|pictured|as marked|as shown) (below|above|(at|to|on) (the )?(right|left)|in the)\b",
    re.I,
)
ILLEGIBLE = re.compile(r"\b(not|il|un)[- ]?(legible|readable|visible)\b|\bcontent missing\b", re.I)
SPECK = re.compile(r"^[.,·'] +(?=\w)")
BANNER = re.compile(r"\W*\*{2,}")


ANSWER = re.compile(r"\W*ans(?:wer)?\s*[:.=]\s*(?P<text>\S.{0,80})", re.I)
SOLUTION = re.compile(r"\W*(solution|proof|ans(wer)?)\s*[:.=]", re.I)
FOOTER = 5.0  # em: a gap that no paragraph has; what follows is a footer
FIGURE_SIZE = 2.5  # em: the shorter side of a figure
MARGIN = 0.28  # em: paper around the crop of a question
MATH = re.compile(r"[\^√∛∠△Δπθ≤≥≠±∞∩∪∈⊗⊕⊥≅∑Σ=<>|]|\d\s*[-+·×÷/]\s*\d|_[\w(]|[(\[]\s*-?\d[^)]*[,;]")


@dataclass(frozen=True)
class QuestionText:
    """A question as read: its statement, the lines that it was read from, and `box`, its place in pixels."""

    number: str
    page: int
    statement: str
    lines: list[ReadLine]
    drawn: bool
    box: Box
    answer: str = ""


def question_text(page: PageAnalysis, question: Question, after: PageAnalysis | None = None) -> QuestionText:
    """Statement and place of a question of this page; a worked solution or an answer below it is no part of it.

    `after` is the next page, where a question may go on; its box is what stands on the first of the two.
    """
    first, end = first_line(page, question), question.end
    own = _together(_without_foot(page.lines[first:end], page), page, question.label.line - first)
    size = len(own)
    if after is not None and question.over is not None:
        own += after.lines[question.over[1] : question.over[2]]
    top = min(line.box[1] for line in own[:size])
    below = page.lines[end].box[1] if end is not None else page.size[1]
    bottom = below if below > top else page.size[1]  # the next question may stand in the next column
    labels = {label.line: label.text for label in page.labels}
    text, kept, answer = "", [], ""
    for place, line in enumerate(own, first):
        part = line.text
        if place == question.label.line:
            part = part if question.rest is None else question.rest
        elif place in labels and place < first + size:  # a number that starts a line, but no question
            part = f"{labels[place]} {part}"
        if place > question.label.line:
            part = SPECK.sub("", part)
        if SOLUTION.match(part):
            told = ANSWER.fullmatch(part)
            answer = told["text"] if told else ""
            break
        kept.append(line)
        # A speck, or a line to all candidates.
        if not re.search(r"\w", part) or BANNER.match(part) or (place < question.label.line and len(part) < 2):
            continue
        if len(part) < 3 and place > question.label.line and text.endswith((".", "?", "!")):
            continue
        broken = re.search(r"[A-Za-z]-$", text) and part[0].islower()
        text += part if broken or not text else " " + part
    column = _column(page, Box(*page.lines[question.label.line].box))
    figures = [
        figure
        for figure in (Box(*corners) for corners in page.figures)
        if top - 0.5 * page.em < figure.cy < bottom
        and column.x0 <= figure.cx <= column.x1
        and min(figure.width, figure.height) > FIGURE_SIZE * page.em
    ]
    here = [line for line in kept if line in own[:size]] or own[:size]
    box = around([*(Box(*line.box) for line in here), *figures]).grown(MARGIN * page.em)
    return QuestionText(question.label.number, page.page, tidy(text), kept, bool(figures), box, answer)


def _column(page: PageAnalysis, label: Box) -> Box:
    """The column that a label stands in."""
    whole = Box(0, 0, *page.size)
    return next((column for column in (Box(*c) for c in page.columns) if column.holds(label)), whole)


def _without_foot(lines: list[ReadLine], page: PageAnalysis) -> list[ReadLine]:
    """The lines of a question without those of the page's foot; its first line is never one."""
    return lines[:1] + [line for line in lines[1:] if not is_footer(line, page)]


def _together(lines: list[ReadLine], page: PageAnalysis, label: int) -> list[ReadLine]:
    """Lines up to a gap that no paragraph has, figures in it aside: what follows is a footer."""
    kept = lines[:1]
    for place, line in enumerate(lines[1:], 1):
        if place > label and blank(page, kept[-1].box[3], line.box[1]) > FOOTER * page.em:
            break
        kept.append(line)
    return kept


def has_math(statement: str) -> bool:
    """Whether the statement holds more mathematics than words and whole numbers."""
    return MATH.search(statement) is not None


def tidy(text: str) -> str:
    """Single spaces, none before a closing mark of punctuation; `50th` with its ending on the line.

    >>> tidy("the  50^(th) of 2an_(-1) .")
    'the 50th of 2a_(n-1).'
    """
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=\d)\^\((st|nd|rd|th)\)", r"\1", text)
    text = re.sub(r"(?<![A-Za-z])([a-z])n_\((?=[-+]\d+\))", r"\1_(n", text)  # a_(n-1) whose n touches its a
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
