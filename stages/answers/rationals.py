"""Exact rational arithmetic on expressions: `fold` computes whatever in a tree is rational, and writes the rest in one
form.

What is left beside rationals: sums, products, quotients, whole powers, roots with a whole index, `ln`, powers of e,
`cosπ` (the cosine of a rational number of half turns), functions of what is not rational, and variables.
"""

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache

from sympy.core.intfunc import integer_nthroot

from stages.answers.expressions import MINUS_ONE, ONE, ZERO, Expr, Num, Op, Sym, Undefined
from stages.answers.limits import MAX_BITS, MAX_FACTORIAL, MAX_ROOT, TooLarge, Work

HALF = Num(Fraction(1, 2))
_COSINES = {Fraction(0): Fraction(1), Fraction(1, 3): Fraction(1, 2), Fraction(1, 2): Fraction(0)}


def fold(expr: Expr, work: Work) -> Expr:
    """The expression with its rational parts computed; raises Undefined (1/0) and TooLarge."""
    if not isinstance(expr, Op):
        return Num(expr.value) if isinstance(expr, Num) and expr.places is not None else expr
    work.spend(1)
    args = tuple(fold(arg, work) for arg in expr.args)
    rule = _RULES.get(expr.name)
    if rule is not None:
        return rule(args, work)
    if expr.name in ("sin", "cos", "tan", "cot", "sec", "csc"):
        return _trigonometric(expr.name, args[0], work)
    return Op(expr.name, args)


def _checked(value: Fraction, work: Work) -> Num:
    if value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
        raise TooLarge(f"an integer of more than {MAX_BITS} bits")
    work.spend_on(value)
    return Num(value)


def add(args: Iterable[Expr], work: Work) -> Expr:
    """The sum: rationals together, sums within sums spread out."""
    total, rest = Fraction(0), []
    for arg in args:
        for part in arg.args if isinstance(arg, Op) and arg.name == "add" else (arg,):
            if isinstance(part, Num):
                total = _checked(total + part.value, work).value
            else:
                rest.append(part)
    if not rest:
        return Num(total)
    parts = (*rest, Num(total)) if total else tuple(rest)
    return parts[0] if len(parts) == 1 else Op("add", parts)


def mul(args: Iterable[Expr], work: Work) -> Expr:
    """The product: rationals together, products within products spread out."""
    total, rest = Fraction(1), []
    for arg in args:
        for part in arg.args if isinstance(arg, Op) and arg.name == "mul" else (arg,):
            if isinstance(part, Num):
                total = _checked(total * part.value, work).value
            else:
                rest.append(part)
    if not rest:
        return Num(total)
    parts = tuple(rest) if total == 1 else (Num(total), *rest)
    return parts[0] if len(parts) == 1 else Op("mul", parts)


def div(args: tuple[Expr, ...], work: Work) -> Expr:
    """The quotient; raises Undefined for one by zero."""
    top, bottom = args
    if isinstance(bottom, Num):
        if not bottom.value:
            raise Undefined("division by zero")
        return mul((Num(1 / bottom.value), top), work)
    return Op("div", (top, bottom))


def power(args: tuple[Expr, ...], work: Work) -> Expr:
    """The power: whole ones of rationals computed, broken ones as powers of roots."""
    base, exponent = args
    if not isinstance(exponent, Num):
        return Op("pow", (base, exponent))
    number = exponent.value
    if number.denominator > MAX_ROOT:
        return Op("pow", (base, exponent))
    if number.denominator != 1:
        under = root((base, Num(Fraction(number.denominator))), work)
        return power((under, Num(Fraction(number.numerator))), work)
    whole = number.numerator
    if whole in (0, 1):
        if whole == 0 and base == ZERO:
            raise Undefined("0 to the power 0")
        return base if whole else ONE
    if isinstance(base, Num):
        if not base.value and whole < 0:
            raise Undefined("division by zero")
        if abs(base.value) == 1:
            whole %= 2
        bits = (base.value.numerator.bit_length() + base.value.denominator.bit_length()) * abs(whole)
        if base.value and bits > MAX_BITS + 4:
            raise TooLarge(f"an integer of more than {MAX_BITS} bits")
        work.spend(bits >> 9)
        return _checked(base.value**whole, work)
    if isinstance(base, Op) and base.name == "root" and whole % (index := base.args[1].value.numerator) == 0:  # type: ignore[union-attr]
        return power((base.args[0], Num(Fraction(whole, index))), work)
    return Op("pow", (base, exponent))


