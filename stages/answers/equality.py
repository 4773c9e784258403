"""Whether two expressions have the same value, for every value of their variables: proved, or not said.

Balls prove that two constants differ (`balls`). That they are equal is proved by exact rational arithmetic
(`rationals`), by a separation bound where they are algebraic (`algebraic`), and as an identity in whatever is
transcendental in them (`kernels`): rational functions in sympy's fields (`fields`), others exactly at random points,
where by the lemma of Schwartz (1980) and Zippel (1979) functions of degree d that differ agree with a probability
under (d/2^24)^3. What agrees to 2000 bits without a proof is not said to be equal.
"""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from random import Random

from flint import acb, arb

from stages.answers.algebraic import root_bound, zero
from stages.answers.balls import Unsettled, enclose, rational, settled
from stages.answers.expressions import (
    MINUS_ONE,
    ONE,
    ZERO,
    Expr,
    Inexact,
    NotReal,
    Num,
    Op,
    Sym,
    Undefined,
    has,
    names,
    put,
    symbols,
    variable_power,
)
from stages.answers.fields import is_zero_function
from stages.answers.kernels import Kernels
from stages.answers.limits import TooLarge, Work
from stages.answers.linear import modulus, terms
from stages.answers.rationals import add, fold, mul, power

_WHOLE = ("fact", "binom", "perm")
_COUNTS = frozenset("klmnpq")  # letters that stand for whole numbers where a floor or ceiling is taken
FEW_BITS, MANY_BITS = 128, 2048


def equal(one: Expr, other: Expr, work: Work) -> bool | None:
    """Whether two expressions have the same value (wherever both have one); None if that could not be proved."""
    if one == other:
        return True
    if isinstance(one, Num) and isinstance(other, Num):
        return one.value == other.value
    used = symbols(one) | symbols(other)
    try:
        if not used - {"i"}:
            return _constants(one, other, work, real="i" not in used)
        return _functions(one, other, work, real="i" not in used)
    except (Inexact, NotReal):
        return None


def prepared(expr: Expr, work: Work) -> Expr:
    """The expression folded, the modulus of a complex number written as a root."""
    folded = fold(expr, work)
    return _with_moduli(folded, work) if has(folded, "abs") and "i" in symbols(folded) else folded


def _with_moduli(expr: Expr, work: Work) -> Expr:
    if not isinstance(expr, Op):
        return expr
    args = tuple(_with_moduli(arg, work) for arg in expr.args)
    if expr.name == "abs" and "i" in symbols(args[0]):
        return modulus(args[0], work)
    return fold(Op(expr.name, args), work)


def _minus(one: Expr, other: Expr, work: Work) -> Expr:
    return add((one, mul((MINUS_ONE, other), work)), work)


# -- constants


def _constants(one: Expr, other: Expr, work: Work, real: bool) -> bool | None:
    try:
        return _is_zero(_minus(prepared(one, work), prepared(other, work), work), work, real)
    except NotReal:
        return _constants(one, other, work, real=False) if real else None
    except Undefined:
        defined = [_has_value(expr, work) for expr in (one, other)]
        return False if True in defined and False in defined else None


def _has_value(expr: Expr, work: Work) -> bool | None:
    try:
        settled(prepared(expr, work), FEW_BITS, work, False, zero, set())
    except Undefined:
        return False
    except Inexact:
        return None
    return True


def _is_zero(expr: Expr, work: Work, real: bool) -> bool | None:
    """Whether a folded constant is zero."""
    if isinstance(expr, Num):
        return not expr.value
    if root_bound(expr, work, real) is not None:
        return zero(expr, work, real)
    zeros: set[Expr] = set()
    ball = settled(expr, FEW_BITS, work, real, zero, zeros)
    if not ball.contains(0) or ball.is_zero():
        return bool(ball.is_zero())
    try:
        if _identity(expr, work, real) or _angles_cancel(expr, work):
            return True
    except (Inexact, Undefined, TooLarge):
        pass
    for bits in (512, MANY_BITS):
        if not settled(expr, bits, work, real, zero, zeros).contains(0):
            return False
    return None


