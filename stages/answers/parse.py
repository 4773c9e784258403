"""Typed parser: an answer's text to what kind of answer it is (a value, a tuple, an interval, an equation, words ...).

Recursive descent over `tokens.tokenize`; it builds data and calls nothing. What it cannot read comes out as `Unread`.
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from stages.answers.limits import MAX_BITS, MAX_DEPTH, TooHard
from stages.answers.tokens import Token, tokenize
from stages.answers.units import SHORT, Unit, combine, known, unit
from stages.answers.values import FUNCTIONS, Expr, Num, Op, Sym, has, symbols


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


@dataclass(frozen=True, slots=True)
class Ratio:
    """a : b, or longer."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Seq:
    """Several answers. `kind` is `list` (bare, any order), `set`, `()` (in order) or `[]` (in order)."""

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
class Unread:
    """Neither mathematics nor plain words."""

    why: str


Answer = Num | Sym | Op | Quantity | Based | Ratio | Seq | Region | Matrix | Named | Relation | Choice | Words | Unread
ALL_REALS = Region("", (Piece(None, None, False, False),))
NOTHING = Seq("set", ())


class Unreadable(ValueError):
    """The text does not follow the grammar."""


# ---- wrapping -----------------------------------------------------------------------------------------------------

_LEAD = re.compile(
    r"^(?:(?:so|thus|hence|therefore),?\s+)?(?:the\s+)?(?:final\s+|correct\s+)?answer(?:\s+is\s*:?|\s*[:=])\s*",
    re.IGNORECASE,
)
_PAIRS = (
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ("**", "**"),
    ("__", "__"),
    ("*", "*"),
    ("`", "`"),
    ('"', '"'),
    ("“", "”"),
    ("'", "'"),
)
_WRAPPER = re.compile(r"\\(?:boxed|fbox|text|mbox|mathrm|textbf|mathbf|textit|mathit|textrm|displaystyle)\s*\{")


def unwrap(text: str) -> str:
    """An answer without Markdown emphasis, dollar signs, boxes, `the answer is` and full stops around it."""
    before = None
    while before != text:
        before = text
        text = text.strip().strip("\u200b\ufeff")
        text = _LEAD.sub("", text, count=1)
        for left, right in _PAIRS:
            inside = text[len(left) : len(text) - len(right)]
            if text.startswith(left) and text.endswith(right) and len(text) >= len(left) + len(right):
                if left not in inside and right not in inside and not inside.endswith("\\"):
                    text = inside
        if text[:1] in "=:" and text[1:2] not in "=":
            text = text[1:]
        head = _WRAPPER.match(text)
        if head and closing_brace(text, head.end()) == len(text) - 1:
            text = text[head.end() : -1]
        if text.endswith(("*", "_")) and text.count("*") % 2 and text[-1] * 2 != text:
            text = text.rstrip("*_")
        if text.endswith((".", ",", ";", ":", "\\", "。")) and not text.endswith(("..", "\\,")):
            text = text[:-1]
        text = text.removesuffix("\\,").removesuffix("\\!")
    return text


def closing_brace(text: str, start: int) -> int:
    """Where the brace closes that was opened just before `start`; -1 where it does not. Linear in the text."""
    depth = 1
    place = start
    while place < len(text):
        character = text[place]
        if character == "\\":
            place += 2
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return place
        place += 1
    return -1


# ---- words --------------------------------------------------------------------------------------------------------

