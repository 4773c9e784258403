"""The kinds an answer can be of, and how several answers make one."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeGuard

from stages.answers.expressions import MINUS_ONE, Expr, Num, Op, Sym, has, infinite, signs, symbols
from stages.answers.units import Unit, unit
from stages.answers.vocabulary import CURRENCIES


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with a unit; percent is the unit named `%`."""

    value: Expr
    unit: Unit


@dataclass(frozen=True, slots=True)
class Based:
    """A numeral with its digits and base."""

    digits: str
    base: int

    @property
    def value(self) -> int | None:
        """The number; None where it has places, or a digit or base that cannot be."""
        possible = 2 <= self.base <= 36 and self.digits.isalnum()
        if not possible or any(int(digit, 36) >= self.base for digit in self.digits):
            return None
        return int(self.digits, self.base)


@dataclass(frozen=True, slots=True)
class Ratio:
    """a : b, or longer."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Seq:
    """Several answers: `kind` is `list` (bare), `or`, `and` (of intervals), `set`, or in order `()` or `[]`."""

    kind: str
    items: tuple["Answer", ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval; an end is None where it is infinite."""

    low: Expr | None
    high: Expr | None
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A union of intervals of the real line, and the variable it was written with ('' for none)."""

    variable: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of values."""

    rows: tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """`name = value`."""

    name: str
    value: "Answer"


@dataclass(frozen=True, slots=True)
class Relation:
    """`left op right` with op one of = ≠ < ≤ (> and ≥ are turned round)."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Choice:
    """A lettered choice, with the text that stood behind the letter."""

    letter: str
    rest: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text, as words in lower case without articles and punctuation."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Approximate:
    """`exact ≈ decimal`."""

    exact: "Answer"
    decimal: "Answer"


@dataclass(frozen=True, slots=True)
class Piecewise:
    """Values, each with where it holds (NOTHING: otherwise)."""

    branches: tuple[tuple[Expr, "Answer"], ...]


@dataclass(frozen=True, slots=True)
class Time:
    """Minutes past midnight; without am or pm (`half` is False) they may be of either half of the day."""

    minutes: int
    half: bool


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the year; `year` is None where none was given."""

    month: int
    day: int
    year: int | None


@dataclass(frozen=True, slots=True)
class Unread:
    """Neither mathematics nor plain words."""

    why: str


Answer = (
    Num
    | Sym
    | Op
    | Quantity
    | Based
    | Ratio
    | Seq
    | Region
    | Matrix
    | Named
    | Relation
    | Approximate
    | Piecewise
    | Time
    | Date
    | Choice
    | Words
    | Unread
)
KINDS: dict[type, str] = {
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
    Approximate: "a value with its decimal",
    Piecewise: "a function by cases",
    Time: "a time of day",
    Date: "a date",
    Choice: "a choice",
    Words: "words",
}
ALL_REALS = Region("", (Piece(None, None, False, False),))
NOTHING = Seq("set", ())


class Unreadable(ValueError):
    """The text does not follow the grammar."""


def has_symbol(answer: Answer, name: str) -> bool:
    """Whether a variable occurs in a value."""
    if isinstance(answer, Quantity):
        answer = answer.value
    return isinstance(answer, Num | Sym | Op) and name in symbols(answer)


def as_expr(answer: Answer) -> Expr:
    """An answer as a value; raises Unreadable where it is none."""
    if isinstance(answer, Num | Sym | Op):
        return answer
    if isinstance(answer, Quantity) and not answer.unit.dims:
        return answer.value
    if isinstance(answer, Quantity) and answer.unit.name == "°":
        return Op("deg", (answer.value,))
    raise Unreadable("a value is missing")


def as_side(answer: Answer) -> Expr:
    """A side of an inequality, its unit left out."""
    return answer.value if isinstance(answer, Quantity) else as_expr(answer)


def multiply(left: Answer, right: Answer) -> Answer:
    """A product of values, or of a value and a matrix."""
    if isinstance(right, Matrix) and isinstance(left, Num | Sym | Op):
        return Matrix(tuple(tuple(Op("mul", (left, cell)) for cell in row) for row in right.rows))
    one, other = as_expr(left), as_expr(right)
    args = one.args if isinstance(one, Op) and one.name == "mul" else (one,)
    return Op("mul", (*args, other))


