"""Laws of the checker: reflexive, symmetric where promised, blind to wrapping, total, and exact on rationals."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from stages.answers import compare, extract

TIERS = ("boxed", "answer tag", "hashes", "json", "answer line", "the answer is", "last line", "none")
numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=500)
SIGNS = "0123456789xyabnπei+-*/^()[]{}=<>≤,;:!|%°√∞∪±._ "
WORDS = r"""\frac{ }{ \sqrt{ \text{cm} \pi or sin \begin{pmatrix} \end{pmatrix} \\ & $ \$ ** _5 five ALWAYS (A) base-7
    ½ x² \boxed{ \binom{ 5! log_2 0.\overline{3}"""
pieces = st.sampled_from([*SIGNS, *WORDS.split(), " or ", " and "])
texts = st.lists(pieces, max_size=25).map("".join) | st.text(max_size=60)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """LaTeX of values that have one."""
    if depth == 0 or draw(st.booleans()):
        return draw(
            st.sampled_from(["x", "y", "\\pi", "2", "3", "7", "10", "\\sqrt{2}", "\\sqrt{5}", "\\frac{1}{3}", "0.25"])
        )
    one, other = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    form = draw(
        st.sampled_from(["({}) + ({})", "({}) - ({})", "({}) \\cdot ({})", "\\frac{{{}}}{{{} + 11}}", "({})^2 + {}"])
    )
    return form.format(one, other)


def latex(value: Fraction) -> str:
    """A fraction in LaTeX."""
    return str(value) if value.denominator == 1 else f"\\frac{{{value.numerator}}}{{{value.denominator}}}"


@settings(max_examples=300, deadline=None)
@given(texts)
def test_reflexive(text: str) -> None:
    content = text.replace("\\text", "").replace("\\boxed", "")
    assert compare(text, text).verdict == "match" or not any(character.isalnum() for character in content)


@settings(max_examples=400, deadline=None)
@given(texts, texts)
def test_total_and_in_the_vocabulary(truth: str, candidate: str) -> None:
    result = compare(truth, candidate)
    assert result.verdict in ("match", "no", "undecided")
    assert result.reason
    assert extract(truth + candidate).tier in TIERS


@settings(max_examples=200, deadline=None)
@given(numbers, numbers)
def test_rationals_are_equal_exactly_when_they_are(one: Fraction, other: Fraction) -> None:
    wanted = "match" if one == other else "no"
    assert compare(latex(one), str(other)).verdict == wanted
    assert compare(f"({one}, 1)", f"({latex(other)}, 1)").verdict == wanted
    assert compare(f"x > {one}", f"({latex(other)}, \\infty)").verdict == wanted


@settings(max_examples=150, deadline=None)
@given(numbers, st.integers(2, 30))
def test_unreduced_fractions_match(value: Fraction, factor: int) -> None:
    assert compare(latex(value), f"{value.numerator * factor}/{value.denominator * factor}").verdict == "match"


@settings(max_examples=100, deadline=None)
@given(st.lists(numbers, min_size=2, max_size=5, unique=True), st.randoms(use_true_random=False))
def test_lists_have_no_order_and_tuples_have_one(values: list[Fraction], dice: object) -> None:
    turned = values[1:] + values[:1]
    bare = ["; ".join(latex(value) for value in order) for order in (values, turned)]
    assert compare(bare[0], bare[1]).verdict == "match"
    assert compare(f"\\{{{bare[0]}\\}}", f"{{{bare[1]}}}").verdict == "match"
    assert compare(f"({bare[0]})", f"({bare[1]})").verdict == "no"
    assert compare(bare[0], bare[0].rpartition(";")[0]).verdict == "no"


@settings(max_examples=150, deadline=None)
@given(expressions(), expressions())
def test_values_are_symmetric(one: str, other: str) -> None:
    verdicts = {compare(one, other).verdict, compare(other, one).verdict}
    assert len(verdicts) == 1 or "undecided" in verdicts


@settings(max_examples=150, deadline=None)
@given(expressions())
def test_blind_to_wrapping_and_form(text: str) -> None:
    for wrapped in (
        f"${text}$",
        f"\\boxed{{{text}}}",
        f"**{text}**",
        f"\\({text}\\)",
        f"The answer is {text}.",
        f"0 + {text}",
    ):
        assert compare(text, wrapped).verdict == "match", wrapped
    assert compare(text, f"({text}) + 1").verdict == "no"
    assert compare(text, f"\\frac{{3({text})}}{{3}}").verdict == "match"
