"""The grammar of values: sums, products, powers, functions, brackets. Recursive descent, data in, data out."""

from fractions import Fraction

from stages.answers.expressions import MINUS_ONE, ZERO, Expr, Num, Op, Sym, symbols
from stages.answers.kinds import (
    ALL_REALS,
    NOTHING,
    Answer,
    Matrix,
    Piecewise,
    Region,
    Seq,
    Unreadable,
    as_expr,
    as_region,
    complements,
    flat,
    interval,
    multiply,
    negated,
)
from stages.answers.numeral_grammar import NumeralGrammar
from stages.answers.tokens import Token
from stages.answers.vocabulary import CURRENCIES, INVERTIBLE

_FACTORS = frozenset(("(", "[", "{", "√", "∛", "π", "⌊", "⌈", "frac", "binom", "begin", "root"))
_ENDS = frozenset((")", "]", "}", "set}", "⟩", "⌋", "⌉", "end"))
_CLOSING = {"(": ")]", "[": "])[", "{": "}", "set{": "set}", "⟨": "⟩", "]": "[]"}


class ValueGrammar(NumeralGrammar):
    """Each method reads one rule of the grammar; what stands in brackets may be several answers (`items`)."""

    def items(self) -> tuple[list[Answer], set[str]]:
        """Answers between separators; those of `grammar`."""
        raise NotImplementedError

    def condition(self) -> Answer:
        """A relation or several, such as where a case holds."""
        raise NotImplementedError

    def inside_set(self) -> Answer:
        """What stands behind the bar of a set with a condition."""
        raise NotImplementedError

    def sum(self) -> Answer:
        total = self.union()
        while self.at("+", "-", "±", "∓"):
            sign = self.take().text
            other = self.product()
            if isinstance(total, Region) and sign == "-" and not isinstance(other, Num | Op):
                total = self.without(total, other)
                continue
            term = as_expr(other)
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
                total = self.without(left, other)
                continue
            if isinstance(total, Seq) and isinstance(other, Seq) and total.kind == other.kind == "set":
                total = Seq("set", total.items + other.items)
                continue
            right = as_region(other)
            if left is None or right is None:
                raise Unreadable("a union of something that is no interval")
            total = Region("", left.pieces + right.pieces)
        return total

    def without(self, region: Region | None, other: Answer) -> Answer:
        """An interval or a union without a set of points, or without another interval."""
        single = isinstance(other, Num | Op) and not symbols(other)  # ℝ∖{0} with braces that only group
        taken = as_region(Seq("set", (other,)) if single else other)
        if region is None or taken is None:
            raise Unreadable("a difference of sets")
        return Seq("and", (region, *complements(taken)))

    def _at_capital_u(self) -> bool:
        """A U between brackets stands for a union."""
        if self.peek(1).text == "{" and self.place and self.tokens[self.place - 1].text == "}":
            return self.peek().text == "U"
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
        if token.text == "[" and self.peek(1).text in ("", "∪", ",", ";", ")"):
            return False  # [2,5[
        if token.text == "|":
            return not self.in_bars and self.bars_ahead() % 2 == 0  # 2|x|; an odd bar parts a set from its condition
        return token.kind == "op" and token.text in _FACTORS

    def bars_ahead(self) -> int:
        """How many bars follow in the same brackets."""
        depth = count = 0
        for token in self.tokens[self.place :]:
            depth += (token.text in _CLOSING) - (token.text in _ENDS)
            if depth < 0:
                break
            count += token.text == "|" and depth == 0
        return count

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
                base = self.degrees(base)
            elif self.at("^") and self.peek(1).text == "{" and self.peek(2).text == "°" and self.peek(3).text == "}":
                self.place += 4
                base = self.degrees(base)
            elif isinstance(base, Seq) and self.at("^") and self.peek(1).text == "T":
                self.place += 2  # (1, 2)^T is a column
                base = Matrix(tuple((as_expr(item),) for item in base.items))
            elif self.accept("^"):
                base = Op("pow", (as_expr(base), as_expr(self.exponent())))
            elif self.at("!") and self.peek(1).text != "!":
                self.take()
                base = Op("fact", (as_expr(base),))
            elif self.accept("°"):
                base = self.degrees(base)
            elif self.at("%", *CURRENCIES):
                base = Op(self.take().text, (as_expr(base),))
            else:
                return base

    def degrees(self, value: Answer) -> Op:
        """An angle, or a temperature where C or F follows."""
        if self.peek().kind == "name" and self.peek().text in ("C", "F"):
            return Op(f"°{self.take().text}", (as_expr(value),))
        return Op("deg", (as_expr(value),))

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
        elif token.kind == "op" and token.text in ("(", "[", "{", "set{", "⟨", "]"):
            value = self.group(token.text)
        elif token.kind == "op":
            value = self.sign(token.text)
        else:
            raise Unreadable(f"did not expect {token.text or 'the end'!r}")
        self.depth -= 1
        return value

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
        if name == "log" and self.peek().kind == "num" and self.peek(1).text == "(" and not self.peek().gap:
            base = Num(Fraction(self.take().text))  # log2(3)
        if exponent == MINUS_ONE or exponent == Op("mul", (MINUS_ONE, Num(Fraction(1)))):
            if name not in INVERTIBLE:
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
        elif name == "cis":
            angle = as_expr(argument)
            value = Op("add", (Op("cos", (angle,)), Op("mul", (Sym("i"), Op("sin", (angle,))))))
        else:
            value = Op(name, (as_expr(argument),))
        return Op("pow", (value, exponent)) if exponent is not None else value

    def group(self, opening: str) -> Answer:
        """What stands in brackets: a value, a tuple, an interval, a set or rows of a matrix."""
        outside, self.in_bars = self.in_bars, False
        answer = self.in_brackets(opening)
        self.in_bars = outside
        return answer

    def in_brackets(self, opening: str) -> Answer:
        """What stands behind an opening bracket, and the bracket that closes it."""
        colons, self.colons = self.colons, opening not in ("set{", "{")
        if self.peek().text == _CLOSING[opening] and opening in ("set{", "{"):
            self.take()
            self.colons = colons
            return NOTHING
        items, separators = self.items()
        end = self.take().text
        if end in ("|", ":") and opening in ("set{", "{"):  # set builder
            built = self.inside_set()
            self.expect(_CLOSING[opening])
            self.colons = colons
            return built
        self.colons = colons
        if not end or (end not in _CLOSING[opening] if len(end) == 1 else end != _CLOSING[opening]):
            raise Unreadable("a bracket is not closed")
        if opening == "]" or end == "[":  # ]2, 5[ as (2, 5)
            opening, end = ("(" if opening in "](" else "["), (")" if end in "[)" else "]")
            if len(items) != 2:
                raise Unreadable("an interval has two ends")
            return interval(as_expr(items[0]), as_expr(items[1]), opening == "[", end == "]")
        if len(items) == 1:
            return self.one_in_brackets(opening, end, items[0])
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

    def one_in_brackets(self, opening: str, end: str, item: Answer) -> Answer:
        """A single answer in brackets: they are a set's, or they group."""
        if opening == "set{":
            return item if isinstance(item, Region) else Seq("set", flat([item]))
        if {"(": ")", "[": "]"}.get(opening, end) != end:
            raise Unreadable("brackets that do not match")
        if opening in ("{", "(") or isinstance(item, Num | Op | Sym | Matrix):
            return item
        return Seq("[]", (item,))

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
        if text in ("⌊", "⌈"):
            inner = as_expr(self.sum())
            self.expect("⌋" if text == "⌊" else "⌉")
            return Op("floor" if text == "⌊" else "ceil", (inner,))
        if text in CURRENCIES:
            return Op(text, (as_expr(self.signed()),))
        if text == "|":
            outside, self.in_bars = self.in_bars, True
            inner = as_expr(self.sum())
            self.in_bars = outside
            self.expect("|")
            return Op("abs", (inner,))
        if text == "begin":
            return self.matrix()
        if text == "cases":
            return self.cases()
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

    def cases(self) -> Answer:
        """Values and where they hold, row by row."""
        branches: list[tuple[Expr, Answer]] = []
        while not self.accept("end"):
            value = as_expr(self.sum())
            self.accept(",")
            self.accept("&")
            while self.peek().text in ("if", "for", "when", "where"):
                self.take()
            if self.peek().text in ("otherwise", "else"):
                self.take()
                condition: Answer = NOTHING
            else:
                condition = self.condition()
            branches.append((value, condition))
            if not self.accept("row") and not self.at("end"):
                raise Unreadable("a case")
        return Piecewise(tuple(branches))

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
