"""Rational functions with rational coefficients, exactly, in sympy's fields, built from the parse tree."""

from fractions import Fraction
from math import gcd
from typing import Any

from sympy.polys.domains import QQ
from sympy.polys.fields import field
from sympy.polys.polyerrors import PolynomialError

from stages.answers.expressions import ONE, Expr, Inexact, Num, Sym, names
from stages.answers.limits import Work
from stages.answers.rationals import add, div, mul, power

MAX_DEGREE = 40
MAX_SIZE = 700  # terms that a polynomial may grow to


def is_zero_function(expr: Expr, work: Work) -> bool:
    """Whether a rational function is zero identically, `i` being the imaginary unit.

    Raises Inexact for what is no rational function and for what would grow too large.
    """
    element, generators = _element(expr, work)
    top = element.numer
    if "i" in generators:
        square = generators["i"].numer ** 2 + 1
        if not element.denom.rem([square]):
            raise Inexact
        top = top.rem([square])
    return not top


def power_part(value: Expr, degree: int, work: Work) -> tuple[Expr, Expr]:
    """(a, b) with value = a^degree b, where b has no such factor left; `degree` is even.

    Raises Inexact for what is no rational function, and where a factor of b has a power that shares a divisor with
    `degree`, so that its sign would be lost under the root.
    """
    if isinstance(value, Sym) or not names(value) & {"pow", "mul", "div"}:
        return ONE, value
    element, _ = _element(value, work)
    if not element:
        return ONE, value
    constant, factors = (element.numer * element.denom ** (degree - 1)).sqf_list()
    outside: list[Expr] = []
    inside: list[Expr] = [Num(Fraction(int(constant.numerator), int(constant.denominator)))]
    for factor, count in factors:
        part, left = _expression(factor, work), count % degree
        if left and gcd(left, degree) > 1:
            raise Inexact
        outside.append(power((part, Num(Fraction(count // degree))), work))
        inside.append(power((part, Num(Fraction(left))), work))
    out, below = mul(outside, work), _expression(element.denom, work)
    return (out if below == ONE else div((out, below), work)), mul(inside, work)


def _element(expr: Expr, work: Work) -> tuple[Any, dict[str, Any]]:
    """The expression as an element of the field of its variables."""
    generators = sorted(names(expr) - {"add", "mul", "div", "pow"})
    if any(name in _NOT_VARIABLES for name in generators):
        raise Inexact
    degree, _ = _degrees(expr, work)
    size = 1
    for step in range(1, len(generators) + 1):
        size = size * (degree + step) // step
    if degree > MAX_DEGREE or size > MAX_SIZE:
        raise Inexact
    work.spend(40 + 2 * size)
    made, *elements = field(generators, QQ) if generators else (QQ,)
    if not generators:
        raise Inexact
    by_name = dict(zip(generators, elements, strict=True))
    try:
        return made(1) * _evaluated(expr, by_name, work), by_name
    except (ZeroDivisionError, PolynomialError):
        raise Inexact from None


_NOT_VARIABLES = frozenset("root cosπ ln abs floor ceil sin cos tan fact arctan arcsin arccos √-1".split())  # noqa: SIM905


def _degrees(expr: Expr, work: Work) -> tuple[int, int]:
    """Bounds for the degrees of numerator and denominator."""
    work.spend(1)
    if isinstance(expr, Num):
        return 0, 0
    if isinstance(expr, Sym):
        return 1, 0
    if expr.name == "pow":
        top, bottom = _degrees(expr.args[0], work)
        exponent = expr.args[1]
        if not isinstance(exponent, Num) or exponent.value.denominator != 1:
            raise Inexact
        whole = int(exponent.value)
        return (whole * top, whole * bottom) if whole >= 0 else (-whole * bottom, -whole * top)
    if expr.name not in ("add", "mul", "div"):
        raise Inexact
    parts = [_degrees(arg, work) for arg in expr.args]
    if expr.name == "div":
        return parts[0][0] + parts[1][1], parts[0][1] + parts[1][0]
    below = sum(bottom for _, bottom in parts)
    if expr.name == "mul":
        return sum(top for top, _ in parts), below
    return max(top + below - bottom for top, bottom in parts), below


def _evaluated(expr: Expr, by_name: dict[str, Any], work: Work) -> Any:
    work.spend(10)
    if isinstance(expr, Num):
        return QQ(expr.value.numerator, expr.value.denominator)
    if isinstance(expr, Sym):
        return by_name[expr.name]
    if expr.name == "pow":
        return _evaluated(expr.args[0], by_name, work) ** int(expr.args[1].value)  # type: ignore[union-attr]
    first, *rest = (_evaluated(arg, by_name, work) for arg in expr.args)
    for part in rest:
        first = first + part if expr.name == "add" else first * part if expr.name == "mul" else first / part
    return first


def _expression(polynomial: Any, work: Work) -> Expr:
    symbols = [Sym(str(symbol)) for symbol in polynomial.ring.symbols]
    return add(
        [
            mul(
                [
                    Num(Fraction(int(value.numerator), int(value.denominator))),
                    *(power((s, Num(Fraction(n))), work) for s, n in zip(symbols, exponents, strict=True)),
                ],
                work,
            )
            for exponents, value in polynomial.terms()
        ],
        work,
    )