_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_BASES = {**_NUMBERS, "binary": 2, "octal": 8, "hexadecimal": 16}
_ARTICLES = frozenset("a an the is are it its they there this that statement true".split())
_EMPTY = frozenset(
    (
        "no solution",
        "no solutions",
        "none",
        "empty set",
        "null set",
        "has no solution",
        "has no solutions",
        "no solution exists",
        "no solutions exist",
        "nothing",
        "no values",
    )
)
_ALL = frozenset(
    (
        "all real numbers",
        "all reals",
        "all real",
        "real numbers",
        "reals",
        "any real number",
        "every real number",
        "set of all real numbers",
        "set of real numbers",
        "all real values",
    )
)
_BASED = re.compile(
    r"\(?\s*(?P<digits>[0-9A-Fa-f]+)\s*\)?\s*(?:"
    r"_\s*[({]*\s*(?P<sub>\w+?)\s*[)}]*|,?\s*\(?\s*(?:in\s+)?base[\s-]*(?P<word>\w+)\s*\)?"
    r"|(?P<glued>two|three|four|five|six|seven|eight|nine|eleven|twelve|sixteen))"
)
_LABEL = r"(?:(?:option|choice|answer)\s+)?\(?\s*([A-Ha-h])\s*"
_CHOICE = re.compile(rf"{_LABEL}[):.]?\s*|{_LABEL}(?:\)|[:.](?!\d))\s*(\S.*)", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_TEXT_COMMAND = re.compile(r"\\(?:text|mbox|mathrm|textbf|mathbf|textit|hbox|textrm|operatorname)\s*\{([^{}]*)\}")


def plain_words(text: str) -> tuple[str, ...]:
    """Words in lower case, articles and `is true` left out; number words as digits."""
    words = [word.lower() for word in _WORD.findall(text)]
    kept = [word for word in words if word not in _ARTICLES] or words
    return tuple(str(_NUMBERS.get(word, word)) for word in kept)


def parse(text: str, letters: bool = False, tight: bool = False) -> Answer:
    """What kind of answer a folded and unwrapped text is.

    `letters` reads every run of letters as a product of variables; `tight` reads `1/2x` as 1/(2x).
    Raises TooHard beyond the limits.
    """
    plain = _TEXT_COMMAND.sub(r" \1 ", text)
    plain = re.sub(r"\\[,;:!\s]|[~$]", " ", plain).replace("\\left", "").replace("\\right", "")
    plain = " ".join(plain.split())
    if not letters:
        phrase = _phrase(plain)
        if phrase is not None:
            return phrase
    try:
        return _Parser(_classify(tokenize(text), letters), tight).whole()
    except (Unreadable, ValueError) as error:
        if re.search(r"[\d\\^_=<>√π∞{}]", plain):
            return Unread(str(error))
        words = plain_words(plain)
        return Words(words) if words else Unread(str(error))


def _phrase(plain: str) -> Answer | None:
    """Numerals with a base, lettered choices and set phrases."""
    based = _BASED.fullmatch(plain)
    if based:
        name = (based["sub"] or based["word"] or based["glued"]).lower()
        base = int(name) if name.isascii() and name.isdigit() and len(name) < 4 else _BASES.get(name)
        if base and 2 <= base <= 36:
            digits = based["digits"].upper().lstrip("0") or "0"
            if all(int(digit, 36) < base for digit in digits) and len(digits) * 6 < MAX_BITS:
                return Based(digits, base)
            return Unread(f"{based['digits']} is not a numeral to base {base}")
    words = " ".join(
        word for word in (w.lower() for w in _WORD.findall(plain)) if word not in ("the", "there", "are", "is")
    )
    if words in _EMPTY and not re.search(r"\d", plain):
        return NOTHING
    if words in _ALL:
        return ALL_REALS
    if words in _NUMBERS and plain.isalpha():
        return Num(Fraction(_NUMBERS[words]))
    choice = _CHOICE.fullmatch(plain)
    if choice:
        letter = choice[1] or choice[2]
        rest = choice[3] or ""
        labelled = plain.lower().startswith(("option", "choice", "answer", "("))
        if letter.isupper() or (labelled and ")" in plain):
            return Choice(letter.upper(), rest)
    return None


# ---- tokens with a meaning ----------------------------------------------------------------------------------------

_PREFIXED = re.compile(r"(arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|sqrt|exp)(?=.)")
_ALIASES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "cosec": "csc",
    "cotan": "cot",
    "lg": "log",
    "sqrt": "√",
    "cbrt": "∛",
    "root": "root",
    "pi": "π",
    "infinity": "∞",
    "infty": "∞",
    "inf": "∞",
    "oo": "∞",
    "plusminus": "±",
    "frac": "frac",
}
_GREEK_NAMES = dict(zip("alpha beta gamma delta theta lambda sigma phi omega".split(), "αβγδθλσφω", strict=True))
_STOP = frozenset("the for not men of on is are as at by if so no up we all any yes odd per".split())