def root(args: tuple[Expr, ...], work: Work) -> Expr:
    """The root with a whole index, computed where it is rational; an odd root of a negative number is negative."""
    value, index = args
    if not isinstance(index, Num) or index.value.denominator != 1:
        return Op("pow", (value, div((ONE, index), work)))
    degree = index.value.numerator
    if degree == 0:
        raise Undefined("a zeroth root")
    if degree < 0:
        return div((ONE, root((value, Num(Fraction(-degree))), work)), work)
    if degree > MAX_ROOT:
        raise TooLarge(f"a root's index over {MAX_ROOT}")
    if degree == 1:
        return value
    if isinstance(value, Num):
        return _rational_root(value.value, degree, work)
    return Op("root", (value, index))


def _rational_root(value: Fraction, degree: int, work: Work) -> Expr:
    if value < 0:
        if degree % 2:
            return mul((MINUS_ONE, _rational_root(-value, degree, work)), work)
        if degree == 2:
            return mul((Sym("√-1"), _rational_root(-value, 2, work)), work)
        return Op("root", (Num(value), Num(Fraction(degree))))
    work.spend(10 + (value.numerator.bit_length() + value.denominator.bit_length() >> 7))
    (top, exact), (bottom, whole) = (integer_nthroot(n, degree) for n in (value.numerator, value.denominator))
    if exact and whole:
        return Num(Fraction(int(top), int(bottom)))
    return Op("root", (Num(value), Num(Fraction(degree))))


def _whole(args: tuple[Expr, ...]) -> list[int] | None:
    """Rational arguments as whole numbers, None where one is not known; raises Undefined for what is not whole."""
    found = []
    for arg in args:
        if not isinstance(arg, Num):
            return None
        if arg.value.denominator != 1 or arg.value < 0:
            raise Undefined("a factorial of a number that is not whole")
        if arg.value > MAX_FACTORIAL:
            raise TooLarge(f"a factorial over {MAX_FACTORIAL}")
        found.append(arg.value.numerator)
    return found


