"""Whether two parsed answers are equal: by kind first, then by value."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeGuard

from stages.answers.equality import equal, order
from stages.answers.equations import equations, solved
from stages.answers.expressions import Expr, Num, Op, Sym, has, lower, scaled, symbols
from stages.answers.kinds import (
    NOTHING,
    Answer,
    Based,
    Choice,
    Matrix,
    Named,
    Piece,
    Quantity,
    Ratio,
    Region,
    Relation,
    Seq,
    Unread,
    Words,
    as_region,
)
from stages.answers.limits import Work
from stages.answers.parse import parse
from stages.answers.units import Unit
from stages.answers.verdicts import Comparison, match, no, together, unsure
from stages.answers.words import FAMILIES, bare

_KINDS = {
    Num: "a number",
    Sym: "a letter",
    Op: "an expression",
    Quantity: "a quantity",
    Based: "a numeral with a base",
    Ratio: "a ratio",
    Region: "an interval",
    Matrix: "a matrix",
    Named: "an assignment",
    Relation: "an equation or inequality",
    Choice: "a choice",
    Words: "words",
}
_SEQS = {"list": "several values", "set": "a set", "()": "a tuple", "[]": "a list in brackets"}


_CLOCK = re.compile(r"\d{1,2}\s*:\s*[0-5]\d")
_YES_OR_NO = re.compile(r"(?:yes|no)\s*[,.;:]", re.IGNORECASE)


def kind(answer: Answer) -> str:
    """What a person calls this kind of answer."""
    return _SEQS[answer.kind] if isinstance(answer, Seq) else _KINDS.get(type(answer), "something else")


def is_expr(answer: Answer) -> TypeGuard[Expr]:
    """Whether an answer is a plain value."""
    return isinstance(answer, Num | Sym | Op)


class Judge:
    """Compares two parsed answers; keeps the two texts for the rules that look at them."""

    def __init__(self, key: str, answer: str, work: Work) -> None:
        self.key, self.answer, self.work = key, answer, work

    def judge(self, t: Answer, c: Answer) -> Comparison:
        """The verdict on a candidate `c` for a key `t`; each rule takes the pairs that it knows."""
        self.work.spend(5)
        t, c = self.settle(t), self.settle(c)
        if t == c and not isinstance(t, Unread):
            return match("the same answer", {Words: "text", Choice: "choice"}.get(type(t), ""))
        if isinstance(t, Unread) or isinstance(c, Unread):
            side, unread = ("key", t) if isinstance(t, Unread) else ("answer", c)
            return unsure(f"the {side} cannot be read: {getattr(unread, 'why', '')}")
        for rule in (
            self.choices,
            self.words,
            self.nothing,
            self.names,
            self.relations,
            self.based,
            self.quantities,
            self.ratios,
            self.matrices,
            self.regions,
            self.sequences,
            self.values,
        ):
            result = rule(t, c)
            if result is not None:
                return result
        return no(f"{kind(c)} where the key is {kind(t)}")

    def settle(self, answer: Answer) -> Answer:
        """An equation between constants that holds is its left side; a set of one value is that value."""
        if isinstance(answer, Relation) and answer.op == "=" and not symbols(answer.left) | symbols(answer.right):
            return answer.left if equal(answer.left, answer.right, self.work) else answer
        if isinstance(answer, Seq) and answer.kind in ("set", "list") and len(answer.items) == 1:
            return answer.items[0]
        return answer

    def same(self, one: Expr, other: Expr) -> bool | None:
        """`equal` within this comparison's work."""
        return equal(one, other, self.work)

    def verdict(self, outcome: bool | None, yes: str = "the same value", policy: str = "") -> Comparison:
        """A verdict from an outcome of `equal`."""
        if outcome:
            return match(yes, policy)
        return unsure("equality could not be established") if outcome is None else no("different values", policy)

    # -- text

    def choices(self, t: Answer, c: Answer) -> Comparison | None:
        """Lettered choices: the letter decides; a letter's text counts where the key has no letter."""
        if isinstance(t, Choice) and isinstance(c, Choice):
            if t.letter != c.letter:
                return no("another choice", "choice")
            if t.rest and c.rest and self.judge(_behind(t, self.work), _behind(c, self.work)).verdict == "no":
                return no("the same letter with another text", "choice")
            return match("the same choice", "choice")
        if isinstance(t, Choice):
            if isinstance(c, Sym) and c.name.upper() == t.letter:
                return match("the same choice", "choice")
            if t.rest:
                return self.judge(_behind(t, self.work), c)
            if isinstance(c, Words) and t.letter.lower() in c.words:
                return unsure("words around a letter", "choice")
            return no(f"{kind(c)} where the key is a choice", "choice")
        if isinstance(c, Choice):
            if isinstance(t, Sym) and t.name.upper() == c.letter and t.name != "e" and not c.rest:
                return match("the same letter", "choice")
            if c.rest:
                result = self.judge(t, _behind(c, self.work))
                return replace(result, policy="choice") if result.verdict == "match" else result
            return no(f"a choice where the key is {kind(t)}", "choice")
        return None

    def words(self, t: Answer, c: Answer) -> Comparison | None:
        """Short text: equal up to case, articles and punctuation."""
        if not isinstance(t, Words) and not isinstance(c, Words):
            return None
        if isinstance(t, Words) and isinstance(c, Words):
            return self.texts(bare(t.words), bare(c.words))
        other, words = (c, t) if isinstance(t, Words) else (t, c)
        assert isinstance(words, Words)
        text = self.key if words is t else self.answer
        if is_expr(other) and symbols(other) and len(text) < 20:
            spelled = parse(text, self.work, letters=True)
            if is_expr(spelled) and not isinstance(other, Sym):
                return self.judge(spelled, c) if words is t else self.judge(t, spelled)
        if is_expr(other) and (has(other, "∞") or isinstance(other, Sym)):
            letter = other.name.lower() if isinstance(other, Sym) else "∞"
            if words.words[0].startswith((letter, "infinit" if letter == "∞" else letter)):
                return unsure("a letter or sign that may stand for the word", "text")
        if words is c and {"more", "less", "fewer", "least", "most"} & set(words.words):
            return no("a bound where the key is a value", "text")
        if any(word[0].isdigit() for word in words.words):
            return unsure("a number among words")
        if other == NOTHING and any(word.startswith(("infinit", "many", "all")) for word in words.words):
            return no("no solution on one side, many on the other", "no solution")
        if other == NOTHING:
            return unsure("no solution, or something else in words", "no solution")
        return no(f"{kind(c)} where the key is {kind(t)}")

    def texts(self, t: Sequence[str], c: Sequence[str]) -> Comparison:
        """Two texts as words."""
        if list(t) == list(c):
            return match("the same words", "text")
        family = next((family for family in FAMILIES if t[0] in family), None)
        if family and c and c[0] in family:
            if c[0] != t[0]:
                return no("another word of the choice", "text")
            if list(t) in (["yes"], ["no"]) and _YES_OR_NO.match(self.answer):
                return match("the same word, and a sentence behind it", "text")
            if (
                len(t) == 1
                and not family & set(c[1:])
                and not {"not", "no", "never", "but", "except", "and", "or"} & set(c[1:])
            ):
                return match("the same word of the choice", "text")
        if ("not" in t) != ("not" in c) and [w for w in t if w != "not"] == [w for w in c if w != "not"]:
            return no("one says not, the other does not", "text")
        shared = set(t) & set(c)
        if set(t) < set(c) and {"and", "or"} & (set(c) - set(t)):
            return no("more than the key", "text")
        if not shared and not any(word in other or other in word for word in t for other in c if len(word) > 3):
            return no("different words", "text")
        return unsure("words that are partly the same", "text")

    def nothing(self, t: Answer, c: Answer) -> Comparison | None:
        """no solution."""
        if t != NOTHING and c != NOTHING:
            return None
        if Num(Fraction(0)) in (t, c):
            return unsure("no solution, or zero", "no solution")
        return no(f"no solution on one side, {kind(c if t == NOTHING else t)} on the other", "no solution")

    # -- equations and assignments

    def names(self, t: Answer, c: Answer) -> Comparison | None:
        """x = 5."""
        if isinstance(t, Seq) or isinstance(c, Seq):
            pair = self.assignments(t, c)
            if pair:
                return self.judge(*pair)
        if isinstance(t, Named) and isinstance(c, Named):
            if t.name == c.name:
                return self.judge(t.value, c.value)
            if "()" in t.name + c.name:
                return self.judge(t.value, c.value) if "y" in (t.name, c.name) else no("different names", "assignment")
            if _open(t.value) or _open(c.value):
                return self.equations(_as_relation(t), _as_relation(c))
            return no("different names", "assignment")
        if isinstance(t, Named):
            if isinstance(c, Relation):
                return self.equations(_as_relation(t), c)
            if isinstance(c, Region):
                return no("an interval where the key is a value")
            result = self.judge(t.value, c)
            if result.verdict == "match":
                if _open(t.value) and t.name in ("x", "y", "z"):
                    return unsure(f"the value is right, and the key is an equation for {t.name}", "assignment")
                return match(result.reason, result.policy or "assignment")
            return result
        if isinstance(c, Named):
            if isinstance(t, Relation):
                return self.equations(t, _as_relation(c))
            if isinstance(t, Region):
                return no("a value where the key is an interval")
            result = self.judge(t, c.value)
            return replace(result, policy=result.policy or "assignment") if result.verdict == "match" else result
        return None

    def assignments(self, t: Answer, c: Answer) -> tuple[Answer, Answer] | None:
        """x = 2, y = 3 beside (2, 3): values in the order of the names; beside another such list: as it stands."""
        one, other = _by_name(t), _by_name(c)
        if one and other:
            if [name for name, _ in one] != [name for name, _ in other]:
                return None
            return Seq("()", tuple(v for _, v in one)), Seq("()", tuple(v for _, v in other))
        if one and isinstance(c, Seq) and c.kind == "()":
            return Seq("()", tuple(v for _, v in one)), c
        if other and isinstance(t, Seq) and t.kind == "()":
            return t, Seq("()", tuple(v for _, v in other))
        return None

    def relations(self, t: Answer, c: Answer) -> Comparison | None:
        """Equations and inequalities that are no assignments and no intervals."""
        if isinstance(t, Relation) and isinstance(c, Relation):
            return self.equations(t, c)
        for relation, other in ((t, c), (c, t)):
            if isinstance(relation, Relation) and relation.op != "=" and isinstance(other, Region):
                answer = solved(relation, self.work)
                if answer is None:
                    return unsure("an inequality that was not solved")
                return self.judge(answer, other) if relation is t else self.judge(other, answer)
        if isinstance(c, Relation) and c.op == "=" and is_expr(t) and not symbols(c.right) and self.same(t, c.right):
            return unsure("the value of an expression, or an equation", "equation")  # a + b = 5
        if isinstance(t, Relation) or isinstance(c, Relation):
            return no(f"{kind(c)} where the key is {kind(t)}")
        return None

    # -- numbers with something to them

    def equations(self, t: Relation | None, c: Relation | None) -> Comparison:
        """Two relations, of which one may be an assignment to something that is no plain value."""
        if t is None or c is None:
            return unsure("an equation between answers of other kinds")
        return equations(t, c, self.work, self.judge)

    # -- numbers with something to them

    def based(self, t: Answer, c: Answer) -> Comparison | None:
        """Numerals with a base; a base that is missing in the answer is the key's."""
        if isinstance(t, Based):
            if isinstance(c, Based):
                if t.base == c.base:
                    return no("other digits", "base")
                if t.value is not None and t.value == c.value:
                    return unsure("the same number to another base", "base")
                return no("another base", "base")
            if self.answer.upper().replace(" ", "").lstrip("0") == t.digits:
                return match("the same digits, the base left out", "base")
            return no(f"not the digits of the key to base {t.base}", "base")
        if isinstance(c, Based):
            if isinstance(t, Num) and c.base == 10:
                return self.verdict(t.value == c.value)
            if isinstance(t, Num) and (self.key.replace(" ", "") == c.digits or t.value == c.value):
                return unsure("the key has no base", "base")
            return no("a numeral with another base", "base")
        return None

    def quantities(self, t: Answer, c: Answer) -> Comparison | None:
        """Percent, money, angles and units."""
        if not isinstance(t, Quantity) and not isinstance(c, Quantity):
            return None
        if isinstance(t, Quantity) and isinstance(c, Quantity):
            return self.two_quantities(t, c)
        if isinstance(t, Quantity):
            if not is_expr(c):
                return no(f"{kind(c)} where the key is a quantity")
            return self.bare_answer(t, c)
        assert isinstance(c, Quantity)
        if not is_expr(t):
            return no(f"a quantity where the key is {kind(t)}")
        return self.bare_key(t, c)

    def two_quantities(self, t: Quantity, c: Quantity) -> Comparison:
        if t.unit.dims == c.unit.dims:
            if t.unit.factor == c.unit.factor:
                return self.judge(t.value, c.value)
            outcome = self.same(scaled(t.value, t.unit.factor), scaled(c.value, c.unit.factor))
            return self.verdict(outcome, f"the same quantity in {c.unit.name}", "unit")
        for one, other in ((t, c), (c, t)):
            if one.unit.name == "°" and other.unit.dims == (("angle", 1),):
                return self.verdict(self.same(Op("deg", (one.value,)), other.value), "the same angle", "angle")
        if self.same(t.value, c.value) is False and _opaque(t.unit) and _opaque(c.unit):
            return no("different values")
        if _opaque(t.unit) and _opaque(c.unit):
            ours, theirs = ({word.rstrip("s") for word in unit.name.split()} for unit in (t.unit, c.unit))
            if ours <= theirs or theirs <= ours:
                return match("the same value", "unit")
            return unsure(f"the same number of {c.unit.name} where the key has {t.unit.name}", "unit")
        if (_opaque(t.unit) or _opaque(c.unit)) and self.same(t.value, c.value):
            return unsure(f"{c.unit.name} where the key has {t.unit.name}", "unit")
        return no(f"{c.unit.name} where the key has {t.unit.name}", "unit")

    def bare_answer(self, t: Quantity, c: Expr) -> Comparison:
        """The key has a unit, the answer none."""
        direct = self.judge(t.value, c)
        if direct.verdict == "match":
            return match("the same value, the unit left out", "percent" if t.unit.name == "%" else "unit")
        if t.unit.name == "%" and self.same(Op("div", (t.value, Num(Fraction(100)))), c):
            return match("the percent as a fraction", "percent")
        if t.unit.name == "°" and has(c, "π") and self.same(Op("deg", (t.value,)), c):
            return match("the same angle in radians", "angle")
        if self.same(_with_letter(t), c):
            return match("the same value")
        return direct

    def bare_key(self, t: Expr, c: Quantity) -> Comparison:
        """The answer has a unit, the key none."""
        direct = self.judge(t, c.value)
        if direct.verdict == "match":
            if _opaque(c.unit) and len(c.unit.name.split()) > 4:
                return unsure("the same value with words behind it", "unit")
            return match("the same value with a unit", "percent" if c.unit.name == "%" else "unit")
        if c.unit.dims == (("money", 1),) and self.same(t, scaled(c.value, c.unit.factor)):
            return unsure("the same value if the key is in dollars", "unit")
        if c.unit.name == "%" and self.same(t, Op("div", (c.value, Num(Fraction(100))))):
            return no("a percent where the key is a plain number", "percent")
        if c.unit.name == "°" and has(t, "π") and self.same(t, Op("deg", (c.value,))):
            return match("the same angle in degrees", "angle")
        if self.same(t, _with_letter(c)):
            return match("the same value")
        return direct

    def ratios(self, t: Answer, c: Answer) -> Comparison | None:
        """3:4, 6 to 8, 3/4."""
        if isinstance(t, Ratio) and isinstance(c, Ratio):
            if len(t.parts) != len(c.parts):
                return no("ratios of different length")
            outcomes = [
                self.same(Op("mul", (t.parts[0], b)), Op("mul", (c.parts[0], a)))
                for a, b in zip(t.parts[1:], c.parts[1:], strict=True)
            ]
            if _CLOCK.fullmatch(self.key) and _all(outcomes) and t.parts != c.parts:
                return unsure("the same ratio, but the key may be a time", "ratio")
            return self.verdict(_all(outcomes), "the same ratio", "ratio")
        for ratio, other in ((t, c), (c, t)):
            if isinstance(ratio, Ratio):
                if not is_expr(other) or len(ratio.parts) != 2:
                    return no(f"{kind(c)} where the key is {kind(t)}")
                outcome = self.same(Op("div", ratio.parts), other)
                if outcome and not (isinstance(other, Op) and other.name == "div"):
                    return unsure("a ratio and its value", "ratio")
                return self.verdict(outcome, "the ratio as a fraction", "ratio")
        return None

    # -- several values

    def matrices(self, t: Answer, c: Answer) -> Comparison | None:
        """Matrices by elements; a vector may be written as a tuple."""
        if not isinstance(t, Matrix) and not isinstance(c, Matrix):
            return None
        if isinstance(t, Matrix) and isinstance(c, Matrix):
            if _shape(t) == _shape(c):
                return self.elements(_cells(t), _cells(c))
            if 1 in _shape(t) and 1 in _shape(c) and len(_cells(t)) == len(_cells(c)):
                result = self.elements(_cells(t), _cells(c))
                return (
                    unsure("a row where the key is a column, or the reverse") if result.verdict == "match" else result
                )
            return no("matrices of different shape")
        matrix, other = (t, c) if isinstance(t, Matrix) else (c, t)
        assert isinstance(matrix, Matrix)
        if isinstance(other, Seq) and other.kind in ("()", "[]") and 1 in _shape(matrix):
            cells = _cells(matrix)
            pair = (cells, other.items) if matrix is t else (other.items, cells)
            return self.elements(*pair)
        if is_expr(other) and symbols(other) & {"j", "k"} and 1 in _shape(matrix):
            return unsure("a vector on one side, a sum of unit vectors on the other")
        if isinstance(other, Seq) and 1 in _shape(matrix) and other.kind == "list":
            result = self.elements(_cells(matrix), other.items)
            return unsure("a vector on one side, a list on the other") if result.verdict == "match" else result
        return no(f"{kind(c)} where the key is {kind(t)}")

    def elements(self, t: Sequence[Answer], c: Sequence[Answer]) -> Comparison:
        """In order."""
        if len(t) != len(c):
            return no(f"{len(c)} values where the key has {len(t)}")
        return together([self.judge(a, b) for a, b in zip(t, c, strict=True)])

    def regions(self, t: Answer, c: Answer) -> Comparison | None:
        """Intervals and unions."""
        if not isinstance(t, Region) and not isinstance(c, Region):
            return None
        one, other = as_region(t), as_region(c)
        if one is None or other is None:
            return no(f"{kind(c)} where the key is {kind(t)}")
        if one.variable and other.variable and one.variable != other.variable:
            return no("another variable")
        first, second = self.sorted_pieces(one), self.sorted_pieces(other)
        if first is None or second is None:
            first, second = list(one.pieces), list(other.pieces)
        if len(first) != len(second):
            return no("other intervals")
        results = []
        for a, b in zip(first, second, strict=True):
            if (a.low_closed, a.high_closed) != (b.low_closed, b.high_closed):
                return no("an end belongs to one interval and not to the other")
            for x, y in ((a.low, b.low), (a.high, b.high)):
                if (x is None) != (y is None):
                    return no("other ends")
                if x is not None and y is not None:
                    results.append(self.judge(x, y))
        return together(results) if results else match("the same interval")

    def sorted_pieces(self, region: Region) -> list[Piece] | None:
        """Pieces from left to right, those that touch joined; None where the ends cannot be put in order."""
        kept = []
        for piece in region.pieces:
            width = -1 if None in (piece.low, piece.high) else order(piece.low, piece.high, self.work)
            if width is None:
                return None
            if width < 0 or (width == 0 and piece.low_closed and piece.high_closed):
                kept.append(piece)
        joined: list[Piece] = []
        for piece in self.by_low_end(kept) or []:
            last = joined[-1] if joined else None
            gap = 1 if last is None else self.ends(last.high, piece.low, 1, -1)
            if gap is None:
                return None
            if last is None or gap < 0 or (gap == 0 and not (last.high_closed or piece.low_closed)):
                joined.append(piece)
                continue
            longer = self.ends(last.high, piece.high, 1, 1)
            if longer is None:
                return None
            if longer <= 0:
                closed = piece.high_closed or (longer == 0 and last.high_closed)
                joined[-1] = replace(last, high=piece.high, high_closed=closed)
        return joined if joined or not kept else None

    def ends(self, one: Expr | None, other: Expr | None, first: int, second: int) -> int | None:
        """`order` of two ends; None stands for infinity with the sign `first` or `second`."""
        if one is None or other is None:
            return (first if one is None else 0) - (second if other is None else 0)
        return order(one, other, self.work)

    def by_low_end(self, pieces: list[Piece]) -> list[Piece] | None:
        """Pieces by their low ends, closed ones first; None where two cannot be put in order."""
        found: list[Piece] = []
        for piece in pieces:
            place = len(found)
            while place:
                before = self.ends(found[place - 1].low, piece.low, -1, -1)
                if before is None:
                    return None
                if before < 0 or (before == 0 and (found[place - 1].low_closed or not piece.low_closed)):
                    break
                place -= 1
            found.insert(place, piece)
        return found

    def sequences(self, t: Answer, c: Answer) -> Comparison | None:
        """Tuples in order, lists and sets in any order."""
        if not isinstance(t, Seq) and not isinstance(c, Seq):
            return None
        if not isinstance(t, Seq) or not isinstance(c, Seq):
            return no(f"{kind(c)} where the key is {kind(t)}")
        if len(t.items) != len(c.items):
            unordered = {t.kind, c.kind} <= {"set", "list"}
            if unordered and self.same_set(t.items, c.items):
                if "set" in (t.kind, c.kind):
                    return match("the same set")
                return unsure("the same values, some of them repeated")
            return no(f"{len(c.items)} values where the key has {len(t.items)}")
        kinds = {t.kind, c.kind}
        if kinds <= {"list", "set"}:
            return self.any_order(t.items, c.items)
        if t.kind == c.kind:
            return self.elements(t.items, c.items)
        in_order = self.elements(t.items, c.items)
        if kinds == {"()", "[]"}:
            if len(t.items) == 2:
                return no("round brackets on one side, square brackets on the other")
            return in_order
        if "set" in kinds:
            return no("a tuple on one side, a set on the other", "order")
        if in_order.verdict == "match":
            if t.kind == "()":
                return match("the same values in order, the brackets left out", "order")
            return unsure("the same values, in order on one side only", "order")
        if self.any_order(t.items, c.items).verdict == "no":
            return no("different values")
        return no("another order", "order") if t.kind == "()" else unsure("the same values in another order", "order")

    def any_order(self, t: Sequence[Answer], c: Sequence[Answer]) -> Comparison:
        """Each of the key's values has its own among the answer's; those that are written alike pair off at once."""
        ours, theirs = Counter(t), Counter(c)
        left = list((theirs - ours).elements())
        doubt = None
        for item in (ours - theirs).elements():
            for place, other in enumerate(left):
                result = self.judge(item, other)
                if result.verdict == "match":
                    del left[place]
                    break
                if result.verdict == "undecided":
                    doubt = doubt or result
            else:
                return doubt or no("a value of the key is missing")
        return match("the same values")

    def same_set(self, t: Sequence[Answer], c: Sequence[Answer]) -> bool:
        """Whether each value of either side has an equal on the other, however often it stands there."""
        ours, theirs = dict.fromkeys(t), dict.fromkeys(c)
        return all(
            any(self.judge(item, other).verdict == "match" for other in theirs) for item in ours if item not in theirs
        ) and all(
            any(self.judge(item, other).verdict == "match" for item in ours) for other in theirs if other not in ours
        )

    def values(self, t: Answer, c: Answer) -> Comparison | None:
        """Numbers and expressions; rounded decimals."""
        if not (isinstance(t, Num | Sym | Op) and isinstance(c, Num | Sym | Op)):
            return None
        if has(t, "∞") or has(c, "∞"):
            return no("infinity on one side only, or of another sign")
        outcome = self.same(t, c)
        if outcome is False:
            return self.rounded(t, c) or self.letter_case(t, c) or no("different values")
        return self.verdict(outcome)

    def rounded(self, t: Expr, c: Expr) -> Comparison | None:
        """A decimal key may be the rounding of a more exact answer, an exact key never is that of a decimal answer."""
        places = t.places if isinstance(t, Num) else None
        if isinstance(t, Num) and places and not symbols(c):
            if isinstance(c, Num) and (c.places or 0) <= places and (c.places or c.value.denominator == 1):
                return None
            if self.near(c, t, places):
                return unsure(f"rounds to the key at {places} places; the key may be exact", "rounded")
            return None
        if isinstance(c, Num) and c.places and not symbols(t) and self.near(t, c, c.places):
            return no("a rounded decimal where the key is exact", "rounded")
        return None

    def near(self, exact: Expr, decimal: Num, places: int) -> bool:
        """Whether a value rounds to a decimal."""
        half = Num(Fraction(1, 2 * 10**places))
        above, below = (Op("add", (decimal, Num(sign * half.value))) for sign in (1, -1))
        return order(exact, above, self.work) == -1 and order(below, exact, self.work) == -1

    def letter_case(self, t: Expr, c: Expr) -> Comparison | None:
        """R and r."""
        ours, theirs = symbols(t), symbols(c)
        if ours == theirs or {name.lower() for name in ours} != {name.lower() for name in theirs}:
            return None
        return unsure("equal up to capital letters", "text") if self.same(lower(t), lower(c)) else None