def _classify(tokens: list[Token], letters: bool) -> list[Token]:
    """Names become functions (fn), units (unit), separators (sep), single letters (name) or words (word)."""
    result: list[Token] = []
    for place, token in enumerate(tokens):
        if token.kind not in ("name", "text"):
            result.append(token)
            continue
        last = result[-1] if result else None
        after_value = last is not None and (last.kind in ("num", "unit") or last.text in tuple(")}]π°%"))
        result.extend(_name(token, letters, after_value, place + 1 == len(tokens), tokens[place - 1 : place]))
    return result


def _name(token: Token, letters: bool, after_value: bool, last: bool, before: list[Token]) -> list[Token]:
    text, lower = token.text, token.text.lower()
    set_as_text = token.kind == "text"
    if letters and lower not in FUNCTIONS and not set_as_text:
        return [Token("name", letter, token.gap and n == 0) for n, letter in enumerate(text)]
    if lower in ("and", "or"):
        return [Token("sep", lower, True)]
    if lower == "to" and after_value:
        return [Token("op", ":", True)]
    if lower == "in" and not after_value:
        return [Token("op", "∈", True)]
    if lower in ("percent", "pct"):
        return [Token("op", "%", True)]
    if after_value and (known(text) or (text in SHORT and (token.gap or set_as_text) and (last or set_as_text))):
        return [Token("unit", text, token.gap)]
    if lower in ("square", "sq", "cubic", "cu", "per") and after_value:
        return [Token("unit", lower, token.gap)]
    if len(text) > 1 and (lower in FUNCTIONS or lower in ("log", "lg")):
        return [Token("fn", _ALIASES.get(lower, lower), token.gap)]
    if lower in _ALIASES:
        name = _ALIASES[lower]
        return [Token("fn" if name in FUNCTIONS or name == "log" else "op", name, token.gap)]
    if lower in _GREEK_NAMES and len(text) > 1:
        return [Token("name", _GREEK_NAMES[lower], token.gap)]
    if len(text) == 1:
        return [Token("name", text, token.gap)]
    if set_as_text:
        return [Token("word", text, True)]
    prefix = _PREFIXED.match(text)
    if prefix and len(text) - prefix.end() <= 2:
        rest = Token("name", text[prefix.end() :], False)
        function = _name(Token("name", prefix[0], token.gap), False, False, False, [])
        return function + _name(rest, True, False, False, [])
    if lower in _STOP or known(text) and len(text) > 2 or len(text) > 4:
        return [Token("word", text, token.gap)]
    if len(text) > 2 and token.gap and before and before[0].kind == "num":
        return [Token("word", text, True)]  # 5 men
    return [Token("name", letter, token.gap and n == 0) for n, letter in enumerate(text)]


# ---- the grammar --------------------------------------------------------------------------------------------------

