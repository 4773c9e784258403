"""Answers in words: set phrases, lettered choices, numerals with a base, short text."""
# ruff: noqa: SIM905 - a line of words reads better than a column of quotes

import re
from collections.abc import Sequence
from fractions import Fraction

from stages.answers.expressions import MINUS_ONE, Num, Op, Sym
from stages.answers.kinds import ALL_REALS, NOTHING, Answer, Based, Choice, Words
from stages.answers.vocabulary import ARTICLES, SMALL_NUMBERS

_BASES = {**SMALL_NUMBERS, "twenty": 20, "binary": 2, "octal": 8, "hexadecimal": 16}
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
        "no real solution",
        "no real solutions",
        "has no real solutions",
        "no real root",
        "no real roots",
        "has no real roots",
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
    r"\(?\s*(?P<digits>[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]+)?)\s*\)?\s*(?:"
    r"_\s*[({]*\s*(?P<sub>\w+?)\s*[)}]*|,?\s*\(?\s*(?:in\s+)?base[\s-]*(?P<word>\w+)\s*\)?"
    r"|(?P<glued>two|three|four|five|six|seven|eight|nine|eleven|twelve|sixteen))"
)
_LABEL = r"(?:(?:option|choice|answer)\s+)?\(?\s*([A-Ha-h])\s*"
_CHOICE = re.compile(
    rf"{_LABEL}[):.]?\s*|{_LABEL}(?:\)|[:.](?!\d))(?![(^!_-]|\\(?:cdot|times|div|pm))\s*((?!and\b|or\b|[+*/=<>])\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_ORDINAL = re.compile(r"(\d{1,9})(?:st|nd|rd|th)")
PROSE = re.compile(r"[^\\^_=<>√π∞{}+*/|\[\]]*")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def plain_words(text: str) -> tuple[str, ...]:
    """Words in lower case, articles and `is true` left out; number words as digits."""
    words = [word.lower() for word in _WORD.findall(text)]
    kept = [word for word in words if word not in ARTICLES] or words
    return tuple(str(SMALL_NUMBERS.get(word, word)) for word in kept)


def phrase(plain: str) -> Answer | None:
    """Numerals with a base, lettered choices and set phrases."""
    based = _BASED.fullmatch(plain)
    if based:
        name = (based["sub"] or based["word"] or based["glued"]).lower()
        base = int(name) if name.isascii() and name.isdigit() and len(name) < 4 else _BASES.get(name)
        if base is not None:
            digits = based["digits"].upper().lstrip("0") or "0"
            return Based(digits, base)
    words = " ".join(
        word for word in (w.lower() for w in _WORD.findall(plain)) if word not in ("the", "there", "are", "is")
    )
    if words in _EMPTY and not re.search(r"\d", plain):
        return NOTHING
    if words in _ALL:
        return ALL_REALS
    if words in ("negative infinity", "minus infinity"):
        return Op("mul", (MINUS_ONE, Sym("∞")))
    if words == "dne":
        return Words(("does", "not", "exist"))
    ordinal = _ORDINAL.fullmatch(words)
    if ordinal:
        return Num(Fraction(ordinal[1]))
    choice = _CHOICE.fullmatch(plain)
    if choice:
        letter = choice[1] or choice[2]
        rest = choice[3] or ""
        labelled = plain.lower().startswith(("option", "choice", "answer", "("))
        if letter.isupper() or (labelled and ")" in plain):
            return Choice(letter.upper(), rest)
    return None


FAMILIES = [
    frozenset(words.split())
    for words in (
        "always sometimes never",
        "inside outside on",
        "yes no",
        "true false",
        "even odd",
        "increase decrease",
        "increasing decreasing",
        "positive negative",
        "gain lose",
    )
]
_WORD_FORMS = {
    **dict.fromkeys(("loses", "lost", "loss", "losing"), "lose"),
    "infinitely": "infinite",
    "doesn't": "does not",
    "isn't": "not",
    **dict.fromkeys(("gains", "gained", "gaining"), "gain"),
    **dict.fromkeys(("increases", "increased"), "increase"),
    **dict.fromkeys(("decreases", "decreased"), "decrease"),
}
_FILLERS = frozenset("of be will he she limit".split())
_ENDLESS = frozenset("many number solution solutions set there have has equation system".split())
UNDEFINED = frozenset(("undefined", "does not exist", "not defined", "not exist"))


def bare(words: Sequence[str]) -> list[str]:
    """Words in one form (loses, lost: lose), without fillers; `always true` is always."""
    found = [part for word in words if word not in _FILLERS for part in _WORD_FORMS.get(word, word).split()]
    found = found or list(words)
    if "infinite" in found and set(found) <= _ENDLESS | {"infinite"}:
        return ["infinite"]
    if len(found) > 1 and {"always", "sometimes", "never"} & set(found):
        found = [word for word in found if word not in ("true", "statement")]
    return found