def _behind(choice: Choice, work: Work) -> Answer:
    """What stands behind a choice's letter; not another choice, so that A)A)A) is not taken apart one by one."""
    rest = parse(choice.rest, work)
    return Unread("a choice within a choice") if isinstance(rest, Choice) else rest


def _open(answer: Answer) -> bool:
    """Whether a value has variables."""
    return isinstance(answer, Num | Sym | Op) and bool(symbols(answer) - {"i"})


def _as_relation(named: Named) -> Relation | None:
    if isinstance(named.value, Num | Sym | Op) and "()" not in named.name:
        return Relation("=", Sym(named.name), named.value)
    return None


def _by_name(answer: Answer) -> list[tuple[str, Answer]] | None:
    """A list of assignments to different names, sorted by name."""
    if not isinstance(answer, Seq) or answer.kind != "list":
        return None
    pairs = [(item.name, item.value) for item in answer.items if isinstance(item, Named)]
    if len(pairs) != len(answer.items) or len({name for name, _ in pairs}) != len(pairs):
        return None
    return sorted(pairs, key=lambda pair: pair[0])


def _opaque(unit: Unit) -> bool:
    """A word that the table of units does not hold."""
    return len(unit.dims) == 1 and unit.dims[0][0] == unit.name != "%"


def _with_letter(quantity: Quantity) -> Expr:
    """5 m as five times a variable m."""
    letters = {"meter": "m", "gram": "g", "second": "s", "hour": "h", "liter": "l"}
    if quantity.unit.name in letters:
        return Op("mul", (quantity.value, Sym(letters[quantity.unit.name])))
    return Sym("?")


def _shape(matrix: Matrix) -> tuple[int, int]:
    return len(matrix.rows), len(matrix.rows[0])


def _cells(matrix: Matrix) -> tuple[Expr, ...]:
    return tuple(cell for row in matrix.rows for cell in row)


def _all(outcomes: Sequence[bool | None]) -> bool | None:
    if False in outcomes:
        return False
    return None if None in outcomes else True