_FLIP = {">": "<", "≥": "≤"}
_RELATIONS = frozenset(("=", "≠", "<", ">", "≤", "≥", "≈"))
_CLOSING = {"(": ")]", "[": "])", "{": "}", "set{": "set}", "⟨": "⟩", "<": ">"}
_MATRICES = frozenset("matrix pmatrix bmatrix Bmatrix array smallmatrix".split())
_END = Token("end", "", False)
_ZERO, _MINUS_ONE = Num(Fraction(0)), Num(Fraction(-1))


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
        if self.at("∅") and len(self.tokens) == 1:
            return NOTHING
        items, separators = self.items()
        if self.peek() is not _END:
            raise Unreadable(f"did not expect {self.peek().text!r}")
        return _assemble(items, separators)

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
        self.deeper()
        first = self.sum()
        if self.peek().kind == "fn" and self.peek().text == "":
            raise Unreadable("a function without an argument")
        answer: Answer
        if self.at(*_RELATIONS):
            answer = self.relation(first)
        elif self.at("∈"):
            self.take()
            target = self.sum()
            region = _region(target)
            if not isinstance(first, Sym):
                raise Unreadable("∈ behind something that is no variable")
            answer = replace(region, variable=first.name) if region else Named(first.name, target)
        elif self.colons and self.at(":"):
            parts = [_expr(first)]
            while self.accept(":"):
                parts.append(_expr(self.sum()))
            answer = Ratio(tuple(parts))
        else:
            answer = self.quantity(first)
        self.depth -= 1
        return answer

    def relation(self, first: Answer) -> Answer:
        parts, ops = [first], []
        while self.at(*_RELATIONS):
            ops.append(self.take().text)
            side = self.sum()
            parts.append(self.quantity(side))
        if ops[-1] == "≈" and len(ops) > 1 or ops == ["≈"] and not isinstance(first, Sym):
            parts, ops = parts[:-1], ops[:-1]  # an exact value and its approximation
            if not ops:
                return parts[0]
        if set(ops) <= {"=", "≈"}:
            name = _named(parts[0])
            if name and not (isinstance(parts[-1], Num | Sym | Op) and name in symbols(parts[-1])):
                return Named(name, parts[-1])
            if len(parts) == 2:
                other = _named(parts[1])
                if other and isinstance(parts[0], Num | Op | Sym | Quantity) and not has_symbol(parts[0], other):
                    return Named(other, parts[0])
                return Relation("=", _expr(parts[0]), _expr(parts[1]))
            if all(isinstance(part, Num | Op) for part in parts):
                return Relation("=", _expr(parts[0]), _expr(parts[-1]))
            raise Unreadable("a chain of equations")
        return _inequality([_value(part) for part in parts], ops)

    def quantity(self, value: Answer) -> Answer:
        """A value, with the unit behind it where one stands there."""
        value = _marked(value)
        if isinstance(value, Quantity) and value.unit.name == "°" and self.peek().kind == "name":
            scale = self.peek().text
            if scale in "CF":
                self.take()
                return Quantity(value.value.args[0] if isinstance(value.value, Op) else value.value, unit(f"°{scale}"))
        total: Answer = value
        if self.peek().kind in ("unit", "word"):
            if not isinstance(value, Num | Op | Sym):
                if isinstance(value, Quantity) and self.peek().kind == "word":
                    self.words()
                    return value
                raise Unreadable(f"did not expect {self.peek().text!r}")
            if self.peek().kind == "word":
                if isinstance(value, Sym):
                    raise Unreadable("words behind a letter")
                words = self.words()
                if words[0] == "dozen" and isinstance(value, Num):
                    return Num(value.value * 12)
                return Quantity(value, unit(" ".join(words)))
            total = _with_unit(value, self.unit())
            while isinstance(total, Quantity) and (self.peek().kind == "num" or self.at("and")):
                start = self.place  # 5 feet 3 inches
                self.accept("and")
                part = self.sum()
                if self.peek().kind != "unit":
                    self.place = start
                    break
                more = self.unit()
                if more.dims != total.unit.dims or more.factor >= total.unit.factor or total.unit.name == "°":
                    self.place = start
                    break
                ratio = Num(total.unit.factor / more.factor)
                total = Quantity(Op("add", (Op("mul", (total.value, ratio)), _expr(part))), more)
            if self.peek().kind == "word":
                self.words()  # 18 minutes more
        return total

    def words(self) -> list[str]:
        """The words up to the end of the item; a number among them makes it unreadable."""
        found = []
        while self.peek().kind in ("word", "unit", "name", "text"):
            found.append(self.take().text.lower())
        kept = [word for word in found if word not in _ARTICLES]
        return kept or found

    def unit(self) -> Unit:
        """square cm; m/s; miles per hour; inches^2."""
        power = 1
        modifier = self.peek().text
        if modifier in ("square", "sq", "cubic", "cu"):
            self.take()
            self.accept(".")
            power = 2 if modifier.startswith("sq") else 3
        if modifier == "per":
            self.take()
            return combine(Unit((), Fraction(1), ""), unit(self.take().text), -1)
        if self.peek().kind not in ("unit", "word", "name"):
            raise Unreadable("a unit is missing")
        word = self.take().text
        self.accept(".")
        while self.accept("}"):
            pass
        if self.accept("^"):
            braced = self.accept("{") or self.accept("(")
            number = self.take()
            if number.kind != "num" or not number.text.isdigit() or len(number.text) > 1:
                raise Unreadable("a unit's power")
            power = int(number.text)
            if braced and not (self.accept("}") or self.accept(")")):
                raise Unreadable("a unit's power")
        found = unit(word, power)
        if self.at("/") or (self.peek().kind == "unit" and self.peek().text == "per"):
            self.take()
            if self.peek().kind not in ("unit", "word", "name"):
                raise Unreadable("a unit is missing")
            found = combine(found, unit(self.take().text), -1)
        return found

    # -- expressions

    def sum(self) -> Answer:
        self.deeper()
        total = self.union()
        while self.at("+", "-", "±", "∓"):
            sign = self.take().text
            term = _expr(self.product())
            left = _expr(total)
            if sign in "±∓":
                total = Op("pm" if sign == "±" else "mp", (left, term))
            else:
                term = Op("mul", (_MINUS_ONE, term)) if sign == "-" else term
                args = left.args if isinstance(left, Op) and left.name == "add" else (left,)
                total = Op("add", (*args, term))
        self.depth -= 1
        return total

    def union(self) -> Answer:
        total = self.product()
        while self.at("∪", "∖") or self._at_capital_u():
            sign = self.take().text
            other = self.product()
            left = _region(total)
            if sign == "∖":
                if left is None or not isinstance(other, Seq) or other.kind != "set" or len(left.pieces) != 1:
                    raise Unreadable("a difference of sets")
                total = _without(left, [_expr(item) for item in other.items])
                continue
            if isinstance(total, Seq) and isinstance(other, Seq) and total.kind == other.kind == "set":
                total = Seq("set", total.items + other.items)
                continue
            right = _region(other)
            if left is None or right is None:
                raise Unreadable("a union of something that is no interval")
            total = Region("", left.pieces + right.pieces)
        return total

    def _at_capital_u(self) -> bool:
        return self.peek() == Token("name", "U", self.peek().gap) and self.peek(1).text in ("(", "[", "set{")

    def product(self) -> Answer:
        self.deeper()
        total = self.signed()
        while True:
            if self.accept("*"):
                total = _multiply(total, self.signed())
            elif self.at("/") and self.peek(1).kind != "unit":
                self.take()
                below = self.signed()
                if self.tight:
                    while self.at_factor():
                        below = _multiply(below, self.power())
                total = Op("div", (_expr(total), _expr(below)))
            elif self.at_factor():
                total = _multiply(total, self.power())
            else:
                break
        self.depth -= 1
        return total

    def at_factor(self) -> bool:
        """Whether a factor follows without a sign between."""
        token = self.peek()
        if token.kind in ("num", "name", "fn"):
            return not self._at_capital_u()
        return token.kind == "op" and token.text in ("(", "[", "{", "√", "∛", "π", "frac", "binom", "begin", "root")

    def signed(self) -> Answer:
        self.deeper()
        negative = False
        while self.at("-", "+"):
            negative ^= self.take().text == "-"
        if self.at("±", "∓"):
            sign = self.take().text
            value: Answer = Op("pm" if sign == "±" else "mp", (_ZERO, _expr(self.power())))
        else:
            value = self.power()
        self.depth -= 1
        return _negated(value) if negative else value

    def power(self) -> Answer:
        """atom with its exponents, factorials, percent and degree signs."""
        base = self.atom()
        while True:
            if self.at("^") and self.peek(1).text == "°":
                self.place += 2
                base = Op("deg", (_expr(base),))
            elif self.at("^") and self.peek(1).text == "{" and self.peek(2).text == "°" and self.peek(3).text == "}":
                self.place += 4
                base = Op("deg", (_expr(base),))
            elif self.accept("^"):
                base = Op("pow", (_expr(base), _expr(self.exponent())))
            elif self.at("!") and self.peek(1).text != "!":
                self.take()
                base = Op("fact", (_expr(base),))
            elif self.at("%", "°", "¢", "€", "£"):
                sign = self.take().text
                base = Op({"%": "%", "°": "deg"}.get(sign, sign), (_expr(base),))
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
            value = Op("pow", (_expr(value), _expr(self.exponent())))
        if self.at("!"):
            self.take()
            value = Op("fact", (_expr(value),))
        self.depth -= 1
        return _negated(value) if negative else value

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
        found = _phrase(f"{digits}_{name}")
        if not isinstance(found, Based):
            raise Unreadable("a base")
        return found

    def variable(self, token: Token) -> Answer:
        """A letter, with its index; C(n, r) and P(n, r)."""
        name = token.text
        if name in ("C", "P") and self.at("(") and not self.peek().gap:
            start = self.place
            group = self.power()
            if isinstance(group, Seq) and len(group.items) == 2:
                return Op("binom" if name == "C" else "perm", (_expr(group.items[0]), _expr(group.items[1])))
            self.place = start
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
                exponent = _expr(self.exponent())
            else:
                base = _expr(self.atom())
        if exponent == _MINUS_ONE or exponent == Op("mul", (_MINUS_ONE, Num(Fraction(1)))):
            if name not in ("sin", "cos", "tan"):
                raise Unreadable("an inverse function")
            name, exponent = "arc" + name, None
        if self.at("(", "{"):
            argument = self.atom()
        else:
            argument = self.signed()
            while self.at_factor() and self.peek().kind != "fn" and not self.at("("):
                argument = _multiply(argument, self.power())
        if name == "log":
            value: Expr = Op("log", (base or Num(Fraction(10)), _expr(argument)))
        elif base is not None:
            raise Unreadable("a function with an index")
        else:
            value = Op(name, (_expr(argument),))
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
            built = _assemble(items, separators)
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
                return items[0] if isinstance(items[0], Region) else Seq("set", _flat(items))
            if {"(": ")", "[": "]"}.get(opening, end) != end:
                raise Unreadable("brackets that do not match")
            if opening in ("{", "(") or isinstance(items[0], Num | Op | Sym):
                return items[0]
            return Seq("[]", tuple(items))
        if opening in ("set{", "{"):
            return Seq("set", _flat(items))
        if separators - {","}:
            raise Unreadable("words in a tuple")
        if opening == "⟨":
            return Seq("()", tuple(items))
        if opening + end in ("()", "[]"):
            rows = [item.items for item in items if isinstance(item, Seq) and item.kind == opening + end]
            if opening == "[" and len(rows) == len(items) and len({len(row) for row in rows}) == 1:
                return Matrix(tuple(tuple(_expr(cell) for cell in row) for row in rows))
            return Seq(opening + end, tuple(items))
        if len(items) != 2:
            raise Unreadable("an interval has two ends")
        return _interval(_expr(items[0]), _expr(items[1]), opening == "[", end == "]")

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
                index = _expr(self.sum())
                self.expect("]")
            return Op("root", (_expr(self.atom()), index))
        if text == "∛" or text == "∜":
            return Op("root", (_expr(self.atom()), Num(Fraction(3 if text == "∛" else 4))))
        if text == "frac":
            top = self.digit_or_atom()
            return Op("div", (top, self.digit_or_atom()))
        if text == "binom":
            return Op("binom", (self.digit_or_atom(), self.digit_or_atom()))
        if text in "$€£":
            return Op(text, (_expr(self.signed()),))
        if text == "|":
            inner = _expr(self.sum())
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
        return _expr(self.atom())

    def matrix(self) -> Answer:
        """Rows up to \\end; the environment's name was read by the tokenizer."""
        rows: list[tuple[Expr, ...]] = []
        row: list[Expr] = []
        while not self.accept("end"):
            if self.accept("row"):
                rows.append(tuple(row))
                row = []
                continue
            row.append(_expr(self.sum()))
            if not self.at("&", "row", "end"):
                raise Unreadable("a matrix")
            self.accept("&")
        if row:
            rows.append(tuple(row))
        if not rows or len({len(row) for row in rows}) != 1:
            raise Unreadable("a matrix with rows of unequal length")
        return Matrix(tuple(rows))


