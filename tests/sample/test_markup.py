"""Markup to linear form and to Typst: tables of cases, refusals, and a real compilation."""

import pytest

from data.sample.markup import linear, typst

typst_compiler = pytest.importorskip("typst")

CASES = [
    ("plain words, nothing else.", "plain words, nothing else."),
    ("$2x^2 + 3x - 5 = 0$", "2x^2 + 3x - 5 = 0"),
    ("$x^(n+1)$ and $a_(n+1)$ and $a_n$", "x^(n+1) and a_(n+1) and a_n"),
    ("$(2x+1)/3$", "(2x+1)/3"),
    ("$3 1/2$", "3 1/2"),
    ("$-3/4$", "-3/4"),
    ("$2114_5$", "2114_5"),
    ("$sqrt(12)$", "√12"),
    ("$sqrt(x+1)$", "√(x+1)"),
    ("$sqrt(x)$", "√x"),
    ("$sqrt(x) + 1 = 3$", "√x + 1 = 3"),
    ("$sqrt(sqrt(16))$", "√(√16)"),
    ("$sqrt(2 x)$", "√(2x)"),
    ("$5 sqrt(2)$", "5√2"),
    ("$root(3, 27)$", "∛27"),
    ("$root(3, x+1)$", "∛(x+1)"),
    ("$log_2 8 + log_3 9$", "log_2 8 + log_3 9"),
    ("$3 sin 30 degree$", "3 sin 30°"),
    ("$x y$ is $2 pi r$", "xy is 2πr"),
    ("$36 pi$", "36π"),
    ("$n (n+1)$", "n (n+1)"),
    ("$f(g(2))$", "f(g(2))"),
    ("$3 dot 4 times 5$", "3 · 4 × 5"),
    ("$x <= 3$, $y >= 4$, $z != 5$, $u < 6$", "x ≤ 3, y ≥ 4, z ≠ 5, u < 6"),
    ("${1, 2, 3, ..., 9}$", "{1, 2, 3, ..., 9}"),
    ("$|x - 3| = 5$", "|x - 3| = 5"),
    ("$30!$", "30!"),
    ('$77"d"0$', "77d0"),
    ("$a : b = 2 : 3$", "a : b = 2 : 3"),
    ("$25%$ of \\$4.50", "25% of $4.50"),
    ("$(3, -2)$", "(3, -2)"),
]
REFUSED = ["$x y", "$alpha$", "$xy$", "$sqrt 2$", "$sqrt(2$", "$root(4, 16)$", "$x & y$", "$[1]$", "costs $5"]
SPECIAL = r"""#set *bold* _it_ `raw` <tag> @ref ~ [x] \ = + - / "q" 'q' -- --- ... 1. a"""


@pytest.mark.parametrize(("markup", "expected"), CASES)
def test_linear(markup, expected):
    assert linear(markup) == expected


@pytest.mark.parametrize("markup", REFUSED)
def test_what_is_not_in_the_subset_is_refused(markup):
    for form in (linear, typst):
        with pytest.raises(ValueError, match=r"subset|partner|brackets|linear form"):
            form(markup)


def test_typst_takes_every_case():
    source = "\n\n".join(typst(markup) for markup, _ in CASES) + "\n\nx " + typst(SPECIAL)
    assert typst_compiler.compile(source.encode(), format="pdf").startswith(b"%PDF")


def test_text_comes_out_of_the_page_as_it_went_in():
    pdfium = pytest.importorskip("pypdfium2")
    source = '#set page(width: 60cm)\n#set text(font: "Libertinus Serif", ligatures: false)\n' + typst("x " + SPECIAL)
    page = pdfium.PdfDocument(typst_compiler.compile(source.encode(), format="pdf"))[0]
    assert page.get_textpage().get_text_range().split() == ("x " + SPECIAL).split()
