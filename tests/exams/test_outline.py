"""Titles, question numbers and answer rules."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.exams.answer_lists import listed_answers
from stages.exams.filing import file_exams, find_section
from stages.exams.keys import find_key
from stages.exams.labels import QuestionLabel, loose_label, parse_label, rank
from stages.exams.linear import join
from stages.exams.outline import PageAnalysis, ReadLine
from stages.exams.pages import open_page
from stages.exams.reading import read_page
from stages.exams.recognise import reader
from stages.exams.sequence import number_sequence
from stages.exams.settings import ExtractSettings
from tests.exams.papers import typeset

SETTINGS = ExtractSettings(dpi=200, min_confidence=0.5, sections={}, second_reader="network")
NAMES = {
    "fs": "freshman sophomore|fr-so|fs",
    "js": "junior senior|jr-sr|js",
    "tp": "two-person|two person|tp",
}


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("7.", "7"), ("12.", "12"), ("(3)", "3"), ("9.(T1)", "T1"), ("9.(Tiebreaker#1)", "T1"), ("T2.", "T2"),
        ("T1", "T1"),
        ("(T3)", "T3"),
        ("Q7", "7"), ("Q.12.", "12"), ("#3", "3"), ("Problem4:", "4"), ("Question5of20", "5"),
        ("Problem1(5points).", "1"),
        ("B2.", "B2"), ("b2.", ""), ("(A)1", ""), ("B2", ""), ("No.6", "6"), ("no6", ""), ("question", ""),
        ("Tiebreaker1.", "T1"), ("Tie-breaker2:", "T2"), ("3", ""), ("123.", ""), ("3.5", ""), ("Find", ""), ("", ""),
    ],
)  # fmt: skip
def test_label(label: str, number: str) -> None:
    assert parse_label(label) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2012 FS.pdf", "fs"), ("2015 FR-SO Exam.pdf", "fs"), ("Freshman/Sophomore Individual Test", "fs"),
        ("Freshman-Sophomore Individual Test", "fs"), ("JUNIOR SENIOR TEST", "js"), ("2018 Jr-Sr Exam.pdf", "js"),
        ("Answers for the Two-Person Speed Event", "tp"), ("5-Person Team Test", None), ("offset", None),
        ("JR - SR", "js"), ("jr-senior-test2011.pdf", "js"), ("2017 2-person.pdf", "tp"), ("JUNIOR & SENIOR", "js"),
        ("Freshmen and Sophomores", "fs"), ("Freshman-Sophornore Test", "fs"), ("Senior Test", None),
    ],
)  # fmt: skip
def test_section_names(text: str, code: str | None) -> None:
    assert find_section(text, NAMES) == code


def labelled(page: int, *labels: tuple[str, int, float]) -> PageAnalysis:
    """A page with labels (number, line, x) on as many lines as are needed."""
    count = max(line for _, line, _ in labels) + 2
    marks = [QuestionLabel(number=n, line=line, taken=2, x=x, text=f"{n}.") for n, line, x in labels]
    lines = [
        ReadLine(box=(100, 60 * k, 900, 60 * k + 20), text="words", weight=5, confidence=1.0) for k in range(count)
    ]
    return PageAnalysis(page=page, file="a.pdf", engine="text", em=36, size=(1700, 2200), labels=marks, lines=lines)


def test_sequence_passes_over_what_only_looks_like_a_number() -> None:
    first = labelled(1, ("1", 2, 100), ("2", 5, 101), ("7", 7, 190), ("3", 9, 100), ("40", 11, 99))
    second = labelled(2, ("4", 0, 100), ("2", 2, 100), ("5", 4, 100), ("T1", 6, 100))
    found, missing = number_sequence([first, second], set())
    assert [(q.page, q.label.number, q.end) for q in found] == [
        (1, "1", 5), (1, "2", 9), (1, "3", None), (2, "4", 4), (2, "5", 6), (2, "T1", None),
    ]  # fmt: skip
    assert missing == []


@given(st.lists(st.integers(1, 30), unique=True, min_size=1), st.integers(0, 3))
def test_sequence_rises_and_keeps_a_clean_paper(numbers: list[int], ties: int) -> None:
    names = [str(number) for number in numbers] + [f"T{tie + 1}" for tie in range(ties)]
    page = labelled(1, *((name, line, 100) for line, name in enumerate(names)))
    found = [q.label.number for q in number_sequence([page], set())[0]]
    assert [rank(n) for n in found] == sorted({rank(n) for n in found})
    whole = [str(n) for n in range(1, 21)]
    clean = labelled(1, *((name, line, 100) for line, name in enumerate(whole)))
    assert [q.label.number for q in number_sequence([clean], set())[0]] == whole


def test_a_misread_label_is_searched_again_and_one_that_is_not_there_is_reported() -> None:
    page = labelled(1, ("1", 0, 100), ("3", 4, 100), ("5", 8, 100))
    page.lines[2] = page.lines[2].model_copy(update={"text": "2 If three means are inserted, find the third."})
    found, missing = number_sequence([page], {"6"})
    assert [q.label.number for q in found] == ["1", "2", "3", "5"]
    assert [q.end for q in found] == [2, 4, 8, None]
    assert found[1].rest == "If three means are inserted, find the third."
    assert missing == ["4"]


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("15 If three", "15", "If three"), ("l7. Tom is", "17", "Tom is"), ("15. If", "15", "If"),
        ("16 x 4 board", "15", None), ("If 15 then", "15", None), ("150 men", "15", None),
    ],
)  # fmt: skip
def test_loose_label(text: str, number: str, rest: str | None) -> None:
    assert loose_label(text, number) == rest


def test_listed_answers() -> None:
    entries = listed_answers(["Answers: 1. 42   2. 3/4", "3. x - 3   4. 0.47 or .47  T1. 5"], (0, 0, 9, 9), 0.9)
    assert {e.number: e.text for e in entries} == {
        "1": "42", "2": "3/4", "3": "x - 3", "4": "0.47 or .47", "T1": "5",
    }  # fmt: skip
    assert {e.confidence for e in entries} == {0.9}
    assert listed_answers(["In 1. and 2. nothing"], (0, 0, 9, 9), 0.9) == []


KEY = """
#align(center, text(12pt, weight: "bold")[2031 Mathematics Competition \\ Junior-Senior Individual Test])
#let slot(n, body, note: "") = box(width: 3.1in, height: 0.6in, {
  place(bottom + left, text(12pt, weight: "bold")[#n])
  place(bottom + left, dx: 0.4in, line(length: 1.9in))
  place(bottom + left, dx: 0.4in, dy: -4pt, box(width: 1.3in, align(center, text(12pt, body))))
  place(bottom + left, dx: 1.8in, dy: -8pt, box(width: 0.7in, text(6.5pt, weight: "bold", note)))
})
"""
FILLED = (
    KEY
    + """