# ---- putting answers together -------------------------------------------------------------------------------------


def has_symbol(answer: Answer, name: str) -> bool:
    """Whether a variable occurs in a value."""
    if isinstance(answer, Quantity):
        answer = answer.value
    return isinstance(answer, Num | Sym | Op) and name in symbols(answer)


def _expr(answer: Answer) -> Expr:
    if isinstance(answer, Num | Sym | Op):
        return answer
    if isinstance(answer, Quantity) and not answer.unit.dims:
        return answer.value
    raise Unreadable("a value is missing")


def _value(answer: Answer) -> Expr:
    """A side of an inequality, its unit left out."""
    return answer.value if isinstance(answer, Quantity) else _expr(answer)


def _multiply(left: Answer, right: Answer) -> Answer:
    if isinstance(right, Matrix) and isinstance(left, Num | Sym | Op):
        return Matrix(tuple(tuple(Op("mul", (left, cell)) for cell in row) for row in right.rows))
    one, other = _expr(left), _expr(right)
    args = one.args if isinstance(one, Op) and one.name == "mul" else (one,)
    return Op("mul", (*args, other))


def _negated(value: Answer) -> Answer:
    if isinstance(value, Num):
        return Num(-value.value, value.places)
    if isinstance(value, Matrix):
        return Matrix(tuple(tuple(Op("mul", (_MINUS_ONE, cell)) for cell in row) for row in value.rows))
    if isinstance(value, Op) and value.name in ("%", "deg", "$", "€", "£", "¢"):
        return Op(value.name, (_expr(_negated(value.args[0])),))
    return Op("mul", (_MINUS_ONE, _expr(value)))


