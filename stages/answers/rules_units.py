"""Rules for numbers with something to them: a base, a unit, a percent or degree sign, a ratio."""

import re
from collections.abc import Sequence
from fractions import Fraction

from stages.answers.expressions import Expr, Num, Op, Sym, names, scaled, symbols
from stages.answers.judging import Judge, is_expr, kind
from stages.answers.kinds import Answer, Based, Quantity, Ratio
from stages.answers.units import Unit, known
from stages.answers.verdicts import Comparison, match, no, unsure
from stages.answers.vocabulary import UNIT_LETTERS, is_harmless

_ANGLES = {"π", "arcsin", "arccos", "arctan"}
_CLOCK = re.compile(r"\d{1,2}\s*:\s*[0-5]\d")


def based(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Numerals with a base; a base that is missing in the answer is the key's."""
    if isinstance(t, Based):
        if isinstance(c, Based):
            if t.base == c.base:
                return no("other digits", "base")
            if t.value is not None and t.value == c.value:
                return unsure("the same number to another base", "base")
            return no("another base", "base")
        if judge.answer.upper().replace(" ", "").lstrip("0") == t.digits:
            return judge.allow("the same digits, the base left out", "base")
        return no(f"not the digits of the key to base {t.base}", "base")
    if isinstance(c, Based):
        if isinstance(t, Num) and c.base == 10:
            return judge.verdict(t.value == c.value)
        if isinstance(t, Num) and (judge.key.replace(" ", "") == c.digits or t.value == c.value):
            return unsure("the key has no base", "base")
        return no("a numeral with another base", "base")
    return None


def quantities(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Percent, money, angles and units."""
    if not isinstance(t, Quantity) and not isinstance(c, Quantity):
        return None
    if isinstance(t, Quantity) and isinstance(c, Quantity):
        return two_quantities(judge, t, c)
    if {type(t), type(c)} == {Quantity, Ratio} and _is_duration(t) | _is_duration(c):
        return unsure("a ratio, or hours and minutes", "ratio")
    if isinstance(t, Quantity):
        if not is_expr(c):
            return no(f"{kind(c)} where the key is a quantity")
        return bare_answer(judge, t, c)
    assert isinstance(c, Quantity)
    if not is_expr(t):
        return no(f"a quantity where the key is {kind(t)}")
    return bare_key(judge, t, c)


def two_quantities(judge: Judge, t: Quantity, c: Quantity) -> Comparison:
    if t.unit.dims == c.unit.dims:
        if t.unit.factor == c.unit.factor:
            return judge.judge(t.value, c.value)
        outcome = judge.same(scaled(t.value, t.unit.factor), scaled(c.value, c.unit.factor))
        return judge.verdict(outcome, f"the same quantity in {c.unit.name}", "unit")
    for one, other in ((t, c), (c, t)):
        if one.unit.name == "°" and other.unit.dims == (("angle", 1),):
            return judge.verdict(judge.same(Op("deg", (one.value,)), other.value), "the same angle", "angle")
    if {t.unit.dims, c.unit.dims} == {(("sterling", 1),), (("mass", 1),)} and _pounds(t.unit) and _pounds(c.unit):
        return judge.verdict(judge.same(t.value, c.value), "the same amount")
    if judge.same(t.value, c.value) is False and _opaque(t.unit) and _opaque(c.unit):
        return no("different values")
    if _opaque(t.unit) and _opaque(c.unit):
        ours, theirs = ({word.rstrip("s") for word in unit.name.split()} for unit in (t.unit, c.unit))
        if (ours <= theirs or theirs <= ours) and all(is_harmless(word) for word in ours ^ theirs):
            return judge.verdict(judge.same(t.value, c.value), "the same value", "unit")
        return unsure(f"the same number of {c.unit.name} where the key has {t.unit.name}", "unit")
    if (_opaque(t.unit) or _opaque(c.unit)) and judge.same(t.value, c.value):
        return unsure(f"{c.unit.name} where the key has {t.unit.name}", "unit")
    return no(f"{c.unit.name} where the key has {t.unit.name}", "unit")


def bare_answer(judge: Judge, t: Quantity, c: Expr) -> Comparison:
    """The key has a unit, the answer none."""
    if not _plain(t.unit):
        return unsure("words behind the key's number that are no known unit", "unit")
    direct = judge.judge(t.value, c)
    if direct.verdict == "match":
        return judge.allow("the same value, the unit left out", "percent" if t.unit.name == "%" else "unit")
    if t.unit.name == "%" and judge.same(Op("div", (t.value, Num(Fraction(100)))), c):
        return judge.allow("the percent as a fraction", "percent")
    if t.unit.name == "°" and names(c) & _ANGLES and judge.same(Op("deg", (t.value,)), c):
        return judge.allow("the same angle in radians", "angle")
    if judge.same(_with_letter(t), c):
        return match("the same value")
    if direct.verdict == "no" and symbols(c) and symbols(c) <= UNIT_LETTERS.keys():
        return unsure("letters that may be units", "unit")
    return direct


def bare_key(judge: Judge, t: Expr, c: Quantity) -> Comparison:
    """The answer has a unit, the key none."""
    if not _plain(c.unit):
        return unsure("words behind the number that are no known unit", "unit")
    direct = judge.judge(t, c.value)
    if direct.verdict == "match":
        return judge.allow("the same value with a unit", "percent" if c.unit.name == "%" else "unit")
    if c.unit.dims == (("money", 1),) and judge.same(t, scaled(c.value, c.unit.factor)):
        return unsure("the same value if the key is in dollars", "unit")
    if c.unit.name == "%" and judge.same(t, Op("div", (c.value, Num(Fraction(100))))):
        return no("a percent where the key is a plain number", "percent")
    if c.unit.name == "°" and names(t) & _ANGLES and judge.same(t, Op("deg", (c.value,))):
        return judge.allow("the same angle in degrees", "angle")
    if judge.same(t, _with_letter(c)):
        return match("the same value")
    return direct


def ratios(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """3:4, 6 to 8, 3/4."""
    if isinstance(t, Ratio) and isinstance(c, Ratio):
        if len(t.parts) != len(c.parts):
            return no("ratios of different length")
        outcomes = [
            judge.same(Op("mul", (t.parts[0], b)), Op("mul", (c.parts[0], a)))
            for a, b in zip(t.parts[1:], c.parts[1:], strict=True)
        ]
        if _CLOCK.fullmatch(judge.key) and _all(outcomes) and t.parts != c.parts:
            return unsure("the same ratio, but the key may be a time", "ratio")
        return judge.verdict(_all(outcomes), "the same ratio", "ratio")
    for ratio, other in ((t, c), (c, t)):
        if isinstance(ratio, Ratio):
            if not is_expr(other) or len(ratio.parts) != 2:
                return no(f"{kind(c)} where the key is {kind(t)}")
            outcome = judge.same(Op("div", ratio.parts), other)
            if outcome and not (isinstance(other, Op) and other.name == "div"):
                return unsure("a ratio and its value", "ratio")
            return judge.verdict(outcome, "the ratio as a fraction", "ratio")
    return None


def _opaque(unit: Unit) -> bool:
    """Words that the table of units does not hold."""
    name = unit.name
    return len(unit.dims) == 1 and unit.dims[0][0] == name and name[:1] not in "%°" and not known(name)


def _plain(unit: Unit) -> bool:
    """Whether a unit is one of the table, or a few words that leave a number as it is."""
    words = unit.name.split()
    return not _opaque(unit) or (len(words) <= 4 and all(is_harmless(word) for word in words))


def _is_duration(answer: Answer) -> bool:
    return isinstance(answer, Quantity) and answer.unit.dims == (("time", 1),)


def _pounds(unit: Unit) -> bool:
    return unit.name in ("pound", "pounds", "sterling")


def _with_letter(quantity: Quantity) -> Expr:
    """5 m as five times a variable m."""
    letters = {name: letter for letter, name in UNIT_LETTERS.items()}
    if quantity.unit.name in letters:
        return Op("mul", (quantity.value, Sym(letters[quantity.unit.name])))
    return Sym("?")


def _all(outcomes: Sequence[bool | None]) -> bool | None:
    if False in outcomes:
        return False
    return None if None in outcomes else True
