"""Stacked mathematics to the linear form, from a text layer and from ink."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from stages.exams.columns import find_columns
from stages.exams.linear import join, write
from stages.exams.lines import page_lines
from stages.exams.pages import open_page
from stages.exams.recognise import reader
from tests.exams.papers import scanned, typeset

# Typst source, linear form.
CASES = [
    ("Find $x^2 + 3x - 7$ now.", "Find x^2 + 3x - 7 now."),
    ("Take $a_n = 3^(n+1)$ here.", "Take a_n = 3^(n+1) here."),
    ("Now $(2a+1)/(b-3)$ is whole.", "Now (2a+1)/(b-3) is whole."),
    ("Now $x^2/3$ and $sqrt(2)/2$ are.", "Now x^2/3 and √2/2 are."),
    ("Add $2/3 + 1/4$ to it.", "Add 2/3 + 1/4 to it."),
    ("Find $log_2 8$ and $sqrt(12)$, too.", "Find log_2 8 and √12, too."),
    ("Find $sqrt(x+1)$ or $root(3, 27)$ first.", "Find √(x+1) or ∛27 first."),
    ("The numeral $312_5$ in base ten.", "The numeral 312_5 in base ten."),
    ("The angle is $60 degree$ and 5% of it.", "The angle is 60° and 5% of it."),
    ("It takes $2 1/2$ hours, or \\$4.25 each.", "It takes 2 1/2 hours, or $4.25 each."),
    ("Let $x <= 3$ and $y >= 4$ but $z != 5$.", "Let x ≤ 3 and y ≥ 4 but z ≠ 5."),
    ("The set ${1, 2, 3, ..., 9}$ has parts.", "The set {1, 2, 3, ..., 9} has parts."),
    ("The area is $18 pi$ or $pi r^2$ here.", "The area is 18π or πr^2 here."),
    ("Find $5^2 dot 5^(-3)$ and $6 times 7$ now.", "Find 5^2 · 5^(-3) and 6 × 7 now."),
    ("Let $f(x) = abs(x - 3)$, that is all.", "Let f(x) = |x - 3|, that is all."),
    ("Find $((x+1)/2)^3$ of it.", "Find ((x+1)/2)^3 of it."),
    (
        'The sum $mat(delim: "[", 7, 3, -2; 8, 6, 12) + mat(delim: "[", 1, 4, 9; 5, 7, 2)$ here.',
        "The sum [7 3 -2; 8 6 12] + [1 4 9; 5 7 2] here.",
    ),
    ('A determinant $mat(delim: "|", 12, 21; 43, 35)$ is given.', "A determinant |12 21; 43 35| is given."),
    ("Solve $cases(5x + 2y = 71, 13x - y = 85)$ for both.", "Solve {5x + 2y = 71, 13x - y = 85} for both."),
]
TEXT_ONLY = [
    ("Nested $1/(1+1/x)$ and $2^(x^2)$ here.", "Nested 1/(1+1/x) and 2^(x^2) here."),
    ("A power $x^(1/2)$ of $f'(x)$ here.", "A power x^(1/2) of f'(x) here."),
    ("A quotient $f(x)/g(x)$ over $k (k+1)$ is", "A quotient f(x)/g(x) over k(k + 1) is"),
    ("A product $(2 x)/3$ and $1/(k (k+1))$ is", "A product (2x)/3 and 1/(k(k+1)) is"),
]


def as_page(cases: list[tuple[str, str]], display: bool) -> str:
    show = "#show math.equation: math.display\n" if display else ""
    return show + "\n\n".join(source for source, _ in cases)


def closed(texts: Iterable[str]) -> list[str]:
    """Texts without spaces, which depend on the style of the mathematics."""
    return ["".join(text.split()) for text in texts]


@pytest.mark.parametrize("font", ["Libertinus Serif", "New Computer Modern"])
@pytest.mark.parametrize("display", [False, True])
def test_text_layer(tmp_path: Path, font: str, display: bool) -> None:
    cases = CASES + TEXT_ONLY
    source = f'#set text(font: "{font}")\n' + as_page(cases, display)
    page = open_page(typeset(source, tmp_path / "paper.pdf"), 1, 200)
    assert closed(write(line.items, page.em, join)[0] for line in page_lines(page, find_columns(page))[0]) == closed(
        w for _, w in cases
    )


@pytest.mark.parametrize("display", [False, True])
def test_ink(tmp_path: Path, display: bool) -> None:
    page = scanned(typeset(as_page(CASES, display), tmp_path / "paper.pdf"))
    read = reader(page, 1, [])
    assert closed(write(line.items, page.em, read)[0] for line in page_lines(page, find_columns(page))[0]) == closed(
        w for _, w in CASES
    )


def test_spaces_of_a_text_layer(tmp_path: Path) -> None:
    source = "A mixed $9 3/5$ and $x^2 + 3 x - 7$, if $log_2 8 = 3$ (11 of 111) is $f(x)$."
    page = open_page(typeset(source, tmp_path / "paper.pdf"), 1, 200)
    (line,) = page_lines(page, find_columns(page))[0]
    assert write(line.items, page.em, join)[0] == "A mixed 9 3/5 and x^2 + 3x - 7, if log_2 8 = 3 (11 of 111) is f(x)."


def test_line_over_segment_is_no_fraction(tmp_path: Path) -> None:
    source = "In rectangle $R$ the segments shown\n\n#v(-6pt)\nare $overline(A B)$ and $overline(C D)$, both whole."
    page = open_page(typeset(source, tmp_path / "paper.pdf"), 1, 200)
    text = " ".join(write(line.items, page.em, join)[0] for line in page_lines(page, find_columns(page))[0])
    assert text == "In rectangle R the segments shown are AB and CD, both whole."