def _marked(value: Answer) -> Answer:
    """A sign for percent, degrees or money as a unit; ± as two values."""
    if isinstance(value, Op):
        if value.name == "%":
            return Quantity(value.args[0], Unit((("%", 1),), Fraction(1), "%"))
        if value.name == "deg":
            return Quantity(value.args[0], Unit((("degrees", 1),), Fraction(1), "°"))
        if value.name in ("$", "€", "£", "¢"):
            return Quantity(value.args[0], unit({"$": "dollar"}.get(value.name, value.name)))
        if has(value, "pm") or has(value, "mp"):
            return Seq("list", (_signs(value, 1), _signs(value, -1)))
    return value


def _with_unit(value: Expr, found: Unit) -> Answer:
    if found.dims == (("degrees", 1),):
        return Quantity(value, Unit(found.dims, Fraction(1), "°"))
    return Quantity(value, found) if found.dims else value


def _signs(expr: Expr, sign: int) -> Expr:
    """An expression with every ± taken as + (sign 1) or - (sign -1), and every ∓ the other way."""
    if not isinstance(expr, Op):
        return expr
    args = tuple(_signs(arg, sign) for arg in expr.args)
    if expr.name in ("pm", "mp"):
        plus = (sign == 1) == (expr.name == "pm")
        return Op("add", (args[0], args[1] if plus else Op("mul", (_MINUS_ONE, args[1]))))
    return Op(expr.name, args)


