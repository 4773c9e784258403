"""Text to tokens: LaTeX, unicode and plain text come out in one small alphabet.

`tokenize("\\frac{1}{2}")`, `tokenize("½")` and `tokenize("1/2")` differ only in their brackets. Nothing here knows
what the tokens mean.
"""
# ruff: noqa: SIM905 - a line of words reads better than a column of quotes

import re
import unicodedata
from typing import NamedTuple

from stages.answers.limits import MAX_CHARACTERS, MAX_TOKENS, TooHard
from stages.answers.vocabulary import FUNCTIONS, GREEK, PLAIN_TEXT, STYLES


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

_COMMANDS = {
    **{f"\\{name}": ("name", letter) for name, letter in GREEK.items()},
    **{f"\\var{name}": ("name", GREEK[name]) for name in ("epsilon", "theta", "rho", "phi")},
    **{f"\\{name}": ("name", name) for name in (*FUNCTIONS, "gcd", "min", "max", "ell")},
    "\\imath": ("name", "i"),
    "\\jmath": ("name", "j"),
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
    "\\lfloor": ("op", "⌊"),
    "\\rfloor": ("op", "⌋"),
    "\\lceil": ("op", "⌈"),
    "\\rceil": ("op", "⌉"),
    "\\colon": ("op", ":"),
    "\\prime": ("op", "'"),
}
_IGNORED = frozenset(
    "\\left \\right \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\biggl \\biggr \\! \\, \\; \\: \\> \\quad "
    "\\qquad \\displaystyle \\textstyle \\limits \\middle \\/ \\( \\) \\[ \\] \\boldmath \\thinspace \\nonumber".split()
) | {"\\ "}
_WORDS = frozenset(f"\\{name}" for name in PLAIN_TEXT)
_STYLED = frozenset(f"\\{name}" for name in STYLES)
_VECTORS = {"i": "î", "j": "ĵ", "k": "k̂"}  # unit vectors, as names of their own

_LEXEME = re.compile(
    r"""(?P<space>[\s~]+)
    |(?P<num>\d+(?:\.(?!\.)\d*)?|\.\d+)
    |(?P<command>\\(?:[A-Za-z]+\*?|.))
    |(?P<name>k̂|[^\W\d_πℝ]+?(?=k̂)|[^\W\d_πℝ]+)
    |(?P<op>\*\*|<=|>=|!=|=<|=>|->|\.\.\.|[-+*/^_=<>≤≥≠≈±∓∪∩∈∞π√∛∜°%$€£¢¥₹!|⌊⌋⌈⌉,;:()\[\]{}⟨⟩∅ℝ∖…&'"?@\#.])""",
    re.VERBOSE | re.DOTALL,
)
_STYLED_WORD = re.compile(r"\s*\{([A-Za-z ]*[A-Za-z]{2}[A-Za-z ]*)\}")
_SAME = {"**": "^", "<=": "≤", "=<": "≤", ">=": "≥", "!=": "≠", "...": "…"}
_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1, "set{": 1, "set}": -1}
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)")
_DECIMALS = re.compile(r"\.\d+")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.,/])")
_SCIENTIFIC = re.compile(r"(?<=\d)[eE]([+-]?\d{1,6})(?![\w.])")
_PAIRED_DOLLARS = re.compile(r"\$\$?([^$]*[^$\\])\$\$?(?!\d)")


