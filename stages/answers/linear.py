"""Expressions as polynomials with rational coefficients in what is not rational: exponents, angles, complex parts."""

from fractions import Fraction

from stages.answers.expressions import ONE, Expr, Inexact, Num, Op, Sym
from stages.answers.limits import Work
from stages.answers.rationals import add, mul, power, root

Monomial = tuple[tuple[Expr, int], ...]  # atoms with their whole powers, in a fixed order; the empty one is 1
Terms = dict[Monomial, Fraction]
MAX_TERMS = 24


def terms(expr: Expr, work: Work) -> Terms:
    """The terms of a folded expression, products of sums multiplied out; raises Inexact beyond MAX_TERMS."""
    work.spend(2)
    if isinstance(expr, Num):
        return {(): expr.value} if expr.value else {}
    if isinstance(expr, Op) and expr.name == "add":
        total: Terms = {}
        for arg in expr.args:
            for monomial, value in terms(arg, work).items():
                total[monomial] = total.get(monomial, Fraction(0)) + value
        return _few({monomial: value for monomial, value in total.items() if value})
    if isinstance(expr, Op) and expr.name == "mul":
        product: Terms = {(): Fraction(1)}
        for arg in expr.args:
            product = _times(product, terms(arg, work), work)
        return product
    if isinstance(expr, Op) and expr.name == "div" and isinstance(expr.args[1], Op | Sym):
        below = terms(expr.args[1], work)
        if len(below) == 1:
            ((monomial, value),) = below.items()
            inverse = {tuple((atom, -count) for atom, count in monomial): 1 / value}
            return _times(terms(expr.args[0], work), _real(inverse), work)
    if isinstance(expr, Op) and expr.name == "pow" and isinstance(expr.args[1], Num):
        whole = expr.args[1].value
        if whole.denominator == 1 and 0 < whole <= 4:
            product = {(): Fraction(1)}
            for _ in range(int(whole)):
                product = _times(product, terms(expr.args[0], work), work)
            return product
    return _real({((expr, 1),): Fraction(1)})


def _few(found: Terms) -> Terms:
    if len(found) > MAX_TERMS:
        raise Inexact
    return found


def _times(one: Terms, other: Terms, work: Work) -> Terms:
    total: Terms = {}
    for left, a in one.items():
        for right, b in other.items():
            work.spend(3)
            powers = dict(left)
            for atom, count in right:
                powers[atom] = powers.get(atom, 0) + count
            key = tuple(sorted(((atom, count) for atom, count in powers.items() if count), key=repr))
            total[key] = total.get(key, Fraction(0)) + a * b
    return _few(_real({monomial: value for monomial, value in total.items() if value}))


def _real(found: Terms) -> Terms:
    """i^2 = -1."""
    result: Terms = {}
    for monomial, value in found.items():
        powers = dict(monomial)
        quarter = powers.pop(Sym("i"), 0) % 4
        key = tuple((atom, count) for atom, count in monomial if atom != Sym("i"))
        if quarter % 2:
            key = tuple(sorted((*key, (Sym("i"), 1)), key=repr))
        result[key] = result.get(key, Fraction(0)) + (-value if quarter > 1 else value)
    return {monomial: value for monomial, value in result.items() if value}


def expression(found: Terms, work: Work) -> Expr:
    """Terms as an expression."""
    return add(
        [
            mul([Num(value), *(power((atom, Num(Fraction(count))), work) for atom, count in monomial)], work)
            for monomial, value in sorted(found.items(), key=repr)
        ],
        work,
    )


def complex_parts(expr: Expr, work: Work) -> tuple[Expr, Expr]:
    """Real and imaginary part of an expression whose atoms are real."""
    real: Terms = {}
    imaginary: Terms = {}
    for monomial, value in terms(expr, work).items():
        kept = tuple((atom, count) for atom, count in monomial if atom != Sym("i"))
        (imaginary if kept != monomial else real)[kept] = value
    return expression(real, work), expression(imaginary, work)


def modulus(expr: Expr, work: Work) -> Expr:
    """|a + bi| as the root of a^2 + b^2."""
    two = Num(Fraction(2))
    real, imaginary = complex_parts(expr, work)
    total = add((power((real, two), work), power((imaginary, two), work)), work)

    return root((total, two), work) if total != ONE else ONE
