"""Text to tokens: LaTeX, unicode and plain text come out in one small alphabet.

`tokenize("\\frac{1}{2}")`, `tokenize("½")` and `tokenize("1/2")` differ only in their brackets. Nothing here knows
what the tokens mean.
"""
# ruff: noqa: SIM905 - a line of words reads better than a column of quotes

import re
import unicodedata
from typing import NamedTuple

from stages.answers.limits import MAX_CHARACTERS, MAX_TOKENS, TooHard


class Token(NamedTuple):
    """`kind` is num, name (letters of an expression), text (words set as words) or op; `gap`: space stood before it."""

    kind: str
    text: str
    gap: bool


_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵃᵇᶜᵈᵉᵏᵐᵖᵗ", "0123456789+-()nixyabcdekmpt")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙ", "0123456789+-()n")
_SUPER_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵃᵇᶜᵈᵉᵏᵐᵖᵗ]+")
_SUB_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙ]+")
_VULGAR = re.compile("[¼½¾⅐-⅞↉]")
_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑‒﹣－", "-"),
        **dict.fromkeys("×·⋅∙•∗✕⨯", "*"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("≤≦⩽", "≤"),
        **dict.fromkeys("≥≧⩾", "≥"),
        **dict.fromkeys("º˚", "°"),
        **dict.fromkeys("‘’′", "'"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("\u2061\u200b\u200c\u200d\ufeff\u2062\u2063", None),
        "ϕ": "φ",
        "ϵ": "ε",
        "𝜋": "π",
        "⟨": "⟨",
        "〈": "⟨",
        "〉": "⟩",
        "ℝ": "ℝ",
        "∣": "|",
        "∶": ":",
        "∅": "∅",
        "∖": "∖",
        "⋯": "…",
        "\u00a0": " ",
    }
)

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega"
)
_GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξρστφχψω", strict=True))
_COMMANDS = {
    **{f"\\{name}": ("name", letter) for name, letter in _GREEK.items()},
    **{f"\\var{name}": ("name", _GREEK[name]) for name in ("epsilon", "theta", "rho", "phi")},
    **{
        f"\\{name}": ("name", name)
        for name in "sin cos tan cot sec csc arcsin arccos arctan ln log exp lg sinh cosh tanh gcd min max ell".split()
    },
    **dict.fromkeys(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"), ("op", "frac")),
    **dict.fromkeys(("\\binom", "\\dbinom", "\\tbinom"), ("op", "binom")),
    **dict.fromkeys(("\\ldots", "\\dots", "\\cdots", "\\dotsc"), ("op", "…")),
    **dict.fromkeys(("\\le", "\\leq", "\\leqslant", "\\leqq"), ("op", "≤")),
    **dict.fromkeys(("\\ge", "\\geq", "\\geqslant", "\\geqq"), ("op", "≥")),
    **dict.fromkeys(("\\ne", "\\neq"), ("op", "≠")),
    **dict.fromkeys(("\\lvert", "\\rvert", "\\vert", "\\mid", "\\|"), ("op", "|")),
    **dict.fromkeys(("\\emptyset", "\\varnothing"), ("op", "∅")),
    **dict.fromkeys(("\\circ", "\\degree"), ("op", "°")),
    **dict.fromkeys(("\\cdot", "\\times", "\\ast"), ("op", "*")),
    **dict.fromkeys(("\\div", "\\slash"), ("op", "/")),
    **dict.fromkeys(("\\overline", "\\bar"), ("op", "repeat")),
    "\\approx": ("op", "≈"),
    "\\sqrt": ("op", "√"),
    "\\infty": ("op", "∞"),
    "\\pi": ("op", "π"),
    "\\lt": ("op", "<"),
    "\\gt": ("op", ">"),
    "\\pm": ("op", "±"),
    "\\mp": ("op", "∓"),
    "\\cup": ("op", "∪"),
    "\\bigcup": ("op", "∪"),
    "\\in": ("op", "∈"),
    "\\setminus": ("op", "∖"),
    "\\backslash": ("op", "∖"),
    "\\langle": ("op", "⟨"),
    "\\rangle": ("op", "⟩"),
    "\\%": ("op", "%"),
    "\\$": ("op", "$"),
    "\\{": ("op", "set{"),
    "\\}": ("op", "set}"),
    "\\lbrace": ("op", "set{"),
    "\\rbrace": ("op", "set}"),
    "\\lparen": ("op", "("),
    "\\rparen": ("op", ")"),
    "\\lbrack": ("op", "["),
    "\\rbrack": ("op", "]"),
    "\\\\": ("op", "row"),
    "\\cr": ("op", "row"),
    "\\&": ("text", "and"),
    "\\land": ("text", "and"),
    "\\wedge": ("text", "and"),
    "\\lor": ("text", "or"),
    "\\vee": ("text", "or"),
    "\\colon": ("op", ":"),
    "\\prime": ("op", "'"),
}
_IGNORED = frozenset(
    "\\left \\right \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\biggl \\biggr \\! \\, \\; \\: \\> \\quad "
    "\\qquad \\displaystyle \\textstyle \\limits \\middle \\/ \\( \\) \\[ \\] \\boldmath \\thinspace \\nonumber".split()
) | {"\\ "}
_WORDS = frozenset(("\\text", "\\mbox", "\\textrm", "\\hbox", "\\textnormal", "\\textup", "\\textsf", "\\texttt"))
_STYLED = frozenset(
    "\\textbf \\textit \\emph \\mathrm \\mathbf \\mathit \\mathsf \\boldsymbol \\bm \\operatorname \\boxed \\fbox "
    "\\mathcal \\ensuremath \\operatorname* \\underline".split()
)

_LEXEME = re.compile(
    r"""(?P<space>[\s~]+)
    |(?P<num>\d+(?:\.(?!\.)\d*)?|\.\d+)
    |(?P<command>\\(?:[A-Za-z]+\*?|.))
    |(?P<name>[^\W\d_πℝ]+)
    |(?P<op>\*\*|<=|>=|!=|=<|=>|->|\.\.\.|[-+*/^_=<>≤≥≠≈±∓∪∩∈∞π√∛∜°%$€£¢!|,;:()\[\]{}⟨⟩∅ℝ∖…&'"?@\#.])""",
    re.VERBOSE | re.DOTALL,
)
_STYLED_WORD = re.compile(r"\s*\{([A-Za-z ]*[A-Za-z]{2}[A-Za-z ]*)\}")
_SAME = {"**": "^", "<=": "≤", "=<": "≤", ">=": "≥", "!=": "≠", "...": "…"}
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)")
_DECIMALS = re.compile(r"\.\d+")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.,/])")
_SCIENTIFIC = re.compile(r"(?<=\d)[eE]([+-]?\d{1,6})(?![\w.])")
_PAIRED_DOLLARS = re.compile(r"\$\$?([^$]*[^$\\])\$\$?(?!\d)")


