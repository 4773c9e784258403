"""Exact values of expressions: quotients of sums of radicals.

`exact` gives a quotient of sums of products of rational powers of primes, pi, e and -1. Products of distinct radicals
of primes are linearly independent over the rationals (Besicovitch 1940), so such a sum is zero only if it has no
terms, and no simplification is ever needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, isqrt, perm

from stages.answers.expressions import Expr, Inexact, NotReal, Num, Op, Sym, Undefined
from stages.answers.limits import MAX_BITS, MAX_FACTORIAL, MAX_RADICAND_BITS, MAX_TERMS, TooHard, Work

Radicals = tuple[tuple[int | str, Fraction], ...]  # sorted bases, each to an exponent
Sum = dict[Radicals, Fraction]


@dataclass(frozen=True, slots=True)
class Exact:
    """A quotient of two sums of radicals."""

    top: Sum
    bottom: Sum


Value = Fraction | Exact
_ONE: Sum = {(): Fraction(1)}


def _lift(value: Value) -> Exact:
    if isinstance(value, Exact):
        return value
    return Exact({(): value} if value else {}, _ONE)


def _check(value: Fraction, work: Work) -> Fraction:
    bits = value.numerator.bit_length() + value.denominator.bit_length()
    if bits > MAX_BITS:
        raise TooHard(f"an integer of more than {MAX_BITS} bits")
    work.spend(1)
    work.spend_on(value)
    return value


def _times(one: Sum, other: Sum, work: Work) -> Sum:
    if one == _ONE:
        return other
    if other == _ONE:
        return one
    if len(one) * len(other) > MAX_TERMS * MAX_TERMS:
        raise Inexact
    total: Sum = {}
    for left, a in one.items():
        for right, b in other.items():
            work.spend(5)
            key, factor = _merge(left, right, work) if left and right else (left or right, 1)
            value = _check(a * b * factor, work)
            if key in total:
                value = _check(total[key] + value, work)
            if value:
                total[key] = value
            else:
                total.pop(key, None)
    if len(total) > MAX_TERMS:
        raise Inexact
    return total


def _merge(left: Radicals, right: Radicals, work: Work) -> tuple[Radicals, Fraction]:
    """The product of two products of radicals, and the rational factor that comes out."""
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = exponents.get(base, Fraction(0)) + exponent
    return _normal(exponents, work)


def _normal(exponents: Mapping[int | str, Fraction], work: Work) -> tuple[Radicals, Fraction]:
    work.spend(3 * len(exponents))
    factor = Fraction(1)
    kept = []
    for base, exponent in exponents.items():
        if isinstance(base, int):
            whole = exponent.numerator // exponent.denominator
            if whole:
                factor *= Fraction(base) ** whole
                exponent -= whole
        if exponent:
            kept.append((base, exponent))
    return tuple(sorted(kept, key=str)), factor


def _plus(one: Sum, other: Sum, work: Work) -> Sum:
    total = dict(one)
    for key, value in other.items():
        summed = _check(total.get(key, Fraction(0)) + value, work)
        if summed:
            total[key] = summed
        else:
            total.pop(key, None)
    return total


def add(a: Value, b: Value, work: Work) -> Value:
    """a + b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _check(a + b, work)
    a, b = _lift(a), _lift(b)
    if a.bottom == b.bottom:
        return Exact(_plus(a.top, b.top, work), a.bottom)
    top = _plus(_times(a.top, b.bottom, work), _times(b.top, a.bottom, work), work)
    return Exact(top, _times(a.bottom, b.bottom, work))


