"""Rules for values: numbers and expressions, their decimals, functions by cases."""

from fractions import Fraction

from stages.answers.equality import order
from stages.answers.expressions import Expr, Num, Op, Sym, has, lower, names, put, symbols
from stages.answers.judging import Judge, is_expr
from stages.answers.kinds import Answer, Approximate, Piecewise
from stages.answers.verdicts import Comparison, match, no, unsure


def approximations(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """√50 ≈ 7.07: the exact value counts, and its decimal where the other side is that decimal."""
    for both, other in ((c, t), (t, c)):
        if isinstance(both, Approximate):
            exact = judge.judge(t, both.exact) if both is c else judge.judge(both.exact, c)
            if exact.verdict == "match" or not isinstance(other, Num) or not isinstance(both.decimal, Num):
                return exact
            places = both.decimal.places
            if (
                places
                and is_expr(both.exact)
                and other.value == both.decimal.value
                and near(judge, both.exact, other, places)
            ):
                return match("the decimal that stands beside the exact value", "rounded")
            return exact
    return None


def cases(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Functions by cases: the same values where the same conditions hold."""
    if not isinstance(t, Piecewise) and not isinstance(c, Piecewise):
        return None
    if not isinstance(t, Piecewise) or not isinstance(c, Piecewise) or len(t.branches) != len(c.branches):
        return unsure("a function by cases on one side, or other cases")
    left = list(c.branches)
    for value, condition in t.branches:
        place = next((n for n, branch in enumerate(left) if judge.judge(condition, branch[1]).verdict == "match"), None)
        if place is None:
            return unsure("other conditions")
        result = judge.judge(value, left.pop(place)[0])
        if result.verdict != "match":
            return result
    return match("the same values in the same cases")


def values(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Numbers and expressions; rounded decimals."""
    if not (isinstance(t, Num | Sym | Op) and isinstance(c, Num | Sym | Op)):
        return None
    if has(t, "∞") or has(c, "∞"):
        return no("infinity on one side only, or of another sign")
    outcome = judge.same(t, c)
    if outcome is False:
        return rounded(judge, t, c) or letter_case(judge, t, c) or any_integer(judge, t, c) or no("different values")
    return judge.verdict(outcome)


def rounded(judge: Judge, t: Expr, c: Expr) -> Comparison | None:
    """A decimal key may be the rounding of a more exact answer, an exact key never is that of a decimal answer."""
    places = t.places if isinstance(t, Num) else None
    if isinstance(t, Num) and places and not symbols(c):
        if isinstance(c, Num) and (c.places or 0) <= places and (c.places or c.value.denominator == 1):
            return None
        if near(judge, c, t, places):
            return judge.allow(f"rounds to the key at {places} places; the key may be exact", "rounded")
        return None
    if isinstance(c, Num) and c.places and not symbols(t) and near(judge, t, c, c.places):
        return no("a rounded decimal where the key is exact", "rounded")
    return None


def near(judge: Judge, exact: Expr, decimal: Num, places: int) -> bool:
    """Whether a value rounds to a decimal."""
    half = Num(Fraction(1, 2 * 10**places))
    above, below = (Op("add", (decimal, Num(sign * half.value))) for sign in (1, -1))
    return order(exact, above, judge.work) == -1 and order(below, exact, judge.work) == -1


def letter_case(judge: Judge, t: Expr, c: Expr) -> Comparison | None:
    """R and r."""
    ours, theirs = symbols(t), symbols(c)
    if ours == theirs or {name.lower() for name in ours} != {name.lower() for name in theirs}:
        return None
    return unsure("equal up to capital letters", "text") if judge.same(lower(t), lower(c)) else None


def any_integer(judge: Judge, t: Expr, c: Expr) -> Comparison | None:
    """π/4 + kπ and π/4 + nπ: a letter for any integer."""
    ours, theirs = symbols(t) - symbols(c), symbols(c) - symbols(t)
    if len(ours) != 1 or len(theirs) != 1 or not ours | theirs <= {"k", "l", "m", "n"} or "π" not in names(t):
        return None
    renamed = put(c, {min(theirs): Sym(min(ours))})
    return unsure("equal with another letter for any integer", "text") if judge.same(t, renamed) else None