def _flat(items: list[Answer]) -> tuple[Answer, ...]:
    """Items, with the two values of a ± side by side."""
    found: list[Answer] = []
    for item in items:
        found.extend(item.items if isinstance(item, Seq) and item.kind == "list" else (item,))
    return tuple(found)


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


def _named(answer: Answer) -> str | None:
    """The name on the left of an assignment: a variable, or f(x)."""
    if isinstance(answer, Sym) and answer.name not in ("π", "e", "i", "∞"):
        return answer.name
    if isinstance(answer, Op) and answer.name == "mul" and len(answer.args) == 2:
        function, argument = answer.args
        if isinstance(function, Sym) and function.name in "fghPQ" and isinstance(argument, Sym | Num):
            return f"{function.name}()"
    return None


def _interval(low: Expr, high: Expr, low_closed: bool, high_closed: bool) -> Region:
    left = None if _infinite(low) == -1 else low
    right = None if _infinite(high) == 1 else high
    if (left is not None and _infinite(low)) or (right is not None and _infinite(high)):
        raise Unreadable("an interval with its infinite end on the wrong side")
    return Region("", (Piece(left, right, low_closed and left is not None, high_closed and right is not None),))


def _infinite(expr: Expr) -> int:
    if expr == Sym("∞"):
        return 1
    if isinstance(expr, Op) and expr.name == "mul" and expr.args == (_MINUS_ONE, Sym("∞")):
        return -1
    return 0


def _region(answer: Answer) -> Region | None:
    """An interval or union, where the answer can be read as one."""
    if isinstance(answer, Region):
        return answer
    if isinstance(answer, Seq) and answer.kind in ("()", "[]") and len(answer.items) == 2:
        ends = [item for item in answer.items if isinstance(item, Num | Sym | Op)]
        if len(ends) == 2:
            closed = answer.kind == "[]"
            try:
                return _interval(ends[0], ends[1], closed, closed)
            except Unreadable:
                return None
    if isinstance(answer, Seq) and answer.kind == "set" and answer.items:
        points = [item for item in answer.items if isinstance(item, Num | Sym | Op)]
        if len(points) == len(answer.items):
            return Region("", tuple(Piece(point, point, True, True) for point in points))
    return None


