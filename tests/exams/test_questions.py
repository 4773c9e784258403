"""What speaks against a question, and how its text is tidied."""

from pathlib import Path

import pytest

from stages.exams.questions import fault, has_math, question_text, tidy
from stages.exams.reading import read_page
from stages.exams.sequence import number_sequence
from stages.exams.settings import ExtractSettings
from tests.exams.papers import typeset


@pytest.mark.parametrize(
    ("statement", "answer", "drawn", "reason"),
    [
        ("Find the sum of the first ten primes.", "129", False, ""),
        ("", "48", False, "no statement"),
        ("(content not legible)", "7/12", False, "statement not legible"),
        ("In the figure shown, lines m and n are parallel.", "52", False, "needs a figure"),
        ("The graph of y = f(x) is shown below. Find f(2).", "1", False, "needs a figure"),
        ("The addition shown to the right has one solution.", "1", False, "needs a figure"),
        ("Use the diagram to find the area.", "1", False, "needs a figure"),
        ("The graph of y = 2x + 3 meets the x-axis where?", "1", False, ""),
        ("Figures made of matches need 9, 17 and 25 matches. How many does figure 15 need?", "121", False, ""),
        ("Find the area of trapezoid ABCD with these sides.", "5", True, "needs a figure"),
        ("Find the sum of the first ten primes.", "", False, "no answer in the key"),
    ],
)
def test_fault(statement: str, answer: str, drawn: bool, reason: str) -> None:
    assert fault(statement, answer, drawn) == (reason, reason == "needs a figure")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x = 3 , y  = 4 .", "x = 3, y = 4."),
        ("the 50^(th) term and x^(th)", "the 50th term and x^(th)"),
        ("1, 2, ... and .5", "1, 2, ... and .5"),
        ("a_n = 2an_(-1) - fn_(-1)", "a_n = 2a_(n-1) - f_(n-1)"),
        ("sin_(-1) and n_(-1)", "sin_(-1) and n_(-1)"),
    ],
)
def test_tidy(text: str, wanted: str) -> None:
    assert tidy(text) == wanted


PAPER = """
#align(center)[*2031 Mathematics Competition \\ Freshman-Sophomore Individual Test*]
#grid(columns: (0.4in, 1fr), row-gutter: 16pt,
  [1.], [Find the least prime that is more than 20. Numbers that end a line do not start a question: the year before
    this one was not 2030 but 2029. Write the digits of the answer in the usual order, please, and nothing but these.],
  [2.], [Simplify $(x^2 - 9)/(x + 3)$ for $x = 7$ in a half-\\ open interval.],
  grid.cell(colspan: 2)[\\*\\*\\*Calculators may be used from here on\\*\\*\\*],
  [3.], [A rectangle of this shape has which area?
    #rect(width: 1.2in, height: 1in)],
)
#place(bottom + center)[Page 1 of 2]
"""


def test_questions_of_a_page(tmp_path: Path) -> None:
    settings = ExtractSettings(dpi=200, min_confidence=0.5, sections={})
    page, _ = read_page(typeset(PAPER, tmp_path / "a.pdf"), 1, settings, 1)
    assert page.heading.startswith("2031 Mathematics Competition")
    questions = [question_text(page, question) for question in number_sequence([page], set())[0]]
    assert [q.number for q in questions] == ["1", "2", "3"]
    first, second, third = questions
    assert first.statement.startswith("Find the least prime")
    assert first.statement.endswith("nothing but these.")
    assert second.statement == "Simplify (x^2-9)/(x+3) for x = 7 in a half-open interval."
    assert third.statement == "A rectangle of this shape has which area?"
    assert [q.drawn for q in questions] == [False, False, True]
    assert [has_math(q.statement) for q in questions] == [False, True, False]
