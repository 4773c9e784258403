"""Equations and inequalities: equal up to a factor, or as solved."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from stages.answers.equality import constant, equal, order, random_rational
from stages.answers.expressions import MINUS_ONE, ZERO, Expr, Num, Op, has, put, symbols
from stages.answers.kinds import Answer, Named, Piece, Region, Relation
from stages.answers.limits import Work
from stages.answers.verdicts import Comparison, match, no, unsure


def equations(t: Relation, c: Relation, work: Work, judge: Callable[[Answer, Answer], Comparison]) -> Comparison:
    """Equal up to a factor that is not zero (positive for an inequality); `judge` compares what was solved."""
    if t.op != c.op:
        if "=" in (t.op, c.op):
            return no("an equation on one side, an inequality on the other")
        if {t.op, c.op} == {"<", "≤"}:
            return no("strict on one side, not on the other")
        return unsure("different inequalities")
    one, other = _difference(t), _difference(c)
    if symbols(one) != symbols(other):
        if len(symbols(one)) == len(symbols(other)):
            return no("different variables")
        return unsure("equations in different variables")
    ratio = _ratio(one, other, work)
    if ratio is not None:
        if t.op in "=≠":
            return match("the same equation up to a factor", "equation")
        sign = order(ratio, ZERO, work)
        if sign is None:
            return unsure("an inequality up to a factor of unknown sign")
        return match("the same inequality", "equation") if sign > 0 else no("the inequality is turned round")
    if len(symbols(one)) == 1:
        left, right = solved(t, work), solved(c, work)
        return judge(left, right) if left and right else unsure("an equation in another form", "equation")
    if _points_fit(one, other, work) is False:
        return no("a different equation", "equation")
    return unsure("an equation in another form", "equation")


def solved(relation: Relation, work: Work) -> Answer | None:
    """A linear equation or inequality in one variable, solved; None where it is not one."""
    difference = _difference(relation)
    names = symbols(difference)
    if len(names) != 1 or "i" in names:
        return None
    (name,) = names
    if relation.op in ("<", "≤") and has(difference, "abs"):
        return _distance(relation, name, work)
    line = _linear(difference, name, {}, work)
    if line is None:
        return None
    slope, rest = line
    border = Num(-rest / slope)
    if relation.op == "=":
        return Named(name, border)
    below, above = Piece(None, border, False, relation.op == "≤"), Piece(border, None, relation.op == "≤", False)
    if relation.op == "≠":
        return Region(name, (below, above))
    return Region(name, (below if slope > 0 else above,))


def _distance(relation: Relation, name: str, work: Work) -> Region | None:
    """|ax + b| < c as an interval, |ax + b| > c as two; None for anything else, and where c is not positive."""
    inside = relation.left if isinstance(relation.left, Op) and relation.left.name == "abs" else None
    outside = relation.right if isinstance(relation.right, Op) and relation.right.name == "abs" else None
    distance, limit = (inside, relation.right) if inside is not None else (outside, relation.left)
    if distance is None or symbols(limit) or order(limit, ZERO, work) != 1:
        return None
    line = _linear(distance.args[0], name, {}, work)
    if line is None:
        return None
    slope, rest = line
    middle, half = Num(-rest / slope), Op("div", (limit, Num(abs(slope))))
    low, high = Op("add", (middle, Op("mul", (MINUS_ONE, half)))), Op("add", (middle, half))
    closed = relation.op == "≤"
    if inside is not None:
        return Region(name, (Piece(low, high, closed, closed),))
    return Region(name, (Piece(None, low, False, closed), Piece(high, None, closed, False)))


def _difference(relation: Relation) -> Expr:
    return Op("add", (relation.left, Op("mul", (MINUS_ONE, relation.right))))


def _ratio(one: Expr, other: Expr, work: Work) -> Expr | None:
    """The constant k with one = k x other, None where there is none."""
    dice = work.dice
    names = sorted(symbols(one) - {"i"})
    for _ in range(4):
        at: dict[str, Expr] = {name: Num(random_rational(dice) * dice.choice((-1, 1))) for name in names}
        a, b = put(one, at), put(other, at)
        if equal(a, ZERO, work) is False and equal(b, ZERO, work) is False:
            value = constant(Op("div", (a, b)), work)
            ratio = Op("div", (a, b)) if value is None else Num(value)
            return ratio if equal(one, Op("mul", (ratio, other)), work) else None
    return None


def _linear(expr: Expr, name: str, at: Mapping[str, Expr], work: Work) -> tuple[Fraction, Fraction] | None:
    """(a, b) with expr = a x name + b, the other variables being fixed; None where it is not linear."""
    found = _quadratic(expr, name, at, work)
    return (found[1], found[2]) if found and not found[0] and found[1] else None


def _quadratic(expr: Expr, name: str, at: Mapping[str, Expr], work: Work) -> tuple[Fraction, Fraction, Fraction] | None:
    """(a, b, c) with expr = a x name^2 + b x name + c, the others being fixed; None where it is not so."""
    values = []
    for point in (0, 1, 2, 5, -3):
        value = constant(put(expr, {**at, name: Num(Fraction(point))}), work)
        if value is None:
            return None
        values.append(value)
    c = values[0]
    a = (values[2] - 2 * values[1] + c) / 2
    b = values[1] - a - c
    fits = 25 * a + 5 * b + c == values[3] and 9 * a - 3 * b + c == values[4]
    return (a, b, c) if fits else None


def _points_fit(one: Expr, other: Expr, work: Work) -> bool | None:
    """Whether points of one = 0 lie on other = 0, where either is linear or quadratic in some variable."""
    dice = work.dice
    for a, b in ((one, other), (other, one)):
        for name in sorted(symbols(a)):
            at: dict[str, Expr] = {n: Num(random_rational(dice)) for n in sorted(symbols(a)) if n != name}
            found = _quadratic(a, name, at, work)
            if found is None or not any(found[:2]):
                continue
            square, slope, rest = found
            if not square:
                return equal(put(b, {**at, name: Num(-rest / slope)}), ZERO, work)
            root = Op("root", (Num(slope * slope - 4 * square * rest), Num(Fraction(2))))
            point = Op("div", (Op("add", (Num(-slope), root)), Num(2 * square)))
            return equal(put(b, {**at, name: point}), ZERO, work)
    return None
