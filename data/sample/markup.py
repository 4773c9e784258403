r"""Statements as one source for paper and text: English with mathematics between dollar signs.

Inside `$...$` stands a small part of Typst's mathematics: numbers, one-letter names, `+ - = < > <= >= !=`,
`x^2`, `x^(n+1)`, `a_n`, `(2x+1)/3`, `sqrt(12)`, `root(3, x)`, `log_2 8`, `sin cos tan`, `pi`, `degree`, `dot`,
`times`, `f(x)`, `{1, 2}`, `|x|`, `5!`, `...` and "text". Two letters side by side are a product and need a space.
A dollar sign outside mathematics is written `\$`.
"""

import re

TOKEN = re.compile(r'(?P<space> +)|"(?P<text>[^"]*)"|(?P<word>[A-Za-z]+)|(?P<number>\d+(?:\.\d+)?)'
                   r"|(?P<sign><=|>=|!=|\.\.\.|[-+=<>^_/(){}|,:!'%])")  # fmt: skip
FUNCTIONS = {"log", "sin", "cos", "tan"}
SYMBOLS = {"pi": "π", "degree": "°", "dot": "·", "times": "×"}
SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠"}
ROOTS = {"2": "√", "3": "∛"}
PIECE = re.compile(r"\$([^$]*)\$")
ESCAPED_DOLLAR = "\\$"
PLACEHOLDER = "\x00"


def linear(markup: str) -> str:
    """The linear form of `stages.study.records`; raises ValueError for mathematics outside the subset."""
    pieces = PIECE.split(markup.replace(ESCAPED_DOLLAR, PLACEHOLDER))
    pieces[1::2] = [_linear_math(piece) for piece in pieces[1::2]]
    return _whole("".join(pieces), markup).replace(PLACEHOLDER, "$")


def typst(markup: str) -> str:
    """Typst source: mathematics as it is, everything else escaped; raises ValueError as `linear` does."""
    linear(markup)
    pieces = PIECE.split(markup.replace(ESCAPED_DOLLAR, PLACEHOLDER))
    pieces[0::2] = [re.sub(r"""[\\#*_`<>@~\[\]=+/"'-]|\.(?=\.)""", r"\\\g<0>", piece) for piece in pieces[0::2]]
    pieces[1::2] = [f"${piece}$" for piece in pieces[1::2]]
    return "".join(pieces).replace(PLACEHOLDER, ESCAPED_DOLLAR)


def _whole(text: str, markup: str) -> str:
    if "$" in text:
        raise ValueError(f"{markup!r}: a dollar sign without its partner; write \\$ for money")
    return text


def _tokens(source: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    while place < len(source):
        match = TOKEN.match(source, place)
        if match is None:
            raise ValueError(f"{source!r}: {source[place]!r} is not in the subset")
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return tokens


def _linear_math(source: str) -> str:
    tokens = _tokens(source)
    out: list[str] = []
    place = 0
    while place < len(tokens):
        kind, value = tokens[place]
        if kind == "word" and value in ("sqrt", "root"):
            inside, place = _argument(tokens, place + 1, source)
            index = "2"
            if value == "root":
                index, _, inside = inside.partition(", ")
            if index not in ROOTS:
                raise ValueError(f"{source!r}: only root(3, ...) has a linear form")
            out.append(ROOTS[index] + (inside if re.fullmatch(r"\d+|[a-z]|π", inside) else f"({inside})"))
            continue
        out.append(_atom(kind, value, tokens, place, source))
        place += 1
    return "".join(out)


def _atom(kind: str, value: str, tokens: list[tuple[str, str]], place: int, source: str) -> str:
    if kind == "space":
        before = tokens[place - 1] if place else ("", "")
        after = tokens[place + 1] if place + 1 < len(tokens) else ("", "")
        return "" if _is_product(before, after) else " "
    if kind == "word":
        if value not in FUNCTIONS and value not in SYMBOLS and len(value) > 1:
            raise ValueError(f"{source!r}: {value!r} is not in the subset (put a space between factors)")
        return SYMBOLS.get(value, value)
    return SIGNS.get(value, value)


def _is_product(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether the space between two tokens only keeps factors apart: `x y`, `2 pi`, `3 sqrt(2)`, `30 degree`."""
    if after[1] == "degree":
        return True
    if after[0] != "word" or after[1] in FUNCTIONS or after[1] in ("dot", "times"):
        return False
    factor = before[0] == "number" or (before[0] == "word" and (len(before[1]) == 1 or before[1] == "pi"))
    return factor or before[1] in ("!", "'")


def _argument(tokens: list[tuple[str, str]], place: int, source: str) -> tuple[str, int]:
    """The linear form of the bracket that opens at `place`, without it, and the place after it."""
    depth, end = 0, place
    while end < len(tokens):
        depth += {"(": 1, ")": -1}.get(tokens[end][1], 0)
        end += 1
        if depth == 0:
            break
    if depth != 0 or place >= len(tokens) or tokens[place][1] != "(":
        raise ValueError(f"{source!r}: a root needs its argument in brackets")
    return _linear_math("".join(_source(*token) for token in tokens[place + 1 : end - 1])), end


def _source(kind: str, value: str) -> str:
    return f'"{value}"' if kind == "text" else value
