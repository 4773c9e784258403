"""Mathematics in linear form, as it stands in statements and responses, to MathML.

Only what plainly is a formula is set: powers, indices, roots, fractions, matrices and determinants (`x^2`, `a_(n+1)`,
`3√2`, `(2x+1)/3`, `[1 2; 3 4]`, `|1 2; 3 4|`). All other text is shown as it is, escaped; so is the plain form, on
hover. Nothing here fails, whatever the text: a piece that does not parse is no formula.
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
_START = re.compile(r"(?<![\w.)])(?=[\w(√∛\[|])")
_ROWS = re.compile(r"[\[(|](?P<rows>[^\[\]{}|;]{1,60}(?:;[^\[\]{}|;]{1,60}){1,5})[\])|]")
_FENCES = ("[]", "()", "||")


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
    if beyond.isalnum() or not (re.search(r"[\^_√∛;]", plain) or fraction_of_numbers):
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
    """A number, a letter, a function's name, a root, a pair of brackets with a sum in it, or a matrix."""
    if text.startswith(("√", "∛"), at):
        under = _atom(text, at + 1, depth)
        if under is None or text[at] == "√":
            return under and Piece(f"<msqrt><mrow>{under.bare}</mrow></msqrt>", under.end)
        return Piece(f"<mroot><mrow>{under.bare}</mrow><mn>3</mn></mroot>", under.end)
    if number := _NUMBER.match(text, at):
        return Piece(f"<mn>{number[0]}</mn>", number.end())
    if letters := _LETTERS.match(text, at):
        if name := _FUNCTION.fullmatch(letters[0]):
            return Piece(f"<mi>{name[0]}</mi>", letters.end())
        return Piece(f"<mi>{text[at]}</mi>", at + 1) if len(letters[0]) < 3 else None
    if depth == 0 and (matrix := _matrix(text, at)):
        return matrix
    if text.startswith("(", at) and depth < DEEPEST:
        inside = _sum(text, at + 1, depth + 1)
        if inside.markup and text.startswith(")", inside.end):
            markup = f"<mrow><mo>(</mo>{inside.markup}<mo>)</mo></mrow>"
            return Piece(markup, inside.end + 1, inside.markup)
    return None


def _sum(text: str, at: int, depth: int) -> Piece:
    """Factors and operators as far as they go, which may be nowhere."""
    inside, end = "", at
    while end < len(text) and text[end] != ")":
        if operator := _OPERATOR.match(text, end):
            inside += f"<mo>{escape(operator[1])}</mo>" if operator[1] else ""
            end = operator.end()
        elif (piece := _fraction(text, end, depth)) is not None:
            inside, end = inside + piece.markup, piece.end
        else:
            break
    return Piece(inside, end)


def _matrix(text: str, at: int) -> Piece | None:
    """Rows parted by `;`, their cells by spaces; round brackets around single cells may be anything else."""
    found = _ROWS.match(text, at)
    if found is None or text[at] + text[found.end() - 1] not in _FENCES:
        return None
    rows = [row.split() for row in found["rows"].split(";")]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 1 + (text[at] == "("):
        return None
    cells = [[(cell, _sum(cell, 0, 1)) for cell in row] for row in rows]
    if any(piece.end < len(cell) or not piece.markup for row in cells for cell, piece in row):
        return None
    table = "".join(f"<mtr>{''.join(f'<mtd>{piece.markup}</mtd>' for _, piece in row)}</mtr>" for row in cells)
    fences = (f"<mo>{sign}</mo>" for sign in (text[at], text[found.end() - 1]))
    return Piece(f"<mrow>{next(fences)}<mtable>{table}</mtable>{next(fences)}</mrow>", found.end())
