"""Runs of letters to what they mean: functions, units, separators, variables or words."""
# ruff: noqa: SIM905 - a line of words reads better than a column of quotes

import re

from stages.answers.tokens import Token
from stages.answers.units import known
from stages.answers.vocabulary import FUNCTIONS, GREEK, SPELLED_FUNCTIONS, UNIT_LETTERS, is_harmless

_PREFIXED = re.compile(rf"({'|'.join(sorted((FUNCTIONS - {'cis', 'lg'}) | {'sqrt'}, key=len, reverse=True))})(?=.)")
_ALIASES = {
    **SPELLED_FUNCTIONS,
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
_VECTOR_NAMES = ("î", "ĵ", "k̂")
_STOP = frozenset("the for not men of on is are as at by if so no up we all any yes odd per".split())


def classify(tokens: list[Token], letters: bool) -> list[Token]:
    """Names become functions (fn), units (unit), separators (sep), single letters (name) or words (word)."""
    result: list[Token] = []
    for place, token in enumerate(tokens):
        if token.kind not in ("name", "text"):
            result.append(token)
            continue
        last = result[-1] if result else None
        after_value = last is not None and (last.kind in ("num", "unit") or last.text in tuple(")}]π°%"))
        if last is not None and last.kind in ("unit", "word") and _describes(token.text):
            result.append(Token("word", token.text, True))  # 12 years old
            continue
        if known(token.text) and [part.kind for part in result[-2:]] == ["unit", "op"] and result[-1].text == "/":
            result.append(Token("unit", token.text, token.gap))  # mi/hr
            continue
        after_numeral = place > 0 and tokens[place - 1].kind == "num"
        last_unit = _only_units(tokens[place + 1 : place + 8]) or _smaller_unit(tokens[place + 1 : place + 3])
        result.extend(_name(token, letters, after_value, after_numeral, last_unit))
    return result


_UNIT_TAIL = re.compile(r"(?:\^(?:\d|\{\d\}|\(\d\))|squared|cubed)?(?:(?:/|per)[A-Za-z]+(?:\^(?:\d|\{\d\}|\(\d\)))?)?")


def _describes(text: str) -> bool:
    return len(text) > 2 and is_harmless(text) and not known(text)


def _only_units(tokens: list[Token]) -> bool:
    """Whether nothing follows but the power of a unit and a unit below: `^2`, `/s`, `/s^2`."""
    return bool(_UNIT_TAIL.fullmatch("".join(token.text for token in tokens)))


def _smaller_unit(tokens: list[Token]) -> bool:
    """Whether a number with a unit follows: 2 h 15 min."""
    return len(tokens) == 2 and tokens[0].kind == "num" and (known(tokens[1].text) or tokens[1].text in UNIT_LETTERS)


def _name(token: Token, letters: bool, after_value: bool, after_numeral: bool, last: bool) -> list[Token]:
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
    short = text in UNIT_LETTERS and after_numeral and (token.gap or set_as_text)
    if after_value and ((known(text) and (last or lower not in FUNCTIONS)) or (short and last)):
        return [Token("unit", text, token.gap)]
    if lower in ("square", "sq", "cubic", "cu", "per") and after_value:
        return [Token("unit", lower, token.gap)]
    if len(text) > 1 and (lower in FUNCTIONS):
        return [Token("fn", _ALIASES.get(lower, lower), token.gap)]
    if lower in _ALIASES:
        name = _ALIASES[lower]
        return [Token("fn" if name in FUNCTIONS else "op", name, token.gap)]
    if lower in GREEK and len(text) > 1:
        return [Token("name", GREEK[lower], token.gap)]
    if len(text) == 1 or text in _VECTOR_NAMES:
        return [Token("name", text, token.gap)]
    if set_as_text:
        return [Token("word", text, True)]
    prefix = _PREFIXED.match(text)
    if prefix and len(text) - prefix.end() <= 2:
        rest = Token("name", text[prefix.end() :], False)
        function = _name(Token("name", prefix[0], token.gap), False, False, False, False)
        return function + _name(rest, True, False, False, False)
    if lower in _STOP or (known(text) and len(text) > 2) or len(text) > 3:
        return [Token("word", text, token.gap)]
    if len(text) > 2 and token.gap and after_numeral:
        return [Token("word", text, True)]  # 5 men
    return [Token("name", letter, token.gap and n == 0) for n, letter in enumerate(text)]