as_region = _region


def _without(region: Region, points: list[Expr]) -> Region:
    """The real line without some points, given in any order; `compare` sorts the pieces."""
    if region.pieces != ALL_REALS.pieces or not all(isinstance(point, Num | Op) for point in points):
        raise Unreadable("a difference of sets")
    constants = [point.value for point in (_constant(point) for point in points)]
    constants.sort()
    pieces, low = [], None
    for value in constants:
        pieces.append(Piece(low, Num(value), False, False))
        low = Num(value)
    pieces.append(Piece(low, None, False, False))
    return Region(region.variable, tuple(pieces))


def _constant(expr: Expr) -> Num:
    """A literal rational, as it stands in the text."""
    if isinstance(expr, Num):
        return expr
    if isinstance(expr, Op) and expr.name in ("div", "mul") and all(isinstance(arg, Num) for arg in expr.args):
        one, other = (_constant(arg).value for arg in expr.args[:2])
        if expr.name == "mul":
            return Num(one * other)
        if other:
            return Num(one / other)
    raise Unreadable("a set with points that are not numbers")


def _inequality(parts: list[Expr], ops: list[str]) -> Answer:
    """`x > 2`, `1 < x ≤ 5`, `x ≠ 3` as regions; anything else as a relation."""
    if len(ops) == 2:
        if ops[0] in "≥>":
            parts, ops = parts[::-1], [_FLIP[op] if op in _FLIP else op for op in ops[::-1]]
        if not set(ops) <= {"<", "≤"} or not isinstance(parts[1], Sym):
            raise Unreadable("a chain of inequalities")
        region = _interval(parts[0], parts[2], ops[0] == "≤", ops[1] == "≤")
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
                return _without(Region(side.name, ALL_REALS.pieces), [other])
            if _infinite(other):
                raise Unreadable("an inequality with infinity")
            if side is left:
                return Region(side.name, (Piece(None, other, False, closed),))
            return Region(side.name, (Piece(other, None, closed, False),))
    return Relation(op, left, right)


def _assemble(items: list[Answer], separators: set[str]) -> Answer:
    """Several items as one answer."""
    if len(items) == 1:
        item = items[0]
        if isinstance(item, Seq) and item.kind in ("()", "[]") and len(item.items) == 2:
            ends = [end for end in item.items if isinstance(end, Sym | Op)]
            if any(_infinite(end) for end in ends):
                return _region(item) or item
        return item
    regions = [item for item in items if isinstance(item, Region)]
    if len(regions) == len(items) and len({region.variable for region in regions}) == 1:
        if separators <= {"or", ","} and "or" in separators or not regions[0].variable:
            return Region(regions[0].variable, tuple(piece for region in regions for piece in region.pieces))
        if separators == {"and"} and len(regions) == 2:
            return _intersection(*regions)
    if isinstance(items[0], Named) and not any(isinstance(item, Named) for item in items[1:]):
        name = items[0].name  # x = 1, 2
        return Named(name, Seq("list", _flat([items[0].value, *items[1:]])))
    named = [item for item in items if isinstance(item, Named)]
    if len(named) == len(items) and len({item.name.partition("_")[0] for item in named}) == 1:
        return Named(named[0].name.partition("_")[0], Seq("list", _flat([item.value for item in named])))
    return Seq("list", _flat(items))


def _intersection(one: Region, other: Region) -> Answer:
    """x > 1 and x < 5: two half-lines that face each other."""
    (a,), (b,) = (region.pieces if len(region.pieces) == 1 else (None,) for region in (one, other))
    if a is None or b is None:
        raise Unreadable("an intersection")
    if a.low is None and a.high is not None:
        a, b = b, a
    if a.high is not None or b.low is not None:
        raise Unreadable("an intersection")
    return Region(one.variable, (Piece(a.low, b.high, a.low_closed, b.high_closed),))