def fold(text: str) -> str:
    """Unicode to the room's alphabet: `x²` to `x^(2)`, `½` to a fraction, full width to plain, one sort of minus."""
    text = _SUPER_RUN.sub(lambda run: f"^({run[0].translate(_SUPERSCRIPTS)})", text)
    text = _SUB_RUN.sub(lambda run: f"_({run[0].translate(_SUBSCRIPTS)})", text)
    text = text.translate(_CHARACTERS)
    if text.isascii():
        return text
    text = _VULGAR.sub(
        lambda mark: "\\frac{{{}}}{{{}}}".format(*unicodedata.normalize("NFKC", mark[0]).split("⁄")), text
    )
    return "".join(c if c in "…°ℝ" else unicodedata.normalize("NFKC", c) for c in text).translate(_CHARACTERS)


def tokenize(text: str) -> list[Token]:
    """Tokens of a folded text, at most MAX_TOKENS; raises TooHard beyond, ValueError for what it cannot read."""
    if len(text) > MAX_CHARACTERS:
        raise TooHard(f"longer than {MAX_CHARACTERS} characters")
    text = re.sub(r"(?<=\d)(?:,\\!|\{,\}|,\\,|\\,|\\!|\\ )\s*(?=\d{3}(?!\d))", "", text)
    text = _SCIENTIFIC.sub(r"*10^(\1)", text)
    text = _SPACED.sub(lambda number: number[0].replace(" ", ""), text)
    text = _PAIRED_DOLLARS.sub(r" \1 ", text)
    tokens: list[Token] = []
    brackets = 0  # how deep in brackets where a comma parts elements
    place, gap = 0, False
    while place < len(text):
        grouped = _GROUPED.match(text, place) if not brackets else None
        if grouped and not (tokens and tokens[-1].kind == "num" and not gap):
            number = grouped[0].replace(",", "")
            place = grouped.end()
            decimals = _DECIMALS.match(text, place)
            if decimals:
                number, place = number + decimals[0], decimals.end()
            tokens.append(Token("num", number, gap))
            gap = False
            continue
        lexeme = _LEXEME.match(text, place)
        if not lexeme:
            raise ValueError(f"cannot read {text[place]!r}")
        place = lexeme.end()
        kind, part = str(lexeme.lastgroup), lexeme[0]
        if kind == "space":
            gap = True
            continue
        if kind == "command":
            if part in _IGNORED:
                gap = gap or part in ("\\ ", "\\quad", "\\qquad", "\\,", "\\;", "\\:")
                continue
            if part in _STYLED:
                word = _STYLED_WORD.match(text, place)
                if word:
                    tokens.extend(_words(word[1]))
                    place, gap = word.end(), True
                continue
            if part in _WORDS:
                words, place = _braced(text, place)
                tokens.extend(_words(words))
                gap = True
                continue
            if part in ("\\begin", "\\end"):
                name, place = _braced(text, place)
                if name == "array" and part == "\\begin" and text[place : place + 1] == "{":
                    place = _braced(text, place)[1]
                tokens.append(Token("op", part[1:], gap))
            elif part == "\\mathbb":
                name, place = _braced(text, place)
                tokens.append(Token("op", "ℝ" if name.strip() == "R" else "?", gap))
            elif part in _COMMANDS:
                tokens.append(Token(*_COMMANDS[part], gap))
            else:
                raise ValueError(f"unknown command {part}")
        else:
            tokens.append(Token(kind, _SAME.get(part, part), gap))
            brackets += part in "([" and kind == "op"
            brackets -= part in ")]" and kind == "op"
        if tokens[-1].text in ("set{", "set}"):
            brackets += 1 if tokens[-1].text == "set{" else -1
        gap = False
    if len(tokens) > MAX_TOKENS:
        raise TooHard(f"more than {MAX_TOKENS} tokens")
    return tokens


def _braced(text: str, place: int) -> tuple[str, int]:
    """The contents of the braces that open at `place` (spaces aside), and where they end."""
    while place < len(text) and text[place] == " ":
        place += 1
    if text[place : place + 1] != "{":
        return text[place : place + 1], place + 1
    depth = 0
    for end in range(place, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return text[place + 1 : end], end + 1
    raise ValueError("a brace is not closed")


_TEXT_WORD = re.compile(r"(?P<num>\d+(?:\.\d+)?)|(?P<text>[^\W\d_]+)|(?P<op>[-+*/^_=<>,;:()°%$.'])|\s+")


def _words(text: str) -> list[Token]:
    """What stands inside `\\text{...}`: words stay words, numbers and signs are what they are."""
    return [
        Token(str(part.lastgroup), part[0], True) for part in _TEXT_WORD.finditer(text) if part.lastgroup is not None
    ]
