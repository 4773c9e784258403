"""The questions of a paper: the most plausible increasing sequence of labels. `number_sequence` is the door."""

from dataclasses import dataclass

from stages.exams.labels import QuestionLabel, loose_label
from stages.exams.outline import PageAnalysis

COLUMN = 1.5  # em: labels of one page stand in one column, so far to its left and right


@dataclass
class Question:
    """A question's place in its file: its label, and the line it ends before (None: it ends with the page)."""

    page: int
    label: QuestionLabel
    end: int | None
    rest: str | None = None  # text of the label's line, where the label was found in it by a second search


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


def rank(number: str) -> int:
    """Numbers in the order of a paper: 1, 2, ..., then the tiebreakers T1, T2, ..."""
    return 100 + int(number[1:]) if number.startswith("T") else int(number)