#grid(columns: 2,
  slot("1.", $5/12$, note: "Must be this fraction."), slot("5.", $(3, -2)$),
  slot("2.", [42], note: "Degrees optional"), slot("6.", $2 sqrt(29)$),
  slot("3.", [NEVER]), slot("T1.", [12.5]),
  slot("4.", $4 5/18$), slot("T2.", $3x^2 - 1$))
"""
)
WANTED = {"1": "5/12", "2": "42", "3": "NEVER", "4": "45/18", "5": "(3,-2)", "6": "2√29", "T1": "12.5", "T2": "3x^2-1"}
BLANK = KEY + '#grid(columns: 2, ..range(1, 9).map(n => slot(str(n) + ".", [])))'


NOTES = (
    KEY
    + """
#let wide(n, body) = box(width: 3.1in, height: 0.6in, { place(bottom + left, text(12pt, weight: "bold")[#n])
  place(bottom + left, dx: 0.4in, line(length: 1.9in)); place(bottom + left, dx: 0.9in, dy: -4pt, text(11pt, body)) })
#grid(columns: 2, wide("1.", [$58/3$ #h(1.4em) Must be this fraction]), wide("3.", [0.47 #h(1em) or #h(1em) .47]),
  wide("2.", [$31/6$ #h(0.7em) (must be reduced)]), wide("4.", [0 or zero]))
"""
)
UNDERSCORES = (
    KEY
    + """
#let u(n, body) = box(width: 3in, height: 0.55in)[#n. #{"_" * 8}#box(body)#{"_" * 8}]
#grid(columns: 2, u(1, [42]), u(4, [7]), u(2, [3/4]), u(5, [NEVER]), u(3, [-18]), u(6, [n + 2]))
"""
)


@pytest.mark.parametrize("scan", [None, 0.6])
@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (FILLED, WANTED),
        (NOTES, {"1": "58/3", "2": "31/6", "3": "0.47or.47", "4": "0orzero"}),
        (UNDERSCORES, {"1": "42", "2": "3/4", "3": "-18", "4": "7", "5": "NEVER", "6": "n+2"}),
    ],
)
def test_answers_above_rules(tmp_path: Path, source: str, wanted: dict[str, str], scan: float | None) -> None:
    page = open_page(typeset(source, tmp_path / "key.pdf", scan), 1, 200)
    read = join if page.engine == "text" else reader(page, 1, [])
    assert {a.number: a.text.replace(" ", "") for a in find_key(page, read)} == wanted


def test_blank_key_is_ignored(tmp_path: Path) -> None:
    pages = [analysed(typeset(source, tmp_path / "k.pdf")) for source in (BLANK, FILLED)]
    assert [entry.text for entry in pages[0].key] == [""] * 8
    pages[1] = pages[1].model_copy(update={"page": 2})
    (exam,) = file_exams(pages, NAMES)
    assert (exam.code, exam.year) == ("js", 2031)
    assert exam.key["3"].text == "NEVER"


def analysed(path: Path) -> PageAnalysis:
    return read_page(path, 1, SETTINGS, 1)[0].model_copy(update={"file": "k.pdf"})


def test_pages_of_another_round_are_left_out() -> None:
    one, two = labelled(1, ("1", 3, 100)), labelled(3, ("2", 1, 100))
    pages = [
        one.model_copy(update={"file": "2020 All.pdf", "heading": "2020 Competition\nTwo-Person Event"}),
        one.model_copy(update={"file": "2020 All.pdf", "page": 2, "heading": "2020 Competition\n5-Person Team Test"}),
        two.model_copy(update={"file": "2020 All.pdf"}),
    ]
    (exam,) = file_exams(pages, NAMES)
    assert [(q.page, q.label.number) for q in exam.questions] == [(1, "1")]


def test_year_of_the_file_name_wins() -> None:
    page = labelled(1, ("1", 2, 9)).model_copy(
        update={"file": "2019 fs.pdf", "heading": "2018 Competition\nFreshman-Sophomore Test"}
    )
    assert file_exams([page], NAMES)[0].year == 2019
