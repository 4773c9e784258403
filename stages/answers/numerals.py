"""Numbers in words: `three quarters`, `two and a half`, `one hundred and five`, `3 fifths` as digits."""

import re
from fractions import Fraction

from stages.answers.vocabulary import MULTIPLES, PARTS, SMALL_NUMBERS, TENS

_WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\S")
_FIRST = re.compile(
    rf"\s*(?:(?:{'|'.join([*SMALL_NUMBERS, *TENS, 'a', 'half', 'negative', 'minus'])})\b"
    rf"|-?\d{{1,9}}(?:\.\d{{1,9}})?[\s-]\s?(?:(?:{'|'.join(sorted(PARTS, key=len, reverse=True))})\b"
    r"|and\s+(?:a|one|two|three)\b))",
    re.IGNORECASE,
)


def with_digits(text: str) -> str:
    """The text with the number at its beginning in digits where words spell it; as it is where they do not."""
    if not _FIRST.match(text):
        return text
    words = [(found[0].lower(), found.end()) for found in _WORD.finditer(text[:200])]
    words = [(word, end) for word, end in words if word != "-" or end == words[0][1]]
    negative = bool(words) and words[0][0] in ("negative", "minus", "-")
    words = words[negative:]
    value, used = _number([word for word, _ in words])
    if value is None or not used or (used == 1 and words[0][0][0].isdigit()):
        return text
    rest = text[words[used - 1][1] :]
    if rest[:1] in ("-", "'", "_", "^") or rest.lstrip()[:1].isdigit():
        return text
    shown = f"-{value}" if negative else str(value)
    return f"\\frac{{{shown.split('/')[0]}}}{{{value.denominator}}}{rest}" if value.denominator > 1 else shown + rest


def _number(words: list[str]) -> tuple[Fraction | None, int]:
    """The number that the first words spell, and how many they are."""
    if words[:2] in (["a", "half"], ["a", "third"], ["a", "quarter"]):
        return Fraction(1, PARTS[words[1]]), 2
    if words[:1] == ["half"]:
        return Fraction(1, 2), 1
    whole, used = _cardinal(words)
    if whole is None:
        return None, 0
    rest = words[used:]
    if rest[:1] == ["point"] and rest[1:2] and rest[1] in SMALL_NUMBERS:
        digits = ""
        for word in rest[1:]:
            if SMALL_NUMBERS.get(word, 10) > 9:
                break
            digits += str(SMALL_NUMBERS[word])
        return whole + Fraction(int(digits), 10 ** len(digits)), used + 1 + len(digits)
    if rest[:1] == ["quarters"] and whole >= PARTS["quarters"]:
        return None, 0  # more than one whole: coins, or the quarters of a year
    if rest[:1] and rest[0] in PARTS and whole.denominator == 1:
        return whole / PARTS[rest[0]], used + 1
    if rest[:1] == ["and"]:
        top, more = (Fraction(1), 1) if rest[1:2] == ["a"] else _cardinal(rest[1:])
        if top is not None and rest[1 + more : 2 + more] and rest[1 + more] in PARTS:
            return whole + top / PARTS[rest[1 + more]], used + 2 + more
    return whole, used


def _cardinal(words: list[str]) -> tuple[Fraction | None, int]:
    """Whole numbers up to trillions (a numeral in digits counts as one); 0 words where there is none."""
    total, group, used, last = Fraction(0), Fraction(0), 0, "none"
    while used < len(words):
        word = words[used]
        if word[0].isdigit() and last == "none":
            group, last = Fraction(word), "digits"
        elif word in TENS and last in ("none", "hundred", "and", "thousand"):
            group, last = group + TENS[word], "tens"
        elif word in SMALL_NUMBERS and (
            last in ("none", "hundred", "and", "thousand") or (last == "tens" and 0 < SMALL_NUMBERS[word] < 10)
        ):
            group, last = group + SMALL_NUMBERS[word], "ones"
        elif word == "hundred" and last in ("ones", "digits"):
            group, last = group * 100, "hundred"
        elif word in MULTIPLES and last in ("ones", "tens", "hundred", "digits"):
            total, group, last = total + group * MULTIPLES[word], Fraction(0), "thousand"
        elif word == "and" and last in ("hundred", "thousand") and _continues(words[used + 1 : used + 2]):
            last = "and"
        else:
            break
        used += 1
    return (total + group, used) if used else (None, 0)


def _continues(words: list[str]) -> bool:
    return bool(words) and (words[0] in SMALL_NUMBERS or words[0] in TENS)