_OVERLINES = re.compile("((?:\\d\u0305|\\d\u0304)+)")
_DOTTED = re.compile(r"\\dot\{?(\d)\}?(?:(\d*)\\dot\{?(\d)\}?)?|(\d)\u0307(?:(\d*)(\d)\u0307)?")
_PLAIN_PERIOD = re.compile(r"(\d\.\d*)\((\d+)\)(?![\d^(])")
_CHOOSE = re.compile(r"\{([^{}]*)\\choose(?![A-Za-z])([^{}]*)\}")
_SUPER_OVER_SUB = re.compile("([⁰¹²³⁴-⁹]+)[⁄/]([₀-₉]+)")
_OVER = re.compile(r"\{([^{}]*)\\over(?![A-Za-z])([^{}]*)\}")
_FRACTION_OF_UNITS = re.compile(
    r"\\[dt]?frac\{\s*\\(?:text|mathrm)\{([^{}]*)\}\s*\}\{\s*\\(?:text|mathrm)\{([^{}]*)\}\s*\}"
)
_UNIT_VECTOR = re.compile(
    r"\\(?:hat|vec|mathbf|boldsymbol|bm|overrightarrow|widehat)\s*(?:\{\s*(?:\\(?:mathbf|boldsymbol|bm)\s*)?\{?"
    r"\\?([ijk])(?:math)?\}?\s*\}|\\?([ijk])(?:math)?(?![A-Za-z]))"
)
_TIMES_TEN = re.compile(r"(?<=\d) ?[xX] ?(?=10(?:\^|\*\*))")
_DERIVATIVE = re.compile(r"(?<![A-Za-z\\])d([A-Za-z])/d([a-z])(?![A-Za-z])")
_WITHOUT = re.compile(r"(?<=[)\]ℝ}]) ?\\ (?=\{)")  # (0, 2) \ {1}
_CODES = {"USD": "$", "US$": "$", "US\\$": "$", "EUR": "€", "GBP": "£", "RS": "₹", "RS.": "₹", "INR": "₹"}
_CURRENCY_CODE = re.compile(r"(?<![A-Za-z\\])(USD|US\\?\$|EUR|GBP|Rs\.?|INR) ?(?=\d)")
_RAISED_UNIT = re.compile(r"(\\text\{[^{}]*[a-z])\}\^\{?([23])\}?")
_UPRIGHT_UNITS = re.compile(r"\\mathrm(?=\{ ?[A-Za-z]{1,9} ?/ ?[A-Za-z]{1,9}(?:\^\{?\d\}?)?\})")
_ABBREVIATED = re.compile(r"\b(sq|cu|ft|in|yd|yds|mi|lb|lbs|oz|hr|hrs|min|mins|sec|cm|mm|km)\.(?!\d)")


def fold(text: str) -> str:
    """Unicode to the room's alphabet: `x²` to `x^(2)`, `½` to a fraction, full width to plain, one sort of minus."""
    text = _SUPER_OVER_SUB.sub(
        lambda part: f"\\frac{{{part[1].translate(_SUPERSCRIPTS)}}}{{{part[2].translate(_SUBSCRIPTS)}}}", text
    )
    text = _SUPER_RUN.sub(lambda run: f"^({run[0].translate(_SUPERSCRIPTS)})", text)
    text = _SUB_RUN.sub(lambda run: f"_({run[0].translate(_SUBSCRIPTS)})", text)
    text = text.translate(_CHARACTERS)
    if text.isascii():
        return text
    text = _VULGAR.sub(
        lambda mark: "\\frac{{{}}}{{{}}}".format(*unicodedata.normalize("NFKC", mark[0]).split("⁄")), text
    )
    text = "".join(c if c in "…°ℝ" else unicodedata.normalize("NFKC", c) for c in text).translate(_CHARACTERS)
    return _OVERLINES.sub(lambda run: f"\\overline{{{re.sub('[^0-9]', '', run[1])}}}", text)


def _respelled(text: str) -> str:
    """Notations that a line of characters shows better than tokens do, written in the commonest way."""
    text = re.sub(r"(?<=\d)(?:,\\!|\{,\}|,\\,|\\,|\\!|\\ )\s*(?=\d{3}(?!\d))", "", text)
    text = _SCIENTIFIC.sub(r"*10^(\1)", text)
    text = _TIMES_TEN.sub("*", text)
    text = _DERIVATIVE.sub(r"\\frac{d\1}{d\2}", text)
    text = _WITHOUT.sub(r"\\setminus", text)
    text = _CURRENCY_CODE.sub(lambda code: _CODES[code[1].upper()], text)
    text = _SPACED.sub(lambda number: number[0].replace(" ", ""), text)
    text = _PAIRED_DOLLARS.sub(r" \1 ", text)
    if "." in text:
        text = _ABBREVIATED.sub(r"\1", text)
        text = _DOTTED.sub(lambda d: f"\\overline{{{''.join(part or '' for part in d.groups())}}}", text)
        text = _PLAIN_PERIOD.sub(r"\1\\overline{\2}", text)
    if "\\over" in text:
        for _ in range(4):
            text = _OVER.sub(r"\\frac{\1}{\2}", text)
    if "\\" in text:
        text = _CHOOSE.sub(r"\\binom{\1}{\2}", text)
        text = re.sub(r"(?<![\d.])\.(?=\\overline)", "0.", text)
        text = _FRACTION_OF_UNITS.sub(r"\\text{\1/\2}", text)
        text = _UPRIGHT_UNITS.sub(r"\\text", text)
        text = _RAISED_UNIT.sub(r"\1^\2}", text)
        text = _UNIT_VECTOR.sub(lambda found: f" {_VECTORS[found[1] or found[2]]} ", text)
    return text


