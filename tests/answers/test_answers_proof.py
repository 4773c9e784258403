"""Equality is proved or not said: master keys, separation bounds, balls."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.answers import compare
from stages.answers.algebraic import root_bound, zero
from stages.answers.equality import order, prepared
from stages.answers.expressions import ZERO, Expr
from stages.answers.limits import Work
from stages.answers.parse import parse
from tests.answers.master_keys import SHARED, false_matches, keys

KEYS = [
    "7",
    "-1",
    "0",
    "x^2+1",
    r"\frac{3}{4}",
    r"2\sqrt{3}",
    r"\pi",
    "2+3i",
    "(2,3)",
    r"(-\infty,2)",
    "A",
    "5 cm",
    "x=3",
]


def test_no_master_key_opens_a_common_key() -> None:
    assert not list(false_matches(KEYS))


@pytest.mark.skipif(not SHARED.exists(), reason="the real keys are not here")
def test_no_master_key_opens_a_real_key() -> None:
    assert not list(false_matches(keys()[::25]))


def expression(text: str) -> Expr:
    """A text as a folded expression."""
    work = Work()
    parsed = parse(text, work)
    assert not isinstance(parsed, str)
    return prepared(parsed, work)  # type: ignore[arg-type]


ZEROS = [
    r"\sqrt{5+2\sqrt{6}}-\sqrt2-\sqrt3",
    r"\sqrt[3]{2+\sqrt5}+\sqrt[3]{2-\sqrt5}-1",
    r"\frac{1}{1+\sqrt[3]{2}}-\frac{1-\sqrt[3]{2}+\sqrt[3]{4}}{3}",
    r"\cos\frac{\pi}{5}-\cos\frac{2\pi}{5}-\frac12",
    r"\sqrt{\sqrt{2}\sqrt{2}-2}",
    r"(1+i)^4+4",
]


@pytest.mark.parametrize("text", ZEROS)
def test_algebraic_zeros_are_proved_and_their_neighbours_are_not_zero(text: str) -> None:
    assert zero(expression(text), Work(), real="i" not in text) is True
    for digits in (20, 80, 200):
        assert zero(expression(f"{text}+10^{{-{digits}}}"), Work(), real="i" not in text) is False


@pytest.mark.parametrize(
    ("text", "least"), [(r"\sqrt2-1", 1), (r"\sqrt{2}+\sqrt{3}-\frac{31}{10}", 4), (r"\sqrt{101}-10", 4)]
)
def test_the_separation_bound_is_below_what_it_bounds(text: str, least: int) -> None:
    bound = root_bound(expression(text), Work(), real=True)
    assert bound is not None
    assert bound >= least
    assert order(expression(text), expression(f"2^{{-{bound}}}"), Work()) == 1


def test_a_transcendental_constant_has_no_separation_bound() -> None:
    assert root_bound(expression(r"\pi+\sqrt2"), Work(), real=True) is None


def test_order_is_proved() -> None:
    assert order(expression(r"\sqrt2"), expression("1.5"), Work()) == -1
    assert order(expression(r"\sqrt8"), expression(r"2\sqrt2"), Work()) == 0
    assert order(expression(r"\pi"), expression(r"\frac{22}{7}"), Work()) == -1
    assert order(expression("x"), ZERO, Work()) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [(r"\ln(\ln 4)-\ln(\ln 2)", r"\ln 2"), (r"\tan(\arctan 2)", "2"), (r"\sin 1\cos 1", r"\frac{\sin 2}{2}")],
)
def test_two_constants_have_the_same_place_only_where_they_are_proved_equal(one: str, other: str) -> None:
    assert order(expression(one), expression(other), Work()) in (0, None)
    assert (order(expression(one), expression(other), Work()) == 0) is (compare(one, other).verdict == "match")


def test_roots_of_negative_numbers_keep_their_sign() -> None:
    assert compare(r"\sqrt{\pi-4}", r"-\sqrt{4-\pi}").verdict == "no"
    assert compare(r"\sqrt{\pi-4}", r"i\sqrt{4-\pi}").verdict == "match"
    assert compare(r"\sqrt{\pi-4}", r"-i\sqrt{4-\pi}").verdict == "no"


@settings(max_examples=60, deadline=None)
@given(st.integers(-(10**40), 10**40) | st.fractions(-1000, 1000, max_denominator=1000), st.booleans())
def test_a_modulus_is_not_what_is_in_it_however_far_away_they_part(shift: Fraction, key: bool) -> None:
    """Where they differ may lie beyond every random point; the proof has to try both signs."""
    for modulus in (f"|x+({shift})|", f"\\sqrt{{(x+({shift}))^2}}", f"|y|+|x+({shift})|-|y|"):
        pair = (modulus, f"x+({shift})")
        assert compare(*(pair if key else pair[::-1])).verdict != "match"
        assert compare(modulus, f"|({-shift})-x|" if "y" not in modulus else modulus + "+0").verdict == "match"