def negated(value: Answer) -> Answer:
    """The answer with a minus before it."""
    if isinstance(value, Num):
        return Num(-value.value, value.places)
    if isinstance(value, Matrix):
        return Matrix(tuple(tuple(Op("mul", (MINUS_ONE, cell)) for cell in row) for row in value.rows))
    if isinstance(value, Op) and (value.name in ("%", "deg") or value.name in CURRENCIES):
        return Op(value.name, (as_expr(negated(value.args[0])),))
    return Op("mul", (MINUS_ONE, as_expr(value)))


def marked(value: Answer) -> Answer:
    """A sign for percent, degrees or money as a unit."""
    if isinstance(value, Op):
        if value.name == "%":
            return Quantity(value.args[0], Unit((("%", 1),), Fraction(1), "%"))
        if value.name == "deg":
            return Quantity(value.args[0], Unit((("degrees", 1),), Fraction(1), "°"))
        if value.name in CURRENCIES or value.name in ("°C", "°F"):
            return Quantity(value.args[0], unit(value.name))
    return value


def with_unit(value: Expr, found: Unit) -> Answer:
    """A value with a unit; a unit without dimension (units) is none."""
    if found.dims == (("degrees", 1),):
        return Quantity(value, Unit(found.dims, Fraction(1), "°"))
    return Quantity(value, found) if found.dims else value


def both_signs(answer: Answer) -> Answer:
    """A value with ± as two values."""
    if isinstance(answer, Named):
        return replace(answer, value=both_signs(answer.value))
    if isinstance(answer, Op) and (has(answer, "pm") or has(answer, "mp")):
        return Seq("list", (signs(answer, 1), signs(answer, -1)))
    return answer


def flat(items: list[Answer]) -> tuple[Answer, ...]:
    """Items, with the two values of a ± side by side."""
    found: list[Answer] = []
    for item in map(both_signs, items):
        found.extend(item.items if isinstance(item, Seq) and item.kind in ("list", "or") else (item,))
    return tuple(found)


def name_of(answer: Answer) -> str | None:
    """The name on the left of an assignment: a variable, f(x), f'(x), dy/dx, an inverse, a segment AB."""
    if isinstance(answer, Sym) and answer.name not in ("π", "e", "i", "∞"):
        return answer.name
    if isinstance(answer, Op) and answer.name == "div":
        above, below = (side.args if isinstance(side, Op) and side.name == "mul" else () for side in answer.args)
        differentials = len(above) == len(below) == 2 and above[0] == below[0] == Sym("d")
        if differentials and isinstance(above[1], Sym) and isinstance(below[1], Sym):
            return f"{above[1].name}'"  # dy/dx
    if isinstance(answer, Op) and answer.name == "mul" and len(answer.args) == 2:
        function, argument = answer.args
        inverse = isinstance(function, Op) and function.name == "pow" and function.args[1] == MINUS_ONE
        base = function.args[0] if isinstance(function, Op) and inverse else function
        letters = "fghPQpqFGHRT" if argument in (Sym("x"), Sym("t"), Sym("n"), Sym("z")) else "fghPQ"
        if isinstance(base, Sym) and base.name.rstrip("'") in tuple(letters) and isinstance(argument, Sym | Num):
            return f"{base.name}{'⁻¹' if inverse else ''}()"
        if isinstance(function, Sym) and isinstance(argument, Sym) and (function.name + argument.name).isupper():
            return "".join(sorted((function.name, argument.name)))  # a segment from A to B
    return None


def interval(low: Expr, high: Expr, low_closed: bool, high_closed: bool) -> Region:
    """An interval with its ends; raises Unreadable where an infinite end stands on the wrong side."""
    if (infinite(low) and low_closed) or (infinite(high) and high_closed):
        raise Unreadable("an interval that holds its infinite end")
    left = None if infinite(low) == -1 else low
    right = None if infinite(high) == 1 else high
    if (left is not None and infinite(low)) or (right is not None and infinite(high)):
        raise Unreadable("an interval with its infinite end on the wrong side")
    return Region("", (Piece(left, right, low_closed, high_closed),))


