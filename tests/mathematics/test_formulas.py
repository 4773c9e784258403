"""stages.mathematics.formulas: formulas set as MathML, all other text as it is, and nothing of it acts."""

import re
import time
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.mathematics.formulas import mathematics

TAGS = {"math", "mrow", "mfrac", "msup", "msub", "msqrt", "mroot", "mtable", "mtr", "mtd", "mn", "mi", "mo"}


def shape(text: str) -> str:
    """MathML as short text: rows left out, `frac(a b)`, `sup(x 2)`."""

    def told(node: ET.Element) -> str:
        inner = " ".join(filter(None, map(told, node)))
        if node.tag in ("mn", "mi", "mo"):
            return node.text or ""
        return inner if node.tag in ("mrow", "math") else f"{node.tag[1:]}({inner})"

    return told(ET.fromstring(str(mathematics(text))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^2", "sup(x 2)"),
        ("x^-2", "sup(x - 2)"),
        ("x^(n+1)", "sup(x n + 1)"),
        ("x^(-1/2)", "sup(x - frac(1 2))"),
        ("4x^2y", "4 sup(x 2) y"),
        ("a_n", "sub(a n)"),
        ("a_(n+1)", "sub(a n + 1)"),
        ("a_n^2", "sup(sub(a n) 2)"),
        ("log_2(x+1)", "sub(log 2) ( x + 1 )"),
        ("3/4", "frac(3 4)"),
        ("(2x+1)/3", "frac(2 x + 1 3)"),
        ("(2x + 1)/(x - 3)", "frac(2 x + 1 x - 3)"),
        ("x^2/3", "frac(sup(x 2) 3)"),
        ("√12", "sqrt(12)"),
        ("3√3", "3 sqrt(3)"),
        ("√(x+1)", "sqrt(x + 1)"),
        ("√x/2", "frac(sqrt(x) 2)"),
        ("√(1+√2)", "sqrt(1 + sqrt(2))"),
        ("(x-1)^2", "sup(( x - 1 ) 2)"),
        ("sin^2", "sup(sin 2)"),
        ("π/2", "frac(π 2)"),
        ("1.5^2", "sup(1.5 2)"),
        ("xy^2", "x sup(y 2)"),
        ("(a ≤ b)^2", "sup(( a ≤ b ) 2)"),
        ("∛16", "root(16 3)"),
        ("2∛(x+1)", "2 root(x + 1 3)"),
        ("[1 2; 3 4]", "[ table(tr(td(1) td(2)) tr(td(3) td(4))) ]"),
        ("|x^2 -1; a_1 (1/2)|", "| table(tr(td(sup(x 2)) td(- 1)) tr(td(sub(a 1)) td(( frac(1 2) )))) |"),
        ("(1 2; 3 4)", "( table(tr(td(1) td(2)) tr(td(3) td(4))) )"),
        ("[1; 2]^2", "sup([ table(tr(td(1)) tr(td(2))) ] 2)"),
    ],
)
def test_formulas(text, expected):
    assert shape(text) == expected
    assert f'title="{text.replace("<", "&lt;")}"' in str(mathematics(text))  # the plain form on hover


@pytest.mark.parametrize(
    "text",
    [
        "",
        "and/or",
        "w/o",
        "km/h",
        "a/b",
        "file_name",
        "snake_case_2",
        "2 + 2 = 4",
        "x = 5",
        "(see above)",
        "(a; b)",
        "(see a; b c)",
        "[1 2; 3]",
        "[one two; three four]",
        "[1 2; 3 4|",
        "|x| + |y|; z",
        "[; ]",
        "√",
        "x^",
        "x^^2",
        "((((((((((1))))))))))^2",
        "word^2word",
        "x^(two words)",
        "https://example.org/a",
    ],
)
def test_other_text_is_left_alone(text):
    assert "<math" not in str(mathematics(text))
    assert str(mathematics(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Find x^2, then stop.", 'Find <math title="x^2">…</math>, then stop.'),
        ("Is 1/2 < √2?", 'Is <math title="1/2">…</math> &lt; <math title="√2">…</math>?'),
        ("+)+log 2 and 6 log_2 8", '+)+log 2 and 6 <math title="log_2">…</math> 8'),
        ("Let y = sin^2 x.", 'Let y = <math title="sin^2">…</math> x.'),
        ("x^2x^3 y", '<math title="x^2x^3">…</math> y'),
        ("f(x) = x^2", 'f(x) = <math title="x^2">…</math>'),
    ],
)
def test_formulas_within_text(text, expected):
    assert re.sub(r"(<math[^>]*>).*?(</math>)", r"\1…\2", str(mathematics(text))) == expected


HOSTILE = st.lists(
    st.sampled_from(
        [
            *"x2√^_/()+-<>&\"' \n",
            "<script>",
            "</math>",
            "log",
            "[1 2; ",
            "3 4]",
            "|",
            ";",
            "∛",
            "word",
            "&lt;",
            "\x00",
            "√(",
            ")^2",
            "1/",
        ]
    ),
    max_size=60,
).map("".join) | st.text(max_size=80)


@given(HOSTILE)
def test_nothing_acts_and_nothing_is_lost(text):
    html = str(mathematics(text))
    tags = re.findall(r"</?([a-z]+)", html)
    assert {*tags} <= TAGS
    assert all(re.fullmatch(r"</?m[a-z]+>|<math title=\"[^\"<>]*\">", tag) for tag in re.findall(r"<[^>]*>", html))
    letters = re.sub(r"<[^>]*>", "", html.replace("<mn>3</mn></mroot>", ""))  # the 3 of a cube root is its sign
    for entity, plain in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        letters = letters.replace(entity, plain)
    dropped = re.compile(r"[\s^_/√∛();]")  # set as lines, places and spaces
    assert dropped.sub("", letters) == dropped.sub("", text)


@pytest.mark.parametrize(
    "piece", ["(", "√", "1/", "x^", "((1)", "a_b", "(x+", "√(", "x^(", "[", "[1;", "[1 2; ", "|1 2; 3 4| ", "∛"]
)
def test_no_text_takes_long(piece):
    start = time.process_time()
    mathematics(piece * 5_000)
    assert time.process_time() - start < 5
