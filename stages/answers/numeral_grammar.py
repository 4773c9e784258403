"""The grammar of numerals: decimals, repeating ones, mixed numbers, numerals with a base, multiples, nCr."""

from fractions import Fraction

from stages.answers.cursor import Cursor
from stages.answers.expressions import Num, Op
from stages.answers.kinds import Answer, Based, Unreadable
from stages.answers.limits import MAX_BITS, TooHard
from stages.answers.tokens import Token
from stages.answers.vocabulary import MULTIPLES
from stages.answers.words import phrase


class NumeralGrammar(Cursor):
    """Reads one numeral."""

    def number(self, token: Token) -> Answer:
        """A numeral: repeating, mixed, with a base, or nCr."""
        text = token.text
        if len(text) * 4 > MAX_BITS:
            raise TooHard("a number with too many digits")
        places = len(text.partition(".")[2]) if "." in text else None
        value = Fraction(text if text != "." else "0")
        if self.at("repeat") and places is not None:
            self.take()
            braced = self.accept("{")
            digits = self.take().text
            if braced:
                self.expect("}")
            elif len(digits) > 1:
                raise Unreadable("a period without braces")
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
                return self.multiple(Num(value + fraction))
        return self.multiple(Num(value, places))

    def multiple(self, value: Num) -> Num:
        """2.5 million, 3 dozen."""
        while self.peek().kind == "word" and self.peek().text.lower() in MULTIPLES:
            value = Num(value.value * MULTIPLES[self.take().text.lower()])
        return value

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
        if not (top.isdigit() and bottom.isdigit()) or int(top) >= int(bottom):
            return None
        degrees = "°" in (self.peek(used + 1).text, self.peek(used + 2).text)
        if self.peek(used).text == "!" or (self.peek(used).text == "^" and not degrees):
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


def _repeating(text: str, period: str) -> Fraction:
    """A decimal and its period."""
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