def mul(a: Value, b: Value, work: Work) -> Value:
    """a x b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _check(a * b, work)
    a, b = _lift(a), _lift(b)
    return Exact(_times(a.top, b.top, work), _times(a.bottom, b.bottom, work))


def div(a: Value, b: Value, work: Work) -> Value:
    """a / b; raises Undefined where b is zero."""
    if is_zero(b):
        raise Undefined("division by zero")
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _check(a / b, work)
    a, b = _lift(a), _lift(b)
    if len(b.top) == 1:  # one term: its inverse is one term as well
        ((key, value),) = b.top.items()
        inverse, factor = _normal({base: -exponent for base, exponent in key}, work)
        return Exact(_times(_times(a.top, {inverse: factor / value}, work), b.bottom, work), a.bottom)
    return Exact(_times(a.top, b.bottom, work), _times(a.bottom, b.top, work))


def is_zero(value: Value) -> bool:
    """Exactly zero."""
    return not (value.top if isinstance(value, Exact) else value)


def same(a: Value, b: Value, work: Work) -> bool:
    """Exactly equal."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a == b
    a, b = _lift(a), _lift(b)
    return _times(a.top, b.bottom, work) == _times(b.top, a.bottom, work)


def _whole_power(base: Value, exponent: int, work: Work) -> Value:
    if exponent < 0:
        return div(Fraction(1), _whole_power(base, -exponent, work), work)
    if isinstance(base, Fraction):
        bits = (base.numerator.bit_length() + base.denominator.bit_length()) * exponent
        if abs(base) != 1 and bits > MAX_BITS:
            raise TooHard(f"an integer of more than {MAX_BITS} bits")
        if abs(base) == 1:
            exponent %= 2
        return _check(base**exponent, work)
    if exponent > MAX_BITS:
        raise Inexact
    result: Value = Fraction(1)
    while exponent:
        if exponent & 1:
            result = mul(result, base, work)
        exponent >>= 1
        if exponent:
            base = mul(base, base, work)
    return result


