"""The questions of a paper: the most plausible increasing sequence of labels. `number_sequence` is the door."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from stages.exams.labels import QuestionLabel, loose_label, rank
from stages.exams.outline import PageAnalysis, ReadLine

INSTRUCTIONS = re.compile(r"\W*(instructions?|rules|directions|please read|read (this|first))\b", re.I)
HEADER = re.compile(r"^\W*(page\s*)?\d{1,3}(\s*of\s*\d{1,3})?\W*$|\bpage \d|\bname\b\W*$|turn over", re.I)
LOW = 0.6  # of the page's height: a question that goes on on the next page reaches so far down
WITHIN, BETWEEN = 1.4, 4.0  # em: gaps between rows of a question, and between it and the next one
ROUND = 4.0  # em: empty paper above and below a figure
HEAD = 0.1  # of the page's height: where its head ends
FOOT = 0.91  # of the page's height: where its foot starts
APART = 1.5  # em: the least gap above a line of the foot
COLUMN = 1.5  # em: labels of one page stand in one column, so far to its left and right


@dataclass
class Question:
    """A question's place in its file: its label, and the line it ends before (None: it ends with the page).

    `over` is where it goes on on the next page: that page, and the first and last + 1 of its lines.
    """

    page: int
    label: QuestionLabel
    end: int | None
    rest: str | None = None  # text of the label's line, where the label was found in it by a second search
    over: tuple[int, int, int] | None = None


def number_sequence(pages: list[PageAnalysis], key: Collection[str] = frozenset()) -> tuple[list[Question], list[str]]:
    r"""The best increasing sequence of question numbers over an exam's pages, and the numbers that it leaves out.

    A dynamic programme (Viterbi's pass over an increasing chain): each label counts 1, each number left out costs 0.3,
    each label passed over 0.05, a label away from the columns where its page's labels stand 0.5, and one of a list of
    instructions 0.7. Numbers left out are then searched again, with lower demands, between the two questions where
    they must stand; `key` tells how far the numbers go.
    """
    kept = _best_sequence(pages)
    whole = sorted(_search_again(pages, kept, key), key=lambda q: (q.page, q.label.line))
    for question, after in zip(whole, [*whole[1:], None], strict=False):
        page = next(page for page in pages if page.page == question.page)
        if after and after.page == question.page:
            question.end = first_line(page, after)
        else:
            question.end = _begins_anew(page, question)
            if question.end is None:
                question.over = _goes_on(page, question, pages)
    numbers = {q.label.number for q in whole}
    last = max((rank(n) for n in numbers if n.isdigit()), default=0)
    missing = [str(n) for n in range(1, last) if str(n) not in numbers and not _is_tie(n, numbers, key)]
    return sorted(whole, key=lambda q: rank(q.label.number)), missing


def _is_tie(number: int, numbers: set[str], key: Collection[str]) -> bool:
    """Whether a number that is not there is that of a tiebreaker, which is called `T1` instead."""
    return any(n.startswith("T") for n in numbers) and str(number) not in key


def _begins_anew(page: PageAnalysis, question: Question) -> int | None:
    """The line below a page's last question where numbers start at 1 again: another list, or another language."""
    after = [label for label in page.labels if label.line > question.label.line]
    place = next((one.line for one, two in pairwise(after) if (one.number, two.number) == ("1", "2")), None)
    if place is not None and place - 1 > question.label.line:
        heading, above = page.lines[place - 1], page.lines[place - 2]
        place -= heading.box[1] - above.box[3] > APART * page.em
    return place


def _goes_on(page: PageAnalysis, question: Question, pages: list[PageAnalysis]) -> tuple[int, int, int] | None:
    """Where the last question of a page goes on: lines right above the first question of the next page, if any."""
    after = next((other for other in pages if other.page == page.page + 1), None)
    if after is None or after.heading:
        return None
    label, *rest = page.lines[question.label.line :]
    own = [label, *(line for line in rest if not is_footer(line, page))]
    if max(line.box[3] for line in own) < LOW * page.size[1]:
        return None
    end = min((label.line for label in after.labels), default=len(after.lines))
    while end > 0 and not after.labels and is_footer(after.lines[end - 1], after):
        end -= 1
    first = end
    while first > 0:
        line = after.lines[first - 1]
        if first < end:
            far = blank(after, line.box[3], after.lines[first].box[1]) > WITHIN * after.em
        else:
            far = bool(after.labels) and after.lines[end].box[1] - line.box[3] > BETWEEN * after.em
        header = line.box[1] < HEAD * after.size[1] and HEADER.search(line.text)
        if far or header or not line.text:
            break
        first -= 1
    return (after.page, first, end) if first < end else None


def blank(page: PageAnalysis, top: float, bottom: float) -> float:
    """Height of what is empty between two lines: figures in it, and the paper around them, aside."""
    drawn = sum(max(0, min(bottom, y1) - max(top, y0)) for _, y0, _, y1 in page.figures)
    return bottom - top - drawn - ROUND * page.em * (drawn > 0)


def is_footer(line: ReadLine, page: PageAnalysis) -> bool:
    """Whether a line is one at the page's foot that has nothing to do with the text above it."""
    if line.box[1] < FOOT * page.size[1]:
        return False
    above = [box[3] for box in (*(o.box for o in page.lines), *page.figures) if box[3] <= line.box[1] + 0.2 * page.em]
    return line.box[1] - max(above, default=0) > APART * page.em or bool(HEADER.search(line.text))


def _best_sequence(pages: list[PageAnalysis]) -> list[Question]:
    labels = [(page.page, label, weight) for page in pages for label, weight in _weighted(page)]
    best: list[tuple[float, int]] = []
    for place, (_, label, weight) in enumerate(labels):
        options = [(weight - 0.3 * _skipped("", label.number), -1)]
        for before in range(place):
            if rank(label.number) > rank(labels[before][1].number):
                skipped = _skipped(labels[before][1].number, label.number)
                passed = 0.05 * (place - before - 1)
                options.append((best[before][0] + weight - 0.3 * skipped - passed, before))
        best.append(max(options))
    if not best:
        return []
    place = max(range(len(best)), key=lambda place: best[place][0])
    kept = []
    while place >= 0:
        kept.append(Question(labels[place][0], labels[place][1], None))
        place = best[place][1]
    return kept[::-1]


def _skipped(before: str, number: str) -> int:
    """How many numbers are left out between two that follow each other; tiebreakers and parts start anew."""
    if number.startswith("T"):
        return 0
    if before and before[0].isalpha() * before[0] == number[0].isalpha() * number[0]:  # the same part
        return rank(number) - rank(before) - 1
    return int(number.lstrip("ABCDEF")) - 1


def _weighted(page: PageAnalysis) -> list[tuple[QuestionLabel, float]]:
    """The page's labels in the order in which they are read, each with what it counts."""
    far = COLUMN * (page.em or 40)
    beside = [sum(abs(label.x - other.x) <= far for other in page.labels) for label in page.labels]
    told = next((p for p, line in enumerate(page.lines) if INSTRUCTIONS.match(line.text)), len(page.lines))
    weighted = []
    highest = 0
    for label, count in zip(page.labels, beside, strict=True):
        listed = label.line > told and rank(label.number) > highest
        if listed:
            highest = rank(label.number)
        elif label.line > told:
            told = len(page.lines)
        weighted.append((label, 1.0 - 0.5 * (3 * count <= max(beside)) - 0.7 * listed))
    across = sorted(weighted, key=lambda pair: (round(page.lines[pair[0].line].box[1] / page.em), pair[0].x))
    return max(weighted, across, key=_steps)


def _steps(weighted: list[tuple[QuestionLabel, float]]) -> int:
    """How many labels are followed by the next number."""
    return sum(rank(two.number) == rank(one.number) + 1 for (one, _), (two, _) in pairwise(weighted))


def _search_again(pages: list[PageAnalysis], kept: list[Question], key: Collection[str]) -> list[Question]:
    """Add questions whose label was misread: their number is wanted, and a line starts with something like it."""
    whole = list(kept)
    numbers = {q.label.number for q in kept}
    digits = [int(n) for n in numbers.union(key) if n.isdigit()]
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
        known = {label.line: label for label in page.labels}
        for place, line in enumerate(page.lines):
            beside = any(abs(line.box[0] - label.x) <= COLUMN * page.em for label in page.labels)
            if not low < (page.page, place) < high or not beside:
                continue
            text = line.text if place not in known else f"{known[place].text} {line.text}"
            rest = loose_label(text, number)
            if rest is not None:
                label = QuestionLabel(number=number, line=place, taken=0, x=line.box[0], text=number)
                return Question(page.page, label, None, rest)
    return None


def first_line(page: PageAnalysis, question: Question) -> int:
    """The first line of a question: rows that rise above its label's line (numerators, matrices) belong to it."""
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
