"""Whether two expressions have the same value, for every value of their variables."""

from fractions import Fraction
from random import Random

from stages.answers.exact import Value, exact, same
from stages.answers.expressions import Expr, Inexact, NotReal, Num, Undefined, has, symbols, variable_power
from stages.answers.limits import Work
from stages.answers.numeric import Numeric, numeric_difference

_WHOLE = ("fact", "binom", "perm", "floor", "ceil")


def equal(one: Expr, other: Expr, work: Work) -> bool | None:
    """Whether two expressions have the same value (for every value of their variables); None if that is not sure.

    With variables, they are compared at random rational points, chosen anew for each pair: exactly where possible,
    else at 50 and 100 digits. By the lemma of Schwartz (1980) and Zippel (1979), distinct rational functions of
    degree d agree at one such point with probability under d/1000, at all of them under (d/1000)^3.
    """
    if one == other:
        return True
    if isinstance(one, Num) and isinstance(other, Num):
        return one.value == other.value
    used = symbols(one) | symbols(other)
    over_reals = "i" not in used
    names = sorted(used - {"i"})
    if not names:
        return _constants(one, other, work, over_reals)
    dice = work.dice
    positive = [_outcome(one, other, {n: random_rational(dice) for n in names}, work, over_reals) for _ in range(2)]
    whole_only = any(has(expr, name) for expr in (one, other) for name in _WHOLE) or variable_power(one, other)
    if False in positive and not whole_only:
        return False
    either = [
        _outcome(one, other, {n: random_rational(dice) * dice.choice((-1, 1)) for n in names}, work, over_reals)
        for _ in range(4)
    ]
    whole: list[bool | str | None] = []
    if whole_only:
        whole = [
            _outcome(one, other, {n: Fraction(dice.randrange(1, 12)) for n in names}, work, over_reals)
            for _ in range(3)
        ]
    results = positive + either + whole
    if None in results:
        return None
    valid = [result for result in results if result != "undefined"]
    if len(valid) < 2:
        return None
    if all(valid):
        return True
    for group in (positive, whole):  # equal wherever the variables are positive, or whole, and not elsewhere
        if group and all(result is True for result in group):
            return None
    return False


def random_rational(dice: Random) -> Fraction:
    return Fraction(dice.randrange(2, 1000), dice.choice((7, 11, 13, 90, 510)))


def _outcome(one: Expr, other: Expr, at: dict[str, Fraction], work: Work, over_reals: bool) -> bool | str | None:
    """Equal, not equal or unsure at a point, or `undefined` where one of them has no real value."""
    try:
        return _equal_at(one, other, at, work, over_reals)
    except (Undefined, NotReal, Inexact):
        return "undefined"


def _equal_at(one: Expr, other: Expr, at: dict[str, Fraction], work: Work, over_reals: bool) -> bool | None:
    """Exactly where both have exact values, else numerically; raises Undefined, NotReal and Inexact."""
    try:
        return same(exact(one, at, work, over_reals), exact(other, at, work, over_reals), work)
    except Inexact:
        return numeric_difference(one, other, at, work, over_reals)


def _constants(one: Expr, other: Expr, work: Work, over_reals: bool) -> bool | None:
    """Two expressions without variables; complex values where they are not real."""
    try:
        return _equal_at(one, other, {}, work, over_reals)
    except NotReal:
        return _constants(one, other, work, over_reals=False) if over_reals else None
    except Inexact:
        return None
    except Undefined:
        return None if _undefined(one, work) and _undefined(other, work) else False


def _undefined(expr: Expr, work: Work) -> bool:
    """Whether a constant has no value, as 1/0 has none."""
    try:
        exact(expr, {}, work, over_reals=False)
    except Undefined:
        return True
    except Inexact:
        try:
            Numeric(50, {}, work, over_reals=False).value(expr)
        except Undefined:
            return True
        except Inexact:
            return True  # neither is known to have a value, so neither is known to differ
    return False


def constant(expr: Expr, work: Work) -> Value | None:
    """The exact value of an expression without variables; None where it has none."""
    try:
        return exact(expr, {}, work, True)
    except (Inexact, Undefined, NotReal):
        return None


def approximate(expr: Expr, work: Work) -> float | None:
    """A constant as a float, to sort by; None where it is none."""
    if isinstance(expr, Num):
        try:
            return float(expr.value)
        except OverflowError:
            return None
    if symbols(expr):
        return None
    try:
        return float(Numeric(50, {}, work, True).value(expr))
    except (Inexact, Undefined, NotReal, OverflowError):
        return None
