"""Mathematics in linear form, as it stands in statements and responses, to MathML.

Only what plainly is a formula is set: powers, indices, roots and fractions (`x^2`, `a_(n+1)`, `3√2`, `(2x+1)/3`). All
other text is shown as it is, escaped; so is the plain form, on hover. Nothing here fails, whatever the text: a piece
that does not parse is no formula.
"""

import re
from typing import NamedTuple

from markupsafe import Markup, escape

LONGEST = 120  # characters of a formula; what is longer is text
DEEPEST = 6  # brackets within brackets

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FUNCTION = re.compile(r"(?:arc)?(?:sin|cos|tan|sec|csc|cot)|log|ln")
_LETTERS = re.compile(r"[A-Za-zα-ωΔ]+")
_OPERATOR = re.compile(r"\s*([-+=<>≤≥≠·×*!|°,])\s*|\s+")
_START = re.compile(r"(?<![\w.)])(?=[\w(√])")


class Piece(NamedTuple):
    """A parsed piece: its MathML, where it ends in the text, and what stands in its brackets, if it has any."""

    markup: str
    end: int
    inside: str | None = None

    @property
    def bare(self) -> str:
        """Without the brackets, which a root's or a fraction's line replaces."""
        return self.markup if self.inside is None else self.inside


def mathematics(text: str) -> Markup:
    """The text as HTML, with its formulas as MathML."""
    parts, done = [], 0
    for start in _START.finditer(text):
        if start.start() < done:
            continue
        formula = _formula(text, start.start())
        if formula is not None:
            parts += [escape(text[done : start.start()]), formula.markup]
            done = formula.end
    return Markup("".join([*map(str, parts), str(escape(text[done:]))]))


def _formula(text: str, at: int) -> Piece | None:
    """The longest formula that begins here, and that no letter or digit follows."""
    piece = _product(text[: at + LONGEST], at, 0)
    if piece is None:
        return None
    plain = text[at : piece.end]
    beyond = text[piece.end : piece.end + 1]
    fraction_of_numbers = "/" in plain and not re.search(r"[A-Za-z]{2}|^[A-Za-z]/|/[A-Za-z]$", plain)
    if beyond.isalnum() or not (re.search(r"[\^_√]", plain) or fraction_of_numbers):
        return None
    return Piece(f'<math title="{escape(plain)}"><mrow>{piece.markup}</mrow></math>', piece.end)


def _product(text: str, at: int, depth: int) -> Piece | None:
    """Factors side by side: `4x^2y`."""
    found, end = "", at
    while (piece := _fraction(text, end, depth)) is not None:
        found, end = found + piece.markup, piece.end
    return Piece(found, end) if end > at else None


def _fraction(text: str, at: int, depth: int) -> Piece | None:
    over = _scripted(text, at, depth)
    if over is None or text[over.end : over.end + 1] != "/":
        return over
    under = _scripted(text, over.end + 1, depth)
    if under is None:
        return over
    return Piece(f"<mfrac><mrow>{over.bare}</mrow><mrow>{under.bare}</mrow></mfrac>", under.end)


def _scripted(text: str, at: int, depth: int) -> Piece | None:
    """An atom with its index and power."""
    piece = _atom(text, at, depth)
    for sign, tag in (("_", "msub"), ("^", "msup")):
        if piece is not None and text[piece.end : piece.end + 1] == sign:
            minus = text[piece.end + 1 : piece.end + 2] == "-"
            script = _atom(text, piece.end + 1 + minus, depth)
            if script is None:
                return None
            raised = "<mo>-</mo>" * minus + script.bare
            piece = Piece(f"<{tag}><mrow>{piece.markup}</mrow><mrow>{raised}</mrow></{tag}>", script.end)
    return piece


def _atom(text: str, at: int, depth: int) -> Piece | None:
    """A number, a letter, a function's name, a root, or a pair of brackets with a sum in it."""
    if text.startswith("√", at):
        under = _atom(text, at + 1, depth)
        return under and Piece(f"<msqrt><mrow>{under.bare}</mrow></msqrt>", under.end)
    if number := _NUMBER.match(text, at):
        return Piece(f"<mn>{number[0]}</mn>", number.end())
    if letters := _LETTERS.match(text, at):
        if name := _FUNCTION.fullmatch(letters[0]):
            return Piece(f"<mi>{name[0]}</mi>", name.end())
        return Piece(f"<mi>{text[at]}</mi>", at + 1) if len(letters[0]) < 3 else None
    if text.startswith("(", at) and depth < DEEPEST:
        return _brackets(text, at, depth)
    return None


def _brackets(text: str, at: int, depth: int) -> Piece | None:
    inside, end = "", at + 1
    while end < len(text) and text[end] != ")":
        if operator := _OPERATOR.match(text, end):
            inside += f"<mo>{escape(operator[1])}</mo>" if operator[1] else ""
            end = operator.end()
        elif (piece := _fraction(text, end, depth + 1)) is not None:
            inside, end = inside + piece.markup, piece.end
        else:
            return None
    if end >= len(text) or not inside:
        return None
    return Piece(f"<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>", end + 1, inside)
