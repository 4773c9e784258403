"""A file's pages put together: the exam that each belongs to, its questions and its key. `file_exams` is the door."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from stages.exams.answer_lists import listed_answers
from stages.exams.keys import KeyEntry
from stages.exams.labels import rank
from stages.exams.outline import YEAR, PageAnalysis, ReadLine, speaks_of_answers
from stages.exams.sequence import HEADER, Question, is_footer, number_sequence

ANSWER_LIST = re.compile(r"\W*(answers?|answer key|key|solutions?)\W*(\d{1,2}[.):].*)?", re.I | re.S)
WORDS = {  # other ways to write the words of a section's name
    "fr": "freshman", "fresh": "freshman", "freshmen": "freshman", "frosh": "freshman", "freshmans": "freshman",
    "so": "sophomore", "soph": "sophomore", "sophomores": "sophomore", "jr": "junior", "juniors": "junior",
    "sr": "senior", "seniors": "senior", "2": "two", "3": "three", "4": "four", "5": "five", "people": "person",
    "persons": "person", "and": "", "s": "",
}  # fmt: skip
ALIKE = 90  # of 100: letters of a long name that must agree, as titles are read by a machine


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
            # A heading that names none of our sections starts something else (a team round), unless the file says so
            # or the numbers go on, as they do under a title that stands on every page.
            goes_on = current in asked and page.labels and _last(asked[current]) + 1 == rank(page.labels[0].number)
            if not (goes_on and not named and not other):
                current = named or (None if other else find_section(page.file, names))
        if current is None:
            continue
        if page.unsure:
            page = page.model_copy(update={"labels" if speaks_of_answers(page.file) else "key": []})
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
        if page.labels or (page.lines and current in asked):
            asked.setdefault(current, []).append(page)
    for code, exam in found.items():
        exam.questions, exam.missing = number_sequence(asked.get(code, []), set(exam.key))
        if not exam.key and exam.questions:
            _take_inline_key(exam, asked[code])
    return list(found.values())


def _last(pages: list[PageAnalysis]) -> int:
    """The highest number of the last page with questions."""
    return max(rank(label.number) for label in [page for page in pages if page.labels][-1].labels)


def _take_inline_key(exam: Exam, pages: list[PageAnalysis]) -> None:
    """Answers listed after the last question, on the same page or on later ones."""
    last = max(exam.questions, key=lambda q: (q.page, q.label.line))
    texts: list[str] = []
    trust = 1.0
    for page in pages:
        labels = {label.line: label.text for label in page.labels}
        lines = [(f"{labels.get(place, '')} {line.text}".strip(), line) for place, line in enumerate(page.lines)]
        for place, (text, line) in enumerate(lines):
            if page.page < last.page or texts or not ANSWER_LIST.fullmatch(text):
                continue
            # Under two columns the list may start below the left one, before the last question of the right one.
            below = place > last.label.line or page.page > last.page or line.box[1] > page.lines[last.label.line].box[1]
            if below:
                own = [pair for pair in lines if pair[1] is line or _follows(pair[1], line, page)]
                texts += [told for told, _ in own]
                trust = min(other.confidence for _, other in own)
                exam.key_page, size = page.page, page.size
                for question in exam.questions:
                    _end_above(question, page, line)
        if texts and page.page != exam.key_page:
            own = [pair for pair in lines if not is_footer(pair[1], page) and not HEADER.search(pair[0])]
            texts += [told for told, _ in own]
            trust = min([trust, *(line.confidence for _, line in own)])
    if texts:
        exam.key = {entry.number: entry for entry in listed_answers(texts, (0, 0, *size), trust)}


def _follows(line: ReadLine, heading: ReadLine, page: PageAnalysis) -> bool:
    """Whether a line of the page is the heading of a list of answers or stands below it, and not at the page's foot."""
    return line.box[1] >= heading.box[1] - 0.5 * page.em and not is_footer(line, page)


def _end_above(question: Question, page: PageAnalysis, heading: ReadLine) -> None:
    """Let a question of the page end where a list of answers starts."""
    if question.page == page.page:
        lines = enumerate(page.lines[question.label.line + 1 : question.end], question.label.line + 1)
        ends = (place for place, line in lines if line is heading or _follows(line, heading, page))
        question.end = next(ends, question.end)
