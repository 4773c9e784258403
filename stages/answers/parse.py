"""Typed parser: an answer's text to what kind of answer it is (a value, a tuple, an interval, an equation, words ...).

Recursive descent over `tokens.tokenize`; it builds data and calls nothing. What it cannot read comes out as `Unread`.
"""
# ruff: noqa: SIM905 - a line of words reads better than a column of quotes

import re
from dataclasses import replace
from fractions import Fraction

from stages.answers.expressions import MINUS_ONE, ZERO, Expr, Num, Op, Sym, symbols
from stages.answers.kinds import (
    ALL_REALS,
    NOTHING,
    Answer,
    Based,
    Matrix,
    Named,
    Quantity,
    Ratio,
    Region,
    Relation,
    Seq,
    Unread,
    Unreadable,
    Words,
    as_expr,
    as_region,
    as_side,
    assemble,
    flat,
    has_symbol,
    inequality,
    interval,
    marked,
    multiply,
    name_of,
    negated,
    with_unit,
    without_points,
)
from stages.answers.limits import MAX_BITS, MAX_DEPTH, TooHard, Work
from stages.answers.meaning import classify
from stages.answers.tokens import Token, tokenize
from stages.answers.units import Unit, combine, unit
from stages.answers.words import ARTICLES, PROSE, phrase, plain_words

_TEXT_COMMAND = re.compile(r"\\(?:text|mbox|mathrm|textbf|mathbf|textit|hbox|textrm|operatorname)\s*\{([^{}]*)\}")


def parse(text: str, work: Work, letters: bool = False, tight: bool = False) -> Answer:
    """What kind of answer a folded and unwrapped text is.

    `letters` reads every run of letters as a product of variables; `tight` reads `1/2x` as 1/(2x).
    Raises TooHard beyond the limits; a token costs six steps, for it and for what is asked of its node.
    """
    plain = _TEXT_COMMAND.sub(r" \1 ", text)
    plain = re.sub(r"\\[,;:!\s]|[~$]", " ", plain).replace("\\left", "").replace("\\right", "")
    plain = " ".join(plain.split())
    if not letters:
        found = phrase(plain)
        if found is not None:
            return found
    try:
        tokens = tokenize(text)
        work.spend(6 * len(tokens))
        return _Parser(classify(tokens, letters), tight).whole()
    except (Unreadable, ValueError) as error:
        words = plain_words(plain)
        if PROSE.fullmatch(plain) and words and len(max(words, key=len)) > 1:
            return Words(words)
        return Unread(str(error))


_MULTIPLES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_CHANGING = frozenset(
    "below above before after loss lost lose gain profit decrease increase short extra "
    "more less times squared cubed factorial half third quarter minus plus not over under least most negative if when "
    "mod modulo root than of divided multiplied power but except either repeating recurring "
    "thousand million billion hundred dozen".split()
)
_RELATIONS = frozenset(("=", "≠", "<", ">", "≤", "≥", "≈"))
_CLOSING = {"(": ")]", "[": "])", "{": "}", "set{": "set}", "⟨": "⟩", "<": ">"}
_END = Token("end", "", False)


