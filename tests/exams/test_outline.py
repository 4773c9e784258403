"""Titles, question numbers and answer rules."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.exams.linear import join
from stages.exams.outline import Mark, Survey, chain, find_answers, find_section, parse_label, rank, sections, survey
from stages.exams.pages import open_page
from stages.exams.recognise import reader
from tests.exams.papers import typeset

NAMES = {"fs": "freshman sophomore|fr-so|fs", "js": "junior senior|jr-sr|js", "tp": "two-person|two person|tp"}


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("7.", "7"), ("12.", "12"), ("(3)", "3"), ("9.(T1)", "T1"), ("T2.", "T2"), ("T1", "T1"), ("(T3)", "T3"),
        ("Tiebreaker1.", "T1"), ("Tie-breaker2:", "T2"), ("3", ""), ("123.", ""), ("3.5", ""), ("Find", ""), ("", ""),
    ],
)  # fmt: skip
def test_label(label: str, number: str) -> None:
    assert parse_label(label) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2012 FS.pdf", "fs"), ("2015 FR-SO Exam.pdf", "fs"), ("Freshman/Sophomore Individual Test", None),
        ("Freshman-Sophomore Individual Test", "fs"), ("JUNIOR SENIOR TEST", "js"), ("2018 Jr-Sr Exam.pdf", "js"),
        ("Answers for the Two-Person Speed Event", "tp"), ("5-Person Team Test", None), ("offset", None),
    ],
)  # fmt: skip
def test_section_names(text: str, code: str | None) -> None:
    assert find_section(text, NAMES) == code


def test_chain_passes_over_what_only_looks_like_a_number() -> None:
    marks = [
        Mark("1", 2, 2, 100),
        Mark("2", 5, 2, 101),
        Mark("7", 7, 2, 160),
        Mark("3", 9, 2, 100),
        Mark("40", 11, 2, 99),
    ]
    second = [Mark("4", 0, 2, 100), Mark("2", 2, 2, 100), Mark("5", 4, 2, 100), Mark("T1", 6, 2, 100)]
    found = chain([Survey("a.pdf", 1, "text", marks=marks), Survey("a.pdf", 2, "text", marks=second)])
    assert [(page, mark.number, end) for page, mark, end in found] == [
        (1, "1", 5), (1, "2", 9), (1, "3", None), (2, "4", 4), (2, "5", 6), (2, "T1", None),
    ]  # fmt: skip


@given(st.lists(st.integers(1, 30), unique=True), st.integers(0, 3))
def test_chain_rises_and_keeps_a_clean_paper(numbers: list[int], ties: int) -> None:
    labels = [str(number) for number in numbers] + [f"T{tie + 1}" for tie in range(ties)]
    page = Survey("a.pdf", 1, "text", marks=[Mark(label, line, 1, 100) for line, label in enumerate(labels)])
    found = [mark.number for _, mark, _ in chain([page])]
    assert [rank(n) for n in found] == sorted({rank(n) for n in found})
    whole = [str(n) for n in range(1, 21)]
    clean = Survey("a.pdf", 1, "text", marks=[Mark(label, line, 1, 100) for line, label in enumerate(whole)])
    assert [mark.number for _, mark, _ in chain([clean])] == whole


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


@pytest.mark.parametrize("scan", [None, 0.6])
def test_answers_above_rules(tmp_path: Path, scan: float | None) -> None:
    page = open_page(typeset(FILLED, tmp_path / "key.pdf", scan), 1, 200)
    read = join if page.engine == "text" else reader(page, 1)
    assert {a.number: a.text.replace(" ", "") for a in find_answers(page, read)} == WANTED


def test_blank_key_is_ignored(tmp_path: Path) -> None:
    pages = [open_page(typeset(source, tmp_path / "k.pdf"), 1, 200) for source in (BLANK, FILLED)]
    surveys = [survey(page, join) for page in pages]
    assert [answer.text for answer in surveys[0].answers] == [""] * 8
    surveys[1].page = 2
    (section,) = sections(surveys, NAMES)
    assert (section.code, section.year) == ("js", 2031)
    assert section.answers["3"].text == "NEVER"


def test_pages_of_another_round_are_left_out() -> None:
    mark = Mark("1", 3, 2, 100)
    surveys = [
        Survey("2020 All.pdf", 1, "text", heading="2020 Competition\nTwo-Person Event", marks=[mark]),
        Survey("2020 All.pdf", 2, "text", heading="2020 Competition\n5-Person Team Test", marks=[mark]),
        Survey("2020 All.pdf", 3, "text", marks=[Mark("2", 1, 2, 100)]),
    ]
    (section,) = sections(surveys, NAMES)
    assert [(page, m.number) for page, m, _ in section.questions] == [(1, "1")]


def test_year_of_the_file_name_wins() -> None:
    page = Survey(
        "2019 fs.pdf", 1, "text", heading="2018 Competition\nFreshman-Sophomore Test", marks=[Mark("1", 2, 2, 9)]
    )
    assert sections([page], NAMES)[0].year == 2019
