"""What a response concludes that announces no answer: the tail of its last line. Linear in the response's length."""

import re
from collections.abc import Iterator
from itertools import takewhile

from stages.answers.limits import MAX_CHARACTERS
from stages.answers.sentences import DECORATION, SENTENCE, joined_items, list_items, looks_final, split, tail_of
from stages.answers.units import known
from stages.answers.words import FAMILIES

MAX_LINES = 60  # of the end of a response
MAX_HEADINGS = 5

_ASIDE = re.compile(  # talk to the reader, and second thoughts about an answer that stands before them
    r"\W{0,9}(?:i hope|hope |let me know|feel free|if you |please |would you|do you |want me|happy to|good luck|great "
    r"|i can |check|verif|let(?:'s|’s| us| me) (?:check|verif|double)|(?:to|we can|you can) (?:check|verif|confirm)"
    r"|note\b|notice|remember|this (?:makes sense|is because|matches|agrees|confirms|works|checks|also|shows how)"
    r"|this is the [^\d$\\\n]{0,80}$|indeed|because|since both|as expected|as (?:desired|required)|recall|remark"
    r"|alternatively|sanity|double[- ]check|(?:substituting|plugging) (?:\S{1,40} )?back)",
    re.IGNORECASE,
)
_ASIDE_HEADING = re.compile(
    r"^[ \t#*_>\-]{0,20}(?:(?:step )?\d[.:)]? )?(?:verif(?:y|ication)|check(?:ing)?|explanation|proof|notes?"
    r"|reason(?:ing)?|why(?: this works)?|summary|justification|key (?:points|ideas?)|common mistakes?|sanity check"
    r"|remarks?)"
    r"[ \t*_:]{0,9}$",
    re.IGNORECASE | re.MULTILINE,
)
_UNFINISHED = re.compile(r"\W{0,9}(?:step|case|part)\b", re.IGNORECASE)
_CONCLUDES = re.compile(
    r"\W{0,9}(?:\\therefore|∴|(?:so|thus|hence|therefore|finally|consequently|in conclusion|we conclude|this gives"
    r"|we (?:get|find|obtain)|my guess)\b)",
    re.IGNORECASE,
)
_BOLD = re.compile(
    r"[ \t>\-]{0,9}(?:\*\*|__)(?!(?:step|case|part|example|method|problem|question)\b|\d{1,2}[.)]\s)[^*_]{1,200}"
    r"(?:\*\*|__)[ \t.]{0,9}",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"\b(?:are|solutions|answers|values|roots|numbers|pairs|zeros|results)\b[^\n]{0,80}:\W{0,9}$")
_RIGHT_CHOICE = re.compile(
    r"(?<![A-Za-z])\(?\b([A-H])\b\)?\s{1,3}is (?:therefore |thus )?(?:the )?(?:correct|right|best)\b"
)
_VALUE = re.compile(r"\d|√|π|\\(?:d?frac|sqrt|pi)\b|∞|\\infty")
_NUMBER = re.compile(
    r"\([-−]?\d[^()\n]{0,40},[^()\n]{0,40}\)"
    r"|(?<![\w.^_/])[-−]?[$£€]?(?:\d[\d,]{0,20}\d|\d)(?:[.:]\d{1,20})?(?:/\d{1,9})?(?:\s?[%°²³])?(?![\w/^])(?:\s?[ck]?m[²³])?"
)
_BOLD_SPANS = re.compile(r"\*\*(?!\(?[\da-h]{1,2}[.):]\*|\d{1,9}(?:st|nd|rd|th)\b)([^*\n]{1,80}?)[.:!,]?\*\*")
_FORMULAS = re.compile(r"\\\((.{1,200}?)\\\)|(?<![\\$])\$([^$\n]{1,200})\$(?![\d$])")
_REASON = re.compile(r",?\s\(?(?:because|since|as \w{1,20} \w{1,20} (?:is|are|=))\s")
_HELPLESS = re.compile(r"\b(?:not|cannot|can't|unable|unclear|sorry|unsure|please|don't|without)\b", re.IGNORECASE)
_SET_PHRASE = re.compile(
    r"\b(no (?:real |such )?(?:solutions?|values?|numbers?)|infinitely many(?: solutions)?|does not exist|undefined"
    r"|all real numbers)(?: exists?)?$",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:align|equation|gather|aligned)\*?\}|\$\$")
_LEAD = re.compile(r"\s{0,9}\*\*\(?([A-H]|[A-Za-z]{2,10})\)?[.,:!]?\*\*")
_WORD_FIRST = re.compile(r"[\s*_#>`]{0,20}([A-Za-z]{2,10})[*_]{0,3}(?:[.,;:!]|\s[-–—]\s|\s*$)", re.MULTILINE)