class _Parser:
    """Recursive descent; each method reads one rule of the grammar from `self.place` on."""

    def __init__(self, tokens: list[Token], tight: bool) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0
        self.tight = tight
        self.colons = True  # whether a colon makes a ratio here

    def peek(self, ahead: int = 0) -> Token:
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else _END

    def take(self) -> Token:
        token = self.peek()
        self.place += 1
        return token

    def at(self, *texts: str) -> bool:
        token = self.peek()
        return token.kind in ("op", "sep") and token.text in texts

    def accept(self, text: str) -> bool:
        if self.at(text):
            self.place += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise Unreadable(f"expected {text!r}, found {self.peek().text or 'the end'!r}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooHard(f"nested deeper than {MAX_DEPTH}")

    # -- whole answers

    def whole(self) -> Answer:
        """list of items to the end of the text."""
        if len(self.tokens) > 2 and self.tokens[0].text == "<" and self.tokens[-1].text == ">":
            self.tokens = [Token("op", "⟨", False), *self.tokens[1:-1], Token("op", "⟩", False)]  # <2, 3>
        items, separators = self.items()
        if self.peek() is not _END:
            raise Unreadable(f"did not expect {self.peek().text!r}")
        return assemble(items, separators)

    def items(self) -> tuple[list[Answer], set[str]]:
        items = [self.item()]
        separators = set()
        while self.at(",", ";", "and", "or", "row"):
            separator = self.take().text
            if self.at("and", "or"):
                separator = self.take().text
            if self.peek() is _END and separator in (",", ";"):
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
            region = as_region(target)
            if not isinstance(first, Sym):
                raise Unreadable("∈ behind something that is no variable")
            answer = replace(region, variable=first.name) if region else Named(first.name, target)
        elif self.colons and self.at(":"):
            parts = [as_expr(first)]
            while self.accept(":"):
                parts.append(as_expr(self.sum()))
            answer = Ratio(tuple(parts))
        else:
            answer = self.quantity(first)
        return answer

    def relation(self, first: Answer) -> Answer:
        parts, ops = [first], []
        while self.at(*_RELATIONS):
            ops.append(self.take().text)
            side = self.sum()
            parts.append(self.quantity(side))
        if (ops[-1] == "≈" and len(ops) > 1) or (ops == ["≈"] and not isinstance(first, Sym)):
            parts, ops = parts[:-1], ops[:-1]  # an exact value and its approximation
            if not ops:
                return parts[0]
        if set(ops) <= {"=", "≈"}:
            if isinstance(parts[0], Seq) and isinstance(parts[1], Seq) and len(parts) == 2:
                if parts[0].kind == "()" and all(isinstance(item, Sym) for item in parts[0].items):
                    return parts[1]  # (x, y) = (3, 2)
                raise Unreadable("an equation between several values")
            name = name_of(parts[0])
            if name and not (isinstance(parts[-1], Num | Sym | Op) and name in symbols(parts[-1])):
                return Named(name, parts[-1])
            if len(parts) == 2:
                other = name_of(parts[1])
                if other and isinstance(parts[0], Num | Op | Sym | Quantity) and not has_symbol(parts[0], other):
                    return Named(other, parts[0])
                return Relation("=", as_expr(parts[0]), as_expr(parts[1]))
            if all(isinstance(part, Num | Op) for part in parts):
                return Relation("=", as_expr(parts[0]), as_expr(parts[-1]))
            raise Unreadable("a chain of equations")
        return inequality([as_side(part) for part in parts], ops)

    def quantity(self, value: Answer) -> Answer:
        """A value, with the unit behind it where one stands there."""
        value = marked(value)
        if isinstance(value, Quantity) and value.unit.name == "°" and self.peek().kind == "name":
            scale = self.peek().text
            if scale in "CF":
                self.take()
                return Quantity(value.value.args[0] if isinstance(value.value, Op) else value.value, unit(f"°{scale}"))
        total: Answer = value
        if self.peek().kind in ("unit", "word"):
            if not isinstance(value, Num | Op | Sym):
                if isinstance(value, Quantity) and self.peek().kind == "word" and not _CHANGING & set(self.words()):
                    return value  # $5 in all
                raise Unreadable(f"did not expect {self.peek().text!r}")
            if self.peek().kind == "word":
                if symbols(value):
                    raise Unreadable("words behind a letter")
                words = self.words()
                if words[0] in _MULTIPLES:
                    value = Op("mul", (value, Num(Fraction(_MULTIPLES[words.pop(0)]))))
                if _CHANGING & set(words):
                    raise Unreadable("words that change the number")
                return Quantity(value, unit(" ".join(words))) if words else value
            total = with_unit(value, self.unit())
            while isinstance(total, Quantity) and self.at_smaller_unit(total.unit):
                self.accept("and")  # 5 feet 3 inches
                part, more = Num(Fraction(self.take().text)), self.unit()
                if more.dims != total.unit.dims:
                    raise Unreadable("quantities side by side")
                ratio = Num(total.unit.factor / more.factor)
                total = Quantity(Op("add", (Op("mul", (total.value, ratio)), part)), more)
            if self.peek().kind == "word" and _CHANGING & set(self.words()):  # 18 minutes more
                raise Unreadable("words that change the number")
        return total

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
        return unit(word, power)

    # -- expressions

    def sum(self) -> Answer:
        total = self.union()
        while self.at("+", "-", "±", "∓"):
            sign = self.take().text
            term = as_expr(self.product())
            left = as_expr(total)
            if sign in "±∓":
                total = Op("pm" if sign == "±" else "mp", (left, term))
            else:
                term = Op("mul", (MINUS_ONE, term)) if sign == "-" else term
                args = left.args if isinstance(left, Op) and left.name == "add" else (left,)
                total = Op("add", (*args, term))
        return total

    def union(self) -> Answer:
        total = self.product()
        while self.at("∪", "∖") or self._at_capital_u():
            sign = self.take().text
            other = self.product()
            left = as_region(total)
            if sign == "∖":
                if left is None or not isinstance(other, Seq) or other.kind != "set" or len(left.pieces) != 1:
                    raise Unreadable("a difference of sets")
                total = without_points(left, [as_expr(item) for item in other.items])
                continue
            if isinstance(total, Seq) and isinstance(other, Seq) and total.kind == other.kind == "set":
                total = Seq("set", total.items + other.items)
                continue
            right = as_region(other)
            if left is None or right is None:
                raise Unreadable("a union of something that is no interval")
            total = Region("", left.pieces + right.pieces)
        return total

    def _at_capital_u(self) -> bool:
        return self.peek() == Token("name", "U", self.peek().gap) and self.peek(1).text in ("(", "[", "set{")

    def product(self) -> Answer:
        total = self.signed()
        while True:
            if self.accept("*"):
                total = multiply(total, self.signed())
            elif self.at("/") and self.peek(1).kind != "unit":
                self.take()
                below = self.signed()
                if self.tight:
                    while self.at_factor() and not self.peek().gap and self.peek().text != "i":
                        below = multiply(below, self.power())
                total = Op("div", (as_expr(total), as_expr(below)))
            elif self.at_factor():
                if self.peek().kind == "num" and self.tokens[self.place - 1].kind == "num":
                    raise Unreadable("two numbers side by side")
                total = multiply(total, self.power())
            else:
                break
        return total

    def at_factor(self) -> bool:
        """Whether a factor follows without a sign between."""
        token = self.peek()
        if token.kind in ("num", "name", "fn"):
            return not self._at_capital_u()
        return token.kind == "op" and token.text in ("(", "[", "{", "√", "∛", "π", "frac", "binom", "begin", "root")

    def signed(self) -> Answer:
        negative = False
        while self.at("-", "+"):
            negative ^= self.take().text == "-"
        if self.at("±", "∓"):
            sign = self.take().text
            value: Answer = Op("pm" if sign == "±" else "mp", (ZERO, as_expr(self.power())))
        else:
            value = self.power()
        return negated(value) if negative else value

    def power(self) -> Answer:
        """atom with its exponents, factorials, percent and degree signs."""
        base = self.atom()
        while True:
            if self.at("^") and self.peek(1).text == "°":
                self.place += 2
                base = Op("deg", (as_expr(base),))
            elif self.at("^") and self.peek(1).text == "{" and self.peek(2).text == "°" and self.peek(3).text == "}":
                self.place += 4
                base = Op("deg", (as_expr(base),))
            elif isinstance(base, Seq) and self.at("^") and self.peek(1).text == "T":
                self.place += 2  # (1, 2)^T is a column
                base = Matrix(tuple((as_expr(item),) for item in base.items))
            elif self.accept("^"):
                base = Op("pow", (as_expr(base), as_expr(self.exponent())))
            elif self.at("!") and self.peek(1).text != "!":
                self.take()
                base = Op("fact", (as_expr(base),))
            elif self.at("%", "°", "¢", "€", "£"):
                sign = self.take().text
                base = Op({"%": "%", "°": "deg"}.get(sign, sign), (as_expr(base),))
            else:
                return base

    def exponent(self) -> Answer:
        """The exponent behind ^: signed, and grouped from the right."""
        self.deeper()
        negative = False
        while self.at("-", "+"):
            negative ^= self.take().text == "-"
        value: Answer = self.atom()
        if self.accept("^"):
            value = Op("pow", (as_expr(value), as_expr(self.exponent())))
        if self.at("!"):
            self.take()
            value = Op("fact", (as_expr(value),))
        self.depth -= 1
        return negated(value) if negative else value

    def atom(self) -> Answer:
        self.deeper()
        token = self.take()
        if token.kind == "num":
            value = self.number(token)
        elif token.kind == "name":
            value = self.variable(token)
        elif token.kind == "fn":
            value = self.function(token.text)
        elif token.kind == "op" and token.text in ("(", "[", "{", "set{", "⟨"):
            value = self.group(token.text)
        elif token.kind == "op":
            value = self.sign(token.text)
        else:
            raise Unreadable(f"did not expect {token.text or 'the end'!r}")
        self.depth -= 1
        return value

    def number(self, token: Token) -> Answer:
        """A numeral: repeating, mixed, with a base, or nCr."""
        text = token.text
        if len(text) * 4 > MAX_BITS:
            raise TooHard("a number with too many digits")
        places = len(text.partition(".")[2]) if "." in text else None
        value = Fraction(text if text != "." else "0")
        if self.at("repeat") and places is not None:
            self.take()
            self.expect("{")
            digits = self.take().text
            self.expect("}")
            return Num(_repeating(text, digits))
        if text.endswith(".") and self.at("(") and self.peek(1).kind == "num" and self.peek(2).text == ")":
            period = self.peek(1).text  # 0.(3)
            self.place += 3
            return Num(_repeating(text, period))
        if places and self.at("…"):
            self.take()
            return Num(_repeating(*_last_period(text)))
        if self.at("_"):
            return self.based(text)
        if self.peek() in (Token("name", "C", False), Token("name", "P", False)) and self.peek(1).kind == "num":
            name = "binom" if self.take().text == "C" else "perm"
            return Op(name, (Num(value), Num(Fraction(self.take().text))))
        if places is None:
            fraction = self.fraction_behind()
            if fraction is not None:
                return Num(value + fraction)
        return Num(value, places)

    def fraction_behind(self) -> Fraction | None:
        """The fraction of a mixed number: `1 2/3` or `1\\frac{2}{3}`."""
        texts = [self.peek(ahead).text for ahead in range(7)]
        kinds = [self.peek(ahead).kind for ahead in range(7)]
        if kinds[0] == "num" and texts[1] == "/" and kinds[2] == "num" and self.peek().gap:
            top, bottom, used = texts[0], texts[2], 3
        elif texts[0] == "frac" and texts[1] == texts[4] == "{" and texts[3] == texts[6] == "}":
            top, bottom, used = texts[2], texts[5], 7
        elif texts[0] == "frac" and kinds[1] == "num" and len(texts[1]) == 2:
            top, bottom, used = texts[1][0], texts[1][1], 2
        else:
            return None
        if not (top.isdigit() and bottom.isdigit()) or int(top) >= int(bottom) or self.peek(used).text in ("^", "!"):
            return None
        self.place += used
        return Fraction(int(top), int(bottom))

    def based(self, digits: str) -> Answer:
        """The base behind an underscore."""
        self.take()
        braced = self.accept("{") or self.accept("(")
        name = ""
        while self.peek().kind in ("num", "name", "word", "fn"):
            name += self.take().text
        if braced and not (self.accept("}") or self.accept(")")):
            raise Unreadable("a base")
        found = phrase(f"{digits}_{name}")
        if not isinstance(found, Based):
            raise Unreadable("a base")
        return found

    def variable(self, token: Token) -> Answer:
        """A letter, with its index; C(n, r) and P(n, r)."""
        name = token.text
        if name in ("C", "P") and self.at("(") and not self.peek().gap:
            group = self.power()
            if isinstance(group, Seq) and len(group.items) == 2:
                return Op("binom" if name == "C" else "perm", (as_expr(group.items[0]), as_expr(group.items[1])))
            return multiply(Sym(name), group)
        if self.accept("_"):
            if self.accept("{") or self.accept("("):
                while self.peek().kind in ("num", "name", "word"):
                    name += "_" + self.take().text
                if not (self.accept("}") or self.accept(")")):
                    raise Unreadable("an index")
            elif self.peek().kind in ("num", "name"):
                name += "_" + self.take().text
            else:
                raise Unreadable("an index")
        while self.accept("'"):
            name += "'"
        return Sym(name)

    def function(self, name: str) -> Answer:
        """A function with its power and argument: sin^2 x, sin(2x), log_2 8."""
        base: Expr | None = None
        exponent: Expr | None = None
        while self.at("^", "_"):
            if self.take().text == "^":
                exponent = as_expr(self.exponent())
            else:
                base = as_expr(self.atom())
        if exponent == MINUS_ONE or exponent == Op("mul", (MINUS_ONE, Num(Fraction(1)))):
            if name not in ("sin", "cos", "tan"):
                raise Unreadable("an inverse function")
            name, exponent = "arc" + name, None
        if self.at("(", "{"):
            argument = self.atom()
        else:
            argument = self.signed()
            while self.at_factor() and self.peek().kind != "fn" and not self.at("("):
                argument = multiply(argument, self.power())
        if name == "log":
            value: Expr = Op("log", (base or Num(Fraction(10)), as_expr(argument)))
        elif base is not None:
            raise Unreadable("a function with an index")
        else:
            value = Op(name, (as_expr(argument),))
        return Op("pow", (value, exponent)) if exponent is not None else value

    def group(self, opening: str) -> Answer:
        """What stands in brackets: a value, a tuple, an interval, a set or rows of a matrix."""
        colons, self.colons = self.colons, opening not in ("set{", "{")
        closing = _CLOSING[opening]
        if self.peek().text == closing and opening in ("set{", "{"):
            self.take()
            self.colons = colons
            return NOTHING
        items, separators = self.items()
        end = self.take().text
        if end in ("|", ":") and opening in ("set{", "{"):  # set builder
            items, separators = self.items()
            end = self.take().text
            self.colons = colons
            built = assemble(items, separators)
            if end != closing or not isinstance(built, Region):
                raise Unreadable("a set with a condition")
            return built
        self.colons = colons
        if opening in ("(", "["):
            if end not in (")", "]"):
                raise Unreadable("a bracket is not closed")
        elif end != closing:
            raise Unreadable("a bracket is not closed")
        if len(items) == 1:
            if opening == "set{":
                return items[0] if isinstance(items[0], Region) else Seq("set", flat(items))
            if {"(": ")", "[": "]"}.get(opening, end) != end:
                raise Unreadable("brackets that do not match")
            if opening in ("{", "(") or isinstance(items[0], Num | Op | Sym | Matrix):
                return items[0]
            return Seq("[]", tuple(items))
        if opening in ("set{", "{"):
            return Seq("set", flat(items))
        if separators - {","}:
            raise Unreadable("words in a tuple")
        if opening == "⟨":
            return Seq("()", tuple(items))
        if opening + end in ("()", "[]"):
            rows = [item.items for item in items if isinstance(item, Seq) and item.kind == opening + end]
            if opening == "[" and len(rows) == len(items) and len({len(row) for row in rows}) == 1:
                return Matrix(tuple(tuple(as_expr(cell) for cell in row) for row in rows))
            return Seq(opening + end, tuple(items))
        if len(items) != 2:
            raise Unreadable("an interval has two ends")
        return interval(as_expr(items[0]), as_expr(items[1]), opening == "[", end == "]")

    def sign(self, text: str) -> Answer:
        """What begins with a sign or a command."""
        if text == "π":
            return Sym("π")
        if text == "∞":
            return Sym("∞")
        if text == "ℝ":
            return ALL_REALS
        if text == "∅":
            return NOTHING
        if text == "√":
            index: Expr = Num(Fraction(2))
            if self.accept("["):
                index = as_expr(self.sum())
                self.expect("]")
            return Op("root", (as_expr(self.atom()), index))
        if text == "∛" or text == "∜":
            return Op("root", (as_expr(self.atom()), Num(Fraction(3 if text == "∛" else 4))))
        if text == "frac":
            top = self.digit_or_atom()
            return Op("div", (top, self.digit_or_atom()))
        if text == "binom":
            return Op("binom", (self.digit_or_atom(), self.digit_or_atom()))
        if text in "$€£":
            return Op(text, (as_expr(self.signed()),))
        if text == "|":
            inner = as_expr(self.sum())
            self.expect("|")
            return Op("abs", (inner,))
        if text == "begin":
            return self.matrix()
        raise Unreadable(f"did not expect {text!r}")

    def digit_or_atom(self) -> Expr:
        """An argument of \\frac: in braces, or a single digit (`\\frac12`)."""
        token = self.peek()
        if token.kind == "num" and len(token.text) > 1:
            if "." in token.text:
                raise Unreadable("a fraction")
            self.tokens[self.place] = Token("num", token.text[1:], False)
            return Num(Fraction(token.text[0]))
        if token.kind == "num":
            self.take()
            return Num(Fraction(token.text))
        return as_expr(self.atom())

    def matrix(self) -> Answer:
        """Rows up to \\end; the environment's name was read by the tokenizer."""
        rows: list[tuple[Expr, ...]] = []
        row: list[Expr] = []
        while not self.accept("end"):
            if self.accept("row"):
                rows.append(tuple(row))
                row = []
                continue
            row.append(as_expr(self.sum()))
            if not self.at("&", "row", "end"):
                raise Unreadable("a matrix")
            self.accept("&")
        if row:
            rows.append(tuple(row))
        if not rows or len({len(row) for row in rows}) != 1:
            raise Unreadable("a matrix with rows of unequal length")
        return Matrix(tuple(rows))


def _repeating(text: str, period: str) -> Fraction:
    if not period.isdigit():
        raise Unreadable("a repeating decimal")
    head = Fraction(text + "0" if text.endswith(".") else text)
    places = len(text.partition(".")[2])
    return head + Fraction(int(period), 10**places * (10 ** len(period) - 1))


def _last_period(text: str) -> tuple[str, str]:
    """0.1666 as 0.1 and 6, 0.142857142857 as 0. and 142857: what the dots behind the decimals stand for."""
    places = text.partition(".")[2]
    for length in range(1, len(places) // 2 + 1):
        period = places[-length:]
        times = 3 if length == 1 else 2
        if places.endswith(period * times):
            return text[: len(text) - length], period
    raise Unreadable("dots behind a decimal that does not repeat")