def _counted(name: str, function: Callable[..., int]) -> Callable[[tuple[Expr, ...], Work], Expr]:
    def rule(args: tuple[Expr, ...], work: Work) -> Expr:
        found = _whole(args)
        if found is None:
            return Op(name, args)
        work.spend(found[0] * found[0] // 25000)
        return _checked(Fraction(function(*found)), work)

    return rule


def _absolute(args: tuple[Expr, ...], work: Work) -> Expr:
    return Num(abs(args[0].value)) if isinstance(args[0], Num) else Op("abs", args)


def _floor(args: tuple[Expr, ...], work: Work) -> Expr:
    return Num(Fraction(math.floor(args[0].value))) if isinstance(args[0], Num) else Op("floor", args)


def _ceil(args: tuple[Expr, ...], work: Work) -> Expr:
    return Num(Fraction(math.ceil(args[0].value))) if isinstance(args[0], Num) else Op("ceil", args)


def ln(args: tuple[Expr, ...], work: Work) -> Expr:
    """The logarithm; of a positive rational, the sum of its primes' as far as they are found."""
    value = args[0]
    if value == Sym("e"):
        return ONE
    if not isinstance(value, Num):
        return Op("ln", args)
    if not value.value:
        raise Undefined("logarithm of zero")
    if value.value < 0:
        return Op("ln", args)
    parts: list[Expr] = []
    for number, sign in ((value.value.numerator, 1), (value.value.denominator, -1)):
        for prime, count in factors(number, work):
            parts.append(mul((Num(Fraction(sign * count)), Op("ln", (Num(Fraction(prime)),))), work))
    return add(parts, work)


def _log(args: tuple[Expr, ...], work: Work) -> Expr:
    if args[0] == ONE:
        raise Undefined("a logarithm to base 1")
    if isinstance(args[0], Num) and args[0].value < 0:
        raise Undefined("a logarithm to a negative base")
    if all(isinstance(arg, Num) and arg.value > 0 for arg in args):
        base, value = _exponents(args[0], work), _exponents(args[1], work)
        ratios = {Fraction(value[prime], base[prime]) for prime in base if prime in value}
        if not value or (value.keys() == base.keys() and len(ratios) == 1):
            return Num(ratios.pop()) if value else ZERO
    return div((ln((args[1],), work), ln((args[0],), work)), work)


def _exponents(expr: Expr, work: Work) -> dict[int, int]:
    """The primes of a positive rational with their counts, negative ones for those below."""
    assert isinstance(expr, Num)
    value = expr.value
    below = {prime: -count for prime, count in factors(value.denominator, work)}
    return {**dict(factors(value.numerator, work)), **below}


def factors(number: int, work: Work) -> tuple[tuple[int, int], ...]:
    """The primes under 2000 of a positive integer with their counts, and what is left as a factor of its own."""
    work.spend(5 + (number.bit_length() >> 3))
    return _divided(number)


@lru_cache(maxsize=4096)
def _divided(number: int) -> tuple[tuple[int, int], ...]:
    found = []
    for divisor in (2, *range(3, 2000, 2)):
        if divisor * divisor > number:
            break
        count = 0
        while number % divisor == 0:
            number //= divisor
            count += 1
        if count:
            found.append((divisor, count))
    return (*found, (number, 1)) if number > 1 else tuple(found)


def half_turns(expr: Expr) -> Fraction | None:
    """q where the expression is q x pi."""
    if expr == Sym("π"):
        return Fraction(1)
    if expr == ZERO:
        return Fraction(0)
    if isinstance(expr, Op) and expr.name == "mul" and len(expr.args) == 2 and isinstance(expr.args[0], Num):
        inner = half_turns(expr.args[1])
        return None if inner is None else expr.args[0].value * inner
    if isinstance(expr, Op) and expr.name == "add":
        parts = [half_turns(arg) for arg in expr.args]
        return None if None in parts else sum(part for part in parts if part is not None)  # type: ignore[return-value]
    return None


def cosine(turns: Fraction) -> Expr:
    """cos(pi x turns), with turns between 0 and 1/2 and the sign before it."""
    turns %= 2
    turns = min(turns, 2 - turns)
    if turns > Fraction(1, 2):
        value = cosine(1 - turns)
        return Num(-value.value) if isinstance(value, Num) else Op("mul", (MINUS_ONE, value))
    if turns in _COSINES:
        return Num(_COSINES[turns])
    return Op("cosπ", (Num(turns),))


def quotient(name: str, sine: Expr, cosine: Expr, work: Work) -> Expr:
    """A circular function by sine and cosine of its angle."""
    top, bottom = {
        "sin": (sine, ONE),
        "cos": (cosine, ONE),
        "tan": (sine, cosine),
        "cot": (cosine, sine),
        "sec": (ONE, cosine),
        "csc": (ONE, sine),
    }[name]
    return div((top, bottom), work)


def _trigonometric(name: str, angle: Expr, work: Work) -> Expr:
    turns = half_turns(angle)
    if turns is None:
        return Op(name, (angle,))
    if turns.denominator > MAX_ROOT:
        raise TooLarge(f"an angle with a denominator over {MAX_ROOT}")
    return quotient(name, cosine(Fraction(1, 2) - turns), cosine(turns), work)


_RULES: dict[str, Callable[[tuple[Expr, ...], Work], Expr]] = {
    "add": add,
    "mul": mul,
    "div": div,
    "pow": power,
    "root": root,
    "fact": _counted("fact", math.factorial),
    "binom": _counted("binom", math.comb),
    "perm": _counted("perm", math.perm),
    "abs": _absolute,
    "floor": _floor,
    "ceil": _ceil,
    "ln": ln,
    "log": _log,
    "deg": lambda args, work: mul((Num(Fraction(1, 180)), args[0], Sym("π")), work),
    "exp": lambda args, work: power((Sym("e"), args[0]), work),
}