def tokenize(text: str) -> list[Token]:
    """Tokens of a folded text, at most MAX_TOKENS; raises TooHard beyond, ValueError for what it cannot read."""
    if len(text) > MAX_CHARACTERS:
        raise TooHard(f"longer than {MAX_CHARACTERS} characters")
    text = _respelled(text)
    tokens: list[Token] = []
    brackets = 0  # how deep in brackets where a comma parts elements
    place, gap = 0, False
    while place < len(text):
        grouped = _GROUPED.match(text, place) if not brackets else None
        if grouped and not (tokens and tokens[-1].kind == "num" and not gap):
            place = grouped.end()
            decimals = _DECIMALS.match(text, place)
            place = decimals.end() if decimals else place
            tokens.append(Token("num", grouped[0].replace(",", "") + (decimals[0] if decimals else ""), gap))
            gap = False
            continue
        lexeme = _LEXEME.match(text, place)
        if not lexeme:
            raise ValueError(f"cannot read {text[place]!r}")
        place = lexeme.end()
        kind, part = str(lexeme.lastgroup), lexeme[0]
        if kind == "space":
            gap = True
        elif kind == "command":
            found, place, gap = _command(part, text, place, gap)
            tokens += found
        else:
            tokens.append(Token(kind, _SAME.get(part, part), gap))
            gap = False
        if kind in ("op", "command") and tokens and tokens[-1].kind == "op":
            brackets += _BRACKETS.get(tokens[-1].text, 0) if kind == "op" or part in _COMMANDS else 0
    if len(tokens) > MAX_TOKENS:
        raise TooHard(f"more than {MAX_TOKENS} tokens")
    return tokens


def _command(part: str, text: str, place: int, gap: bool) -> tuple[list[Token], int, bool]:
    """The tokens of a LaTeX command, where it ends, and whether a gap follows."""
    if part in _IGNORED:
        return [], place, gap or part in ("\\ ", "\\quad", "\\qquad", "\\,", "\\;", "\\:")
    if part in _STYLED:
        word = _STYLED_WORD.match(text, place)
        return (_words(word[1]), word.end(), True) if word else ([], place, gap)
    if part in _WORDS:
        words, place = _braced(text, place)
        return _words(words), place, True
    if part in ("\\begin", "\\end"):
        name, place = _braced(text, place)
        if name == "array" and part == "\\begin" and text[place : place + 1] == "{":
            place = _braced(text, place)[1]
        if name in ("vmatrix", "Vmatrix"):
            raise ValueError("a determinant")
        kind = "cases" if name in ("cases", "dcases", "rcases") and part == "\\begin" else part[1:]
        return [Token("op", kind, gap)], place, False
    if part == "\\mathbb":
        name, place = _braced(text, place)
        return [Token("op", "ℝ" if name.strip() == "R" else "?", gap)], place, False
    if part in _COMMANDS:
        return [Token(*_COMMANDS[part], gap)], place, False
    raise ValueError(f"unknown command {part}")


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


_TEXT_WORD = re.compile(r"(?P<num>\d+(?:\.\d+)?)|(?P<text>[^\W\d_]+)|(?P<op>[-+*/^_=<>≤≥≠,;:()°%$.'])|\s+")


def _words(text: str) -> list[Token]:
    """What stands inside `\\text{...}`: words stay words, numbers and signs are what they are."""
    return [
        Token(str(part.lastgroup), part[0], True) for part in _TEXT_WORD.finditer(text) if part.lastgroup is not None
    ]