def _angles_cancel(expr: Expr, work: Work) -> bool:
    """Whether a sum of inverse circular functions and multiples of pi is zero.

    e^(i n x) is a product of powers of 1 + i x_k; where it is real and |n x| < 1, x is zero.
    """
    found = terms(expr, work)
    scale = math.lcm(*(value.denominator for value in found.values()))
    parts: list[Expr] = []
    for monomial, value in found.items():
        if len(monomial) != 1 or monomial[0][1] != 1 or abs(count := int(value * scale)) > 24:
            return False
        atom = monomial[0][0]
        if atom == Sym("π"):
            if count % 2:
                parts.append(MINUS_ONE)
            continue
        if not isinstance(atom, Op) or atom.name not in ("arcsin", "arccos", "arctan"):
            return False
        x, two = atom.args[0], Num(Fraction(2))
        rest = Op("root", (_minus(ONE, power((x, two), work), work), two))
        sides: dict[str, tuple[Expr, Expr]] = {"arctan": (ONE, x), "arcsin": (rest, x), "arccos": (x, rest)}
        across, up = sides[atom.name]
        parts.append(power((add((across, mul((Sym("i"), up), work)), work), Num(Fraction(count))), work))
    turned = fold(mul(parts, work), work)
    mirrored = fold(put(turned, {"i": mul((MINUS_ONE, Sym("i")), work)}), work)
    if zero(_minus(turned, mirrored, work), work, False) is not True:
        return False
    ball = settled(mul((Num(Fraction(scale)), expr), work), FEW_BITS, work, True, zero, set())
    return bool(abs(ball) < 1)


# -- functions of variables


def _functions(one: Expr, other: Expr, work: Work, real: bool) -> bool | None:
    """Whether two functions agree: differing points speak against it, a proof for it."""
    try:
        expr = _minus(prepared(one, work), prepared(other, work), work)
    except Undefined:
        return None
    if isinstance(expr, Num):
        return not expr.value
    whole_only = any(has(e, name) for e in (one, other) for name in _WHOLE) or variable_power(one, other)
    if has(expr, "floor") or has(expr, "ceil"):
        whole_only |= symbols(expr) <= _COUNTS
    used = sorted((symbols(one) | symbols(other)) - {"i"})
    points = list(_points(used, work.dice, whole_only))
    apart = [_apart(expr, at, work, real, FEW_BITS) for _, at in points]
    decisive = "whole" if whole_only else "positive"
    if any(away for away, (sort, _) in zip(apart, points, strict=True) if sort == decisive):
        return False
    if True not in apart:
        try:
            if _identity(expr, work, real):
                return True
        except (Inexact, Undefined, TooLarge):
            pass
        far = [_apart(expr, at, work, real, MANY_BITS) for sort, at in points[:4] if sort == decisive]
        return False if True in far else None
    defined = [away for away, (sort, _) in zip(apart, points, strict=True) if sort == decisive and away is not None]
    return None if defined else False


def _points(used: list[str], dice: Random, whole: bool) -> Iterator[tuple[str, dict[str, Expr]]]:
    """Points to tell functions apart: whole ones first where variables are counts, then positive, then mixed ones."""
    if whole:
        for _ in range(3):
            yield "whole", {name: Num(Fraction(dice.randrange(1, 12))) for name in used}
    for _ in range(3):
        yield "positive", {name: Num(random_rational(dice)) for name in used}
    for power_of_ten in (0, 0) if whole else (0, 0, 2, 5, -2):
        scale = Fraction(10) ** power_of_ten
        yield "mixed", {name: Num(random_rational(dice) * scale * dice.choice((-1, 1))) for name in used}


def random_rational(dice: Random) -> Fraction:
    return Fraction(dice.randrange(2, 1000), dice.choice((7, 11, 13, 90, 510)))


def _apart(expr: Expr, at: Mapping[str, Expr], work: Work, real: bool, bits: int) -> bool | None:
    """Whether a difference is certainly not zero at a point; None where it has no value there."""
    try:
        value = fold(put(expr, dict(at)), work)
        if isinstance(value, Num):
            return bool(value.value)
        return not settled(value, bits, work, real, zero, set()).contains(0)
    except (Undefined, NotReal, Inexact, TooLarge):
        return None