def as_region(answer: Answer) -> Region | None:
    """An interval or union, where the answer can be read as one."""
    if isinstance(answer, Region):
        return answer
    if isinstance(answer, Seq) and answer.kind in ("()", "[]") and len(answer.items) == 2:
        ends = [item for item in answer.items if isinstance(item, Num | Sym | Op)]
        if len(ends) == 2:
            closed = answer.kind == "[]"
            try:
                return interval(ends[0], ends[1], closed, closed)
            except Unreadable:
                return None
    if isinstance(answer, Seq) and answer.kind == "set" and answer.items:
        points = [item for item in answer.items if isinstance(item, Num | Sym | Op)]
        if len(points) == len(answer.items):
            return Region("", tuple(Piece(point, point, True, True) for point in points))
    return None


def complements(region: Region) -> tuple[Region, ...]:
    """What is left of the real line without each piece of a region; what all of them hold is its complement."""
    found = []
    for piece in region.pieces:
        below = Piece(None, piece.low, False, not piece.low_closed) if piece.low is not None else None
        above = Piece(piece.high, None, not piece.high_closed, False) if piece.high is not None else None
        found.append(Region(region.variable, tuple(part for part in (below, above) if part)))
    return tuple(found)


def one_or_all(regions: tuple[Region, ...]) -> Answer:
    """A region as it is, several as what all of them hold."""
    return regions[0] if len(regions) == 1 else Seq("and", regions)


_FLIP = {">": "<", "≥": "≤"}


def inequality(parts: list[Expr], ops: list[str]) -> Answer:
    """`x > 2`, `1 < x ≤ 5`, `x ≠ 3` as regions; anything else as a relation."""
    if len(ops) == 2:
        if ops[0] in "≥>":
            parts, ops = parts[::-1], [_FLIP.get(op, op) for op in ops[::-1]]
        if not set(ops) <= {"<", "≤"} or not isinstance(parts[1], Sym):
            raise Unreadable("a chain of inequalities")
        region = interval(parts[0], parts[2], ops[0] == "≤", ops[1] == "≤")
        return replace(region, variable=parts[1].name)
    if len(ops) != 1:
        raise Unreadable("a chain of inequalities")
    left, right, op = parts[0], parts[1], ops[0]
    if op in _FLIP:
        left, right, op = right, left, _FLIP[op]
    closed = op == "≤"
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Sym) and side.name not in ("π", "e", "i") and not symbols(other):
            if op == "≠":
                return complements(Region(side.name, (Piece(other, other, True, True),)))[0]
            if infinite(other):
                raise Unreadable("an inequality with infinity")
            if side is left:
                return Region(side.name, (Piece(None, other, False, closed),))
            return Region(side.name, (Piece(other, None, closed, False),))
    return Relation(op, left, right)


def _has_infinite_end(answer: Answer) -> bool:
    """(2, ∞) can only be an interval."""
    if not isinstance(answer, Seq) or answer.kind not in ("()", "[]") or len(answer.items) != 2:
        return False
    return any(infinite(end) for end in answer.items if isinstance(end, Sym | Op))


def _holds_all(item: Answer) -> TypeGuard[Seq]:
    """x ≠ 1, 2 or a difference: what several regions share."""
    return isinstance(item, Seq) and item.kind == "and"


def assemble(items: list[Answer], separators: set[str]) -> Answer:
    """Several items as one answer."""
    if len(items) == 1:
        item = both_signs(items[0])
        if _has_infinite_end(item):
            return as_region(item) or item
        return item
    if separators == {","}:
        items = [part for item in items for part in (item.items if _holds_all(item) else (item,))]
    if any(isinstance(item, Region) or _has_infinite_end(item) for item in items):
        items = [as_region(item) or item for item in items]  # (-∞, 2) and (3, 5)
    regions = [item for item in items if isinstance(item, Region)]
    if len(regions) == len(items) and len({region.variable for region in regions}) == 1:
        if (separators <= {"or", ","} and "or" in separators) or not regions[0].variable:
            return Region(regions[0].variable, tuple(piece for region in regions for piece in region.pieces))
        if separators == {"and"}:
            return Seq("and", tuple(items))
    if isinstance(items[0], Named) and not any(isinstance(item, Named) for item in items[1:]):
        name = items[0].name  # x = 1, 2
        return Named(name, Seq("list", flat([items[0].value, *items[1:]])))
    named = [item for item in items if isinstance(item, Named)]
    if len(named) == len(items) and len({item.name.partition("_")[0] for item in named}) == 1:
        return Named(named[0].name.partition("_")[0], Seq("list", flat([item.value for item in named])))
    return Seq("or" if separators == {"or"} else "list", flat(items))
