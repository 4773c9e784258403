"""Whether an algebraic constant is zero, proved.

`root_bound` gives the separation bound of Burnikel, Funke, Mehlhorn, Schirra and Schmitt (2001, 2009): an expression of
integers, + - x /, k-th roots, i and cosines of rational angles is U/L with algebraic integers U and L in a field of
degree D, whose conjugates are at most u and l. If it is not zero, the norm of U is at least 1, so that its size is at
least 1 / (l u^(D-1)). A ball that holds zero and is smaller than this proves zero; one that does not hold zero proves
the contrary. No minimal polynomial is computed, and nested radicals cost microseconds.
"""

import math
from functools import lru_cache

from flint import arb

from stages.answers.balls import settled
from stages.answers.expressions import Expr, Inexact, Num, Op, Sym
from stages.answers.limits import MAX_PRECISION, Work

Size = tuple[float, float]  # log2 of u and of l


def zero(expr: Expr, work: Work, real: bool) -> bool | None:
    """Whether a folded constant is zero, proved; None where neither is.

    Raises Undefined and NotReal where it has no value, TooHard beyond the limits.
    """
    if isinstance(expr, Num):
        return not expr.value
    needed = root_bound(expr, work, real)
    bits, zeros = 128, set[Expr]()
    while True:
        try:
            ball = settled(expr, bits, work, real, zero, zeros)
        except Inexact:
            return None
        if not ball.contains(0):
            return False
        if ball.is_zero():
            return True
        if needed is None or needed > MAX_PRECISION // 2:
            if bits >= 2048:
                return None
            bits *= 4
            continue
        if ball.abs_upper() < arb(2) ** -needed:
            return True
        bits = needed + 128 if bits < needed + 128 else 2 * bits
        if bits > MAX_PRECISION:
            return None


def root_bound(expr: Expr, work: Work, real: bool) -> int | None:
    """b with |expr| >= 2^-b or expr = 0; None where the constant is not algebraic, or not known to be."""
    sizes: dict[Expr, Size] = {}
    try:
        u, low = _size(expr, sizes, work, real)
    except Inexact:
        return None
    degree, circle = 1, 1
    for part in sizes:
        if isinstance(part, Op) and part.name == "root":
            degree *= part.args[1].value.numerator  # type: ignore[union-attr]
        elif isinstance(part, Op) and part.name == "cosπ":
            circle = math.lcm(circle, 2 * part.args[0].value.denominator)  # type: ignore[union-attr]
        elif part in (Sym("i"), Sym("√-1")):
            degree *= 2
    degree *= max(1, _totient(circle) // 2)
    if degree > 1 << 20 or max(u, low) > 1 << 24:
        return 1 << 62
    return math.ceil((degree - 1) * u + low + 1e-6 * degree * (u + low)) + 4


def _size(expr: Expr, sizes: dict[Expr, Size], work: Work, real: bool) -> Size:
    if expr in sizes:
        return sizes[expr]
    work.spend(1)
    sizes[expr] = size = _new_size(expr, sizes, work, real)
    return size


def _new_size(expr: Expr, sizes: dict[Expr, Size], work: Work, real: bool) -> Size:
    if isinstance(expr, Num):
        return _bits(expr.value.numerator), _bits(expr.value.denominator)
    if isinstance(expr, Sym):
        if expr.name in ("i", "√-1"):
            return 0.0, 0.0
        raise Inexact
    if expr.name == "cosπ":
        return 1.0, 1.0  # 2 cos is an algebraic integer, at most 2 with its conjugates
    if expr.name == "pow":
        exponent = expr.args[1]
        if not isinstance(exponent, Num) or exponent.value.denominator != 1:
            raise Inexact
        u, low = _size(expr.args[0], sizes, work, real)
        whole = exponent.value.numerator
        return (whole * u, whole * low) if whole >= 0 else (-whole * low, -whole * u)
    if expr.name == "root":
        degree = expr.args[1].value.numerator  # type: ignore[union-attr]
        u, low = _size(expr.args[0], sizes, work, real)
        return ((u + (degree - 1) * low) / degree, low) if u >= low else (u, ((degree - 1) * u + low) / degree)
    parts = [_size(arg, sizes, work, real) for arg in expr.args]
    if expr.name == "add":
        below = sum(low for _, low in parts)
        tops = [u + below - low for u, low in parts]
        largest = max(tops)
        return largest + math.log2(sum(2 ** (top - largest) for top in tops)), below
    if expr.name == "mul":
        return sum(u for u, _ in parts), sum(low for _, low in parts)
    if expr.name == "div":
        (top, under), (other, below) = parts
        return top + below, under + other
    if expr.name == "abs" and real:
        return parts[0]  # the number or its negative
    raise Inexact


def _bits(number: int) -> float:
    """log2 of the size of an integer, from above."""
    size = abs(number)
    return math.log2(size) + 1e-9 if 1 < size < 1 << 900 else float(size.bit_length())


@lru_cache(1024)
def _totient(number: int) -> int:
    result, rest = number, number
    for prime in range(2, 2002):
        if rest % prime == 0:
            result -= result // prime
            while rest % prime == 0:
                rest //= prime
    return result - result // rest if rest > 1 else result