# -- identities


def _identity(expr: Expr, work: Work, real: bool) -> bool:
    """Whether an expression is zero whatever its variables and its transcendental parts stand for.

    False proves nothing. Raises Inexact where the question cannot be asked safely.
    """
    kernels = Kernels((expr,), lambda a, b: equal(a, b, work), work)
    form = kernels.replaced(expr)
    if isinstance(form, Num):
        return not form.value
    try:
        if not kernels.signs:
            return is_zero_function(form, work)
    except Inexact:
        pass
    real = real and "i" not in symbols(form)
    if len(kernels.signs) > 3:
        raise Inexact
    for pattern in product((1, -1), repeat=len(kernels.signs)):
        signs: dict[str, Expr] = {
            name: Num(Fraction(sign)) for name, sign in zip(sorted(kernels.signs), pattern, strict=True)
        }
        if not _zero_at_random(put(form, signs), kernels, work, real):
            return False
    return True


def _zero_at_random(form: Expr, kernels: Kernels, work: Work, real: bool) -> bool:
    """Whether an algebraic form is zero, exactly, at three random points where it has a value."""
    used = sorted((symbols(form) | (names(form) & {"π", "e"})) - {"i"})
    good = 0
    for attempt in range(12):  # every other one with positive variables, because roots may need them
        at: dict[str, Expr] = {}
        balls: dict[str, acb] = {}
        for name in used:
            if name in kernels.values and name not in kernels.turning:
                at[name], balls[name] = _near(kernels.values[name], work)
            else:
                sign = 1 if attempt % 2 == 0 or name in kernels.positive else work.dice.choice((-1, 1))
                value = Fraction(sign * work.dice.randrange(1, 1 << 24), work.dice.randrange(1, 1 << 6))
                at[name], balls[name] = Num(value), acb(rational(value))
        try:
            if kernels.values and (has(form, "root") or has(form, "abs")):
                enclose(form, FEW_BITS, set(), work, real, balls)  # no branch point near the constants
            if zero(fold(put(form, at), work), work, real) is not True:
                return False
        except Unsettled:
            raise Inexact from None
        except (NotReal, Undefined, TooLarge):
            continue
        good += 1
        if (good >= 3 and attempt >= 3) or not used:
            return True
    raise Inexact


def _near(value: Expr, work: Work) -> tuple[Num, acb]:
    """A random rational within 2^-20 of a constant, and a ball that holds both."""
    ball = settled(fold(value, work), 64, work, True, zero, set()).real
    middle = Fraction(int((ball * 2**40).mid().floor().unique_fmpz() or 0), 2**40)
    chosen = middle + Fraction(work.dice.randrange(1, 1 << 19), 1 << 40)
    return Num(chosen), acb(rational(middle) + arb(0, 2.0**-20))


# -- constants as numbers


def constant(expr: Expr, work: Work) -> Fraction | None:
    """The rational that a constant is; None where it is none, or not proved to be."""
    try:
        folded = prepared(expr, work)
        if isinstance(folded, Num):
            return folded.value
        if symbols(folded):
            return None
        ball = settled(folded, 192, work, True, zero, set()).real
        guess = Fraction(float(ball)).limit_denominator(10**6)
        if not ball.contains(rational(guess)):
            return None
        return guess if zero(add((folded, Num(-guess)), work), work, True) else None
    except (Inexact, Undefined, NotReal, TooLarge, OverflowError):
        return None


def order(one: Expr, other: Expr, work: Work) -> int | None:
    """-1, 0 or 1 as one constant is smaller, equal or larger than the other; None where that is not proved."""
    try:
        difference = _minus(prepared(one, work), prepared(other, work), work)
        if isinstance(difference, Num):
            return (difference.value > 0) - (difference.value < 0)
        if symbols(difference):
            return None
        ball = settled(difference, 512, work, True, zero, set()).real
    except (Inexact, Undefined, NotReal, TooLarge):
        return None
    if ball.contains(0):
        return 0 if equal(difference, ZERO, work) else None
    return 1 if ball > 0 else -1