def _factors(number: int, work: Work) -> tuple[tuple[int, int], ...] | None:
    """Prime factors of a positive integer; None where they are out of reach."""
    if number.bit_length() > MAX_RADICAND_BITS:
        return None
    work.spend(min(isqrt(number), 2000) // 30)
    return _divided(number)


@lru_cache(maxsize=4096)
def _divided(number: int) -> tuple[tuple[int, int], ...] | None:
    """Prime factors by trial division up to 2000."""
    found = []
    divisor = 2
    while divisor * divisor <= number and divisor < 2000:
        count = 0
        while number % divisor == 0:
            number //= divisor
            count += 1
        if count:
            found.append((divisor, count))
        divisor += 1 if divisor == 2 else 2
    if number > 1:
        root = isqrt(number)
        if divisor * divisor > number:
            found.append((number, 1))
        elif root * root == number and root < 4_000_000:  # no factor below 2000, so root is prime
            found.append((root, 2))
        else:
            return None
    return tuple(found)


def root(value: Value, degree: int, work: Work, over_reals: bool) -> Value:
    """The real or principal root; raises Inexact for a root of a sum (a nested radical)."""
    if degree == 0:
        raise Undefined("a zeroth root")
    if degree < 0:
        return div(Fraction(1), root(value, -degree, work, over_reals), work)
    if is_zero(value):
        return Fraction(0)
    if isinstance(value, Exact):
        if len(value.top) != 1 or len(value.bottom) != 1:
            value = _collapse(value, work)
        if isinstance(value, Exact):
            if len(value.top) != 1 or len(value.bottom) != 1:
                raise Inexact
            ((top, a),), ((bottom, b),) = value.top.items(), value.bottom.items()
            if any(base == -1 for base, _ in (*top, *bottom)):
                raise Inexact
            outer = root(a / b, degree, work, over_reals)
            inner = {base: exponent / degree for base, exponent in top}
            for base, exponent in bottom:
                inner[base] = inner.get(base, Fraction(0)) - exponent / degree
            key, factor = _normal(inner, work)
            return mul(outer, Exact({key: factor}, _ONE), work)
    assert isinstance(value, Fraction)
    negative = value < 0
    if negative and degree % 2 == 0:
        if over_reals:
            raise NotReal
        if degree != 2:
            raise Inexact
    work.spend(10)
    if degree > 1000:
        raise Inexact
    top_factors, bottom_factors = _factors(abs(value.numerator), work), _factors(value.denominator, work)
    if top_factors is None or bottom_factors is None:
        raise Inexact
    exponents: dict[int | str, Fraction] = {}
    for prime, count in top_factors:
        exponents[prime] = Fraction(count, degree)
    for prime, count in bottom_factors:
        exponents[prime] = Fraction(-count, degree)
    if negative and degree == 2:
        exponents[-1] = Fraction(1, 2)
    key, factor = _normal(exponents, work)
    if negative and degree % 2:
        factor = -factor
    return Exact({key: factor}, _ONE) if key else factor


def _collapse(value: Exact, work: Work) -> Value:
    """A quotient as a rational or a single term where it is one."""
    if len(value.bottom) == 1 and value.bottom != _ONE:
        value = _lift(div(Exact(value.top, _ONE), Exact(value.bottom, _ONE), work))
    if value.bottom == _ONE:
        if not value.top:
            return Fraction(0)
        if set(value.top) == {()}:
            return value.top[()]
        return value
    if value.top and value.top.keys() == value.bottom.keys():
        ratios = {value.top[key] / value.bottom[key] for key in value.top}
        if len(ratios) == 1:
            return ratios.pop()
    return value


_SINES = {  # sin(k x 15 degrees) where it is a single radical: k: (square of the value, as a fraction)
    0: Fraction(0),
    2: Fraction(1, 4),
    3: Fraction(1, 2),
    4: Fraction(3, 4),
    6: Fraction(1),
}


def _sine(turns: Fraction, work: Work) -> Value:
    """sin(2 pi x turns) for multiples of 30 and 45 degrees."""
    turns %= 1
    sign = 1
    if turns >= Fraction(1, 2):
        turns, sign = turns - Fraction(1, 2), -1
    if turns > Fraction(1, 4):
        turns = Fraction(1, 2) - turns
    steps = turns * 24
    if steps.denominator != 1 or int(steps) not in _SINES:
        raise Inexact
    return mul(Fraction(sign), root(_SINES[int(steps)], 2, work, True), work)


def _trigonometric(name: str, angle: Value, work: Work) -> Value:
    over_pi = _collapse(_lift(div(angle, Exact({(("π", Fraction(1)),): Fraction(2)}, _ONE), work)), work)
    if not isinstance(over_pi, Fraction):
        raise Inexact
    sine, cosine = _sine(over_pi, work), _sine(over_pi + Fraction(1, 4), work)
    one: Value = Fraction(1)
    top, bottom = {
        "sin": (sine, one),
        "cos": (cosine, one),
        "tan": (sine, cosine),
        "cot": (cosine, sine),
        "sec": (one, cosine),
        "csc": (one, sine),
    }[name]
    return div(top, bottom, work)


def _small_integer(value: Value, limit: int, what: str) -> int:
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise Inexact
    if abs(value) > limit:
        raise TooHard(f"{what} over {limit}")
    return int(value)


def _logarithm(base: Value, value: Value, work: Work) -> Fraction:
    """log of a rational to a rational base where it is rational: both are powers of one number."""
    if not isinstance(base, Fraction) or not isinstance(value, Fraction):
        raise Inexact
    if base <= 0 or base == 1 or value <= 0:
        raise Inexact
    ours = _exponents(base, work)
    theirs = _exponents(value, work)
    if not theirs:
        return Fraction(0)
    if ours.keys() != theirs.keys():
        raise Inexact
    ratios = {Fraction(theirs[prime], ours[prime]) for prime in ours}
    if len(ratios) != 1:
        raise Inexact
    return ratios.pop()


def _exponents(value: Fraction, work: Work) -> dict[int, int]:
    work.spend(10)
    top, bottom = _factors(value.numerator, work), _factors(value.denominator, work)
    if top is None or bottom is None:
        raise Inexact
    return {**dict(top), **{prime: -count for prime, count in bottom}}


def exact(expr: Expr, at: Mapping[str, Fraction], work: Work, over_reals: bool) -> Value:
    """The exact value where the variables stand for rationals.

    Raises Inexact where there is none, Undefined, NotReal (only `over_reals`) and TooHard.
    """
    work.spend(1)
    if isinstance(expr, Num):
        return expr.value
    if isinstance(expr, Sym):
        if expr.name in at:
            return at[expr.name]
        if expr.name == "i":
            return Exact({((-1, Fraction(1, 2)),): Fraction(1)}, _ONE)
        if expr.name in ("π", "e"):
            return Exact({((expr.name, Fraction(1)),): Fraction(1)}, _ONE)
        raise Inexact
    name = expr.name
    if name == "pow":
        return _exact_power(expr, at, work, over_reals)
    args = [exact(arg, at, work, over_reals) for arg in expr.args]
    if name == "add":
        total = args[0]
        for arg in args[1:]:
            total = add(total, arg, work)
        return total
    if name == "mul":
        total = args[0]
        for arg in args[1:]:
            total = mul(total, arg, work)
        return total
    if name == "div":
        return div(args[0], args[1], work)
    args = [_collapse(arg, work) if isinstance(arg, Exact) else arg for arg in args]
    if name == "root":
        return root(args[0], _small_integer(args[1], 1000, "a root's index"), work, over_reals)
    if name == "fact":
        number = _small_integer(args[0], MAX_FACTORIAL, "a factorial")
        if number < 0:
            raise Undefined("factorial of a negative number")
        work.spend(number * number // 25000)
        return _check(Fraction(factorial(number)), work)
    if name in ("binom", "perm"):
        n = _small_integer(args[0], MAX_FACTORIAL, "a binomial")
        k = _small_integer(args[1], MAX_FACTORIAL, "a binomial")
        if n < 0 or k < 0:
            raise Undefined("a binomial of a negative number")
        work.spend(n * n // 25000)
        return _check(Fraction(comb(n, k) if name == "binom" else perm(n, k)), work)
    if name in ("sin", "cos", "tan", "cot", "sec", "csc"):
        return _trigonometric(name, args[0], work)
    if name == "deg":
        return mul(args[0], Exact({(("π", Fraction(1)),): Fraction(1, 180)}, _ONE), work)
    if name == "log":
        return _logarithm(args[0], args[1], work)
    if name == "ln" and args[0] == 1:
        return Fraction(0)
    if name == "exp":
        return _power(exact(Sym("e"), at, work, over_reals), args[0], work, over_reals)
    if name in ("abs", "floor", "ceil") and isinstance(args[0], Fraction):
        if name == "abs":
            return abs(args[0])
        return Fraction(args[0].__floor__() if name == "floor" else args[0].__ceil__())
    raise Inexact


def _exact_power(expr: Op, at: Mapping[str, Fraction], work: Work, over_reals: bool) -> Value:
    base, exponent = (exact(arg, at, work, over_reals) for arg in expr.args)
    return _power(base, exponent, work, over_reals)


def _power(base: Value, exponent: Value, work: Work, over_reals: bool) -> Value:
    if isinstance(exponent, Exact):
        exponent = _collapse(exponent, work)
    if not isinstance(exponent, Fraction):
        raise Inexact
    if isinstance(base, Exact):
        base = _collapse(base, work)
    if exponent.denominator == 1:
        if exponent == 0 and is_zero(base):
            raise Undefined("0 to the power 0")
        return _whole_power(base, exponent.numerator, work)
    if exponent.denominator > 1000:
        raise Inexact
    return _whole_power(root(base, exponent.denominator, work, over_reals), exponent.numerator, work)
