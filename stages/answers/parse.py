"""Typed parser: an answer's text to what kind of answer it is (a value, a tuple, an interval, an equation, words ...).

It builds data and calls nothing. What it cannot read comes out as `Unread`.
"""

import re

from stages.answers.answer_grammar import AnswerGrammar
from stages.answers.dates import time_or_date
from stages.answers.kinds import Answer, Named, Region, Relation, Unread, Unreadable, Words
from stages.answers.limits import Work
from stages.answers.meaning import classify
from stages.answers.numerals import with_digits
from stages.answers.tokens import tokenize
from stages.answers.vocabulary import DAYS, TEXT_COMMAND
from stages.answers.words import PROSE, phrase, plain_words

_OUT_OF = re.compile(r"\b(\d{1,9}) out of (?:every )?(\d{1,9})\b|^(\d{1,9}) in (\d{1,9})$")
_QUANTITIES = (
    "angle|area|average|circumference|cost|degree|determinant|diameter|difference|discount|distance|discriminant|height"
    "|length|maximum|max|mean|measure|median|midpoint|minimum|min|mode|percentage|perimeter|price|probability|product"
    "|profit|quotient|radius|range|ratio|remainder|result|slope|speed|sum|surface area|time|total|value|vertex"
    "|volume|width"
)
_LABELLED = re.compile(  # Area = 24, m∠ABC = 40°
    rf"(?:the )?((?:(?:total|final|maximum|minimum|average|{_QUANTITIES}) )?(?:{_QUANTITIES})"
    r"|m? ?(?:\\angle|∠) ?[A-Z]{1,3}|\\overline ?\{[A-Z]{2}\})(?: of [A-Za-z ]{1,30})? ?= ?(.{1,200})",
    re.IGNORECASE,
)
_IN_ALL = re.compile(r"(?<=[A-Za-z]) (?:in total|in all|altogether|overall)$")  # 110 meters in total: no inches
_LEFT_OVER = re.compile(r"(?<=\w) left over$")
_OR_ABOUT = re.compile(r"(?<=[\w})]),? or (?:about|approximately|approx\.?|roughly) (?=[\d.$])")
_CONDITION = re.compile(r",? (?:for|where|when|if|with) (?=[a-z] ?(?:[<>≤≥≠]|\\[gln]e))")
_POINT = re.compile(r"([A-Z]'?) ?(\([^()]{1,100},[^()]{1,100}\))")
_YES_OR_NO = re.compile(r"(?:yes|no|true|false)\s*[,.;:]\s", re.IGNORECASE)


def _fraction(found: re.Match[str]) -> str:
    return f"\\frac{{{found[1] or found[3]}}}{{{found[2] or found[4]}}}"


def parse(text: str, work: Work, letters: bool = False, tight: bool = False) -> Answer:
    """What kind of answer a folded and unwrapped text is.

    `letters` reads every run of letters as a product of variables; `tight` reads `1/2x` as 1/(2x).
    Raises TooHard beyond the limits; a token costs six steps, for it and for what is asked of its node.
    """
    plain = TEXT_COMMAND.sub(r" \1 ", text)
    plain = re.sub(r"\\[,;:!\s]|[~$]", " ", plain).replace("\\left", "").replace("\\right", "")
    plain = " ".join(plain.split())
    labelled = _LABELLED.fullmatch(plain)
    if labelled:
        value = parse(labelled[2], work)
        return (
            value
            if isinstance(value, Unread | Words | Named | Region | Relation)
            else Named(labelled[1].lower(), value)
        )
    if not letters:
        if plain.lower().rstrip(".") in DAYS:
            return Words((DAYS[plain.lower().rstrip(".")],))
        found = phrase(plain) or time_or_date(plain)
        if found is not None:
            return found
    spelled = with_digits(_OUT_OF.sub(_fraction, _OR_ABOUT.sub(" ≈ ", _IN_ALL.sub("", _LEFT_OVER.sub(" left", plain)))))
    spelled = spelled if "\\begin" in spelled else _CONDITION.sub(", ", spelled)
    try:
        tokens = tokenize(text if spelled == plain else spelled)
        work.spend(6 * len(tokens))
        return AnswerGrammar(classify(tokens, letters), tight).whole()
    except (Unreadable, ValueError) as error:
        point = _POINT.fullmatch(plain)
        if point:
            return Named(point[1], parse(point[2], work))
        words = plain_words(plain)
        if _YES_OR_NO.match(plain):
            return Words(words)
        if PROSE.fullmatch(plain) and words and len(max(words, key=len)) > 1:
            return Words(words)
        return Unread(str(error))