def concluded(text: str) -> str | None:
    """What a text that announces no answer ends in; what it says before a heading such as `Verification:` comes first.

    It is what stands behind the last sign or word that announces a result in the last sentence; where that says
    nothing, in the last sentence before it that concludes (`Thus ...`) or is bold as a whole; else `Yes.` at its start.
    """
    lead = _LEAD.match(text)
    if lead and (len(lead[1]) == 1 or _is_choice_word(lead[1])):
        return lead[1]
    for heading in [*_ASIDE_HEADING.finditer(text)][:MAX_HEADINGS]:
        found = _ending(text[: heading.start()], certain=False)
        if found:
            return found
    return _ending(text, certain=True) or _first_word(text)


def _ending(text: str, certain: bool) -> str | None:
    """What the last line says; unless `certain` that it is the last, only if it concludes or stands alone."""
    listed = _last_list(text)
    if listed:
        return listed
    for place, (line, bold) in enumerate(_lines_backwards(text)):
        if not place and line.rstrip("*_` ").endswith((":", "=")):
            return None
        last = not place and (certain or line == text.strip())
        for after, sentence in enumerate(reversed(_sentences(line))):
            if (last and not after) or bold or _CONCLUDES.match(sentence):
                found = _said(sentence)
                if found:
                    return found
        if not place and _UNFINISHED.match(line):
            return None
    return None


def _lines_backwards(text: str) -> Iterator[tuple[str, bool]]:
    """The last lines that say something, last first, without emphasis; and whether all of a line was bold."""
    end = len(text)
    for _ in range(MAX_LINES):
        while end > 0:
            start = text.rfind("\n", 0, end) + 1
            line = text[max(start, end - MAX_CHARACTERS) : end]
            end = start - 1
            if not DECORATION.fullmatch(line) and not _ASIDE.match(line) and not line.rstrip("*_ ").endswith("?"):
                break
        else:
            return
        plain = _ENVIRONMENT.sub(" ", line).replace("__", "").strip()
        yield plain, _BOLD.fullmatch(line) is not None


def _sentences(line: str) -> list[str]:
    """The sentences of a line that are no aside."""
    sentences = [part.strip() for part in split(SENTENCE, line) if part.strip(" .)")]
    if len(sentences) > 1 and sentences[-1].startswith("(") and len(sentences[-1].split()) > 2:
        sentences.pop()
    return [sentence for sentence in sentences if not _ASIDE.match(sentence)]


def _said(sentence: str) -> str | None:
    """The result that a sentence ends in, or the one that it holds."""
    plain = sentence.replace("**", "").rstrip("*_` .!")
    phrase = _SET_PHRASE.search(plain)
    if phrase:
        return phrase[1]
    choice = _RIGHT_CHOICE.search(plain)
    if choice:
        return choice[1]
    bold = [span for span in _BOLD_SPANS.findall(sentence) if looks_final(span)]
    if len(bold) == 1 and _VALUE.search(bold[0]):
        return tail_of(bold[0])
    head = re.sub(r"\s\([^()]{0,200}$", "", _REASON.split(plain, maxsplit=1)[0])
    for part in (head, plain) if _VALUE.search(head) else (plain,):
        tail = tail_of(part)
        if looks_final(tail):
            return tail
    return (
        None
        if _HELPLESS.search(plain) or _UNFINISHED.match(plain)
        else bold[0]
        if len(bold) == 1
        else _only_value(head)
    )


def _only_value(sentence: str) -> str | None:
    """The one formula or the one number in a sentence, with its unit: Mary has 75 dollars left."""
    formulas = [first or second for first, second in _FORMULAS.findall(sentence)]
    if formulas:
        tail: str = tail_of(formulas[0])
        alone = len(formulas) == 1 and not _VALUE.search(_FORMULAS.sub(" ", sentence))
        return tail if alone and _VALUE.search(tail) else None
    numbers = list(_NUMBER.finditer(sentence))
    if len(numbers) != 1 or re.search(r"\d", sentence[: numbers[0].start()] + sentence[numbers[0].end() :]):
        return None
    words = sentence[numbers[0].end() :].split()[:2]
    return " ".join([numbers[0][0], *(word.strip(",;:") for word in takewhile(_is_unit, words))])


def _is_unit(word: str) -> bool:
    return known(word.strip(",;:")) or word.lower() in ("a.m.", "p.m.", "am", "pm", "square", "cubic", "per", "and")


def _last_list(text: str) -> str | None:
    """The items of a list at the end, below a line such as `The solutions are:`."""
    lines = text.rsplit("\n", MAX_LINES)[-MAX_LINES:]
    items = list_items(reversed(lines))
    above = next((line for line in lines[::-1] if line.strip() and not list_items([line])), "")
    return joined_items(items[::-1]) if _PLURAL.search(above[-200:]) else None


def _first_word(text: str) -> str | None:
    """`Yes` or its kin at the beginning."""
    first = _WORD_FIRST.match(text)
    return first[1] if first and _is_choice_word(first[1]) else None


def _is_choice_word(word: str) -> bool:
    return any(word.lower() in family for family in FAMILIES)
