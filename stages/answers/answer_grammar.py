"""The grammar of whole answers: lists, relations, ratios, quantities with units. Values are read by `value_grammar`."""

from dataclasses import replace
from fractions import Fraction

from stages.answers.cursor import END
from stages.answers.expressions import Expr, Num, Op, Sym, symbols
from stages.answers.kinds import (
    Answer,
    Approximate,
    Named,
    Piece,
    Quantity,
    Ratio,
    Region,
    Relation,
    Seq,
    Unreadable,
    as_expr,
    as_region,
    as_side,
    assemble,
    complements,
    has_symbol,
    inequality,
    marked,
    name_of,
    one_or_all,
    with_unit,
)
from stages.answers.tokens import Token
from stages.answers.units import Unit, combine, unit
from stages.answers.value_grammar import ValueGrammar
from stages.answers.vocabulary import ARTICLES, CHANGING, is_harmless

_POWERS_BEHIND = {"squared": 2, "cubed": 3}
_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_SCALES = frozenset(("celsius", "fahrenheit"))
_RELATIONS = frozenset(("=", "≠", "<", ">", "≤", "≥", "≈"))


class AnswerGrammar(ValueGrammar):
    """Reads one answer to the end of its tokens (`whole`)."""

    def whole(self) -> Answer:
        """list of items to the end of the text."""
        if len(self.tokens) > 2 and self.tokens[0].text == "<" and self.tokens[-1].text == ">":
            self.tokens = [Token("op", "⟨", False), *self.tokens[1:-1], Token("op", "⟩", False)]  # <2, 3>
        items, separators = self.items()
        if self.peek() is not END:
            raise Unreadable(f"did not expect {self.peek().text!r}")
        return assemble(items, separators)

    def items(self) -> tuple[list[Answer], set[str]]:
        items = [self.item()]
        separators = set()
        while self.at(",", ";", "and", "or", "row"):
            separator = self.take().text
            if self.at("and", "or"):
                separator = self.take().text
            if self.peek() is END and separator in (",", ";"):
                break
            separators.add("," if separator in (";", "row") else separator)
            items.append(self.item())
        return items, separators

    def item(self) -> Answer:
        """relation, ratio, quantity, interval, union, matrix or value."""
        first = self.sum()
        if self.peek().kind == "fn" and self.peek().text == "":
            raise Unreadable("a function without an argument")
        answer: Answer
        if self.at(*_RELATIONS):
            answer = self.relation(first)
        elif self.at("∈"):
            self.take()
            target = self.sum()
            region = None if isinstance(target, Seq) and target.kind == "set" else as_region(target)
            if not isinstance(first, Sym):
                raise Unreadable("∈ behind something that is no variable")
            if isinstance(target, Seq) and target.kind == "and":
                held = [part for part in target.items if isinstance(part, Region)]
                return Seq("and", tuple(replace(part, variable=first.name) for part in held))
            answer = replace(region, variable=first.name) if region else Named(first.name, target)
        elif self.colons and self.at(":"):
            parts = [as_expr(first)]
            while self.accept(":"):
                parts.append(as_expr(self.sum()))
            answer = Ratio(tuple(parts))
        else:
            answer = self.quantity(first)
        return answer

    def condition(self) -> Answer:
        """Relations joined by commas and words; a second one must begin behind the first."""
        found = [self.item()]
        separators = set()
        while self.at("and", "or"):
            separators.add(self.take().text)
            found.append(self.item())
        return assemble(found, separators)

    def inside_set(self) -> Answer:
        items, separators = self.items()
        built = assemble(items, separators)
        if not isinstance(built, Region | Relation):
            raise Unreadable("a set with a condition")
        return built

    def relation(self, first: Answer) -> Answer:
        """Sides and the signs between them."""
        parts, ops = [first], []
        while self.at(*_RELATIONS):
            ops.append(self.take().text)
            parts.append(self.quantity(self.sum()))
        if ops == ["≈"] and isinstance(first, Sym) and not has_symbol(parts[1], first.name):
            return Named(first.name, parts[1])
        if ops[-1] == "≈":
            return Approximate(self.relations(parts[:-1], ops[:-1]), parts[-1])
        return self.relations(parts, ops)

    def relations(self, parts: list[Answer], ops: list[str]) -> Answer:
        """An assignment, an equation or an inequality."""
        if not ops:
            return parts[0]
        if set(ops) <= {"=", "≈"}:
            return self.equation(parts)
        sides = [as_side(part) for part in parts]
        if ops == ["≠"] and isinstance(sides[0], Sym):
            points = tuple(Piece(point, point, True, True) for point in (sides[1], *self.more_points()))
            return one_or_all(complements(Region(sides[0].name, points)))
        return inequality(sides, ops)

    def more_points(self) -> list[Expr]:
        """x ≠ 1, 2: the numbers behind the first."""
        found: list[Expr] = []
        while self.at(",", "and", "or"):
            before = self.place
            self.take()
            self.accept("and")
            value = self.sum() if self.peek().kind in ("num", "op") else None
            if not isinstance(value, Num | Op) or symbols(value) or self.at(*_RELATIONS):
                self.place = before
                break
            found.append(value)
        return found

    def equation(self, parts: list[Answer]) -> Answer:
        """`x = 3`, `f(x) = x^2`, `(x, y) = (3, 2)`, `2x + 3y = 6`, `x = 6/4 = 3/2`."""
        if isinstance(parts[0], Seq) and isinstance(parts[1], Seq) and len(parts) == 2:
            if parts[0].kind == "()" and all(isinstance(item, Sym) for item in parts[0].items):
                return parts[1]
            raise Unreadable("an equation between several values")
        name, other = name_of(parts[0]), name_of(parts[-1])
        if name and other and len(name) == len(other) == 2:
            return Relation("=", as_expr(parts[0]), as_expr(parts[-1]))  # AB = CD, no length
        if name and not (isinstance(parts[-1], Num | Sym | Op) and name in symbols(parts[-1])):
            return Named(name, parts[-1])
        if len(parts) == 2:
            if other and isinstance(parts[0], Num | Op | Sym | Quantity) and not has_symbol(parts[0], other):
                return Named(other, parts[0])
            return Relation("=", as_expr(parts[0]), as_expr(parts[1]))
        if all(isinstance(part, Num | Op) for part in parts):
            return Relation("=", as_expr(parts[0]), as_expr(parts[-1]))
        raise Unreadable("a chain of equations")

    def quantity(self, value: Answer) -> Answer:
        """A value, with the unit behind it where one stands there."""
        value = marked(value)
        if isinstance(value, Quantity) and value.unit.name == "°" and self.peek().text.lower() in _SCALES:
            return Quantity(value.value, unit(f"°{self.take().text[0]}"))
        if self.peek().kind not in ("unit", "word"):
            return value
        if isinstance(value, Quantity):
            if self.peek().kind == "word" and not CHANGING & set(self.words()):
                return value  # $5 in all
            raise Unreadable(f"did not expect {self.peek().text!r}")
        if not isinstance(value, Num | Op | Sym):
            raise Unreadable(f"did not expect {self.peek().text!r}")
        if self.peek().kind == "word":
            return self.counted(value)
        total = with_unit(value, self.unit())
        if isinstance(total, Quantity) and total.unit.name == "°" and self.peek().text.lower() in _SCALES:
            return Quantity(value, unit(f"°{self.take().text[0]}"))
        while isinstance(total, Quantity) and self.at_smaller_unit(total.unit):
            self.accept("and")  # 5 feet 3 inches
            part, more = Num(Fraction(self.take().text)), self.unit()
            if more.dims != total.unit.dims:
                raise Unreadable("quantities side by side")
            ratio = Num(total.unit.factor / more.factor)
            total = Quantity(Op("add", (Op("mul", (total.value, ratio)), part)), more)
        if self.peek().kind == "word":
            words = set(self.words())  # 18 minutes more
            if CHANGING & words or not all(is_harmless(word) for word in words):
                raise Unreadable("words behind a unit")
        return total

    def counted(self, value: Expr) -> Answer:
        """12 ways: what is counted stands behind the number; a word that is not known makes the answer unreadable."""
        if symbols(value):
            raise Unreadable("words behind a letter")
        words = self.words()
        if CHANGING & set(words):
            raise Unreadable("words that change the number")
        return Quantity(value, unit(" ".join(words))) if words else value

    def at_smaller_unit(self, than: Unit) -> bool:
        """Whether a number with a smaller unit of the same sort stands next, with or without `and`."""
        ahead = 1 if self.at("and") else 0
        if self.peek(ahead).kind != "num" or self.peek(ahead + 1).kind != "unit":
            return False
        found = unit(self.peek(ahead + 1).text)
        return found.dims == than.dims and found.factor < than.factor

    def words(self) -> list[str]:
        """The words up to the end of the item; a number among them makes it unreadable."""
        found = []
        while self.peek().kind in ("word", "unit", "name", "text"):
            found.append(self.take().text.lower())
        kept = [word for word in found if word not in ARTICLES]
        return kept or found

    def unit(self) -> Unit:
        """square cm; m/s; miles per hour; inches^2."""
        if self.peek().text == "per":
            self.take()
            return combine(Unit((), Fraction(1), ""), self.one_unit(), -1)
        found = self.one_unit()
        if self.at("/") or self.peek().text == "per":
            self.take()
            found = combine(found, self.one_unit(), -1)
        return found

    def one_unit(self) -> Unit:
        """A unit with its power, before it (square) or behind it."""
        power = 1
        if self.peek().text.lower() in _POWERS:
            power = _POWERS[self.take().text.lower()]
            self.accept(".")
        if self.peek().kind not in ("unit", "word", "name"):
            raise Unreadable("a unit is missing")
        word = self.take().text
        self.accept(".")
        if self.accept("^"):
            braced = self.accept("{") or self.accept("(")
            number = self.take()
            if number.kind != "num" or not number.text.isdigit() or len(number.text) > 1:
                raise Unreadable("a unit's power")
            power = int(number.text)
            if braced and not (self.accept("}") or self.accept(")")):
                raise Unreadable("a unit's power")
        elif self.peek().text.lower() in _POWERS_BEHIND:
            power = _POWERS_BEHIND[self.take().text.lower()]
        return unit(word, power)
