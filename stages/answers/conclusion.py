"""What a response concludes that announces no answer: the tail of its last line. Linear in the response's length."""

import re
from collections.abc import Iterator
from itertools import takewhile

from stages.answers.limits import MAX_CHARACTERS
from stages.answers.sentences import DECORATION, SENTENCE, UNFINISHED, joined_items, list_items, said, split
from stages.answers.words import FAMILIES

MAX_LINES = 60  # of the end of a response
MAX_HEADINGS = 5

_ASIDE = re.compile(  # talk to the reader, and second thoughts about an answer that stands before them
    r"\W{0,9}(?:i hope|hope |let me know|feel free|if you |please |would you|do you |want me|happy to|good luck|great "
    r"|i can |check|verif|let(?:'s|’s| us| me) (?:check|verif|double)|(?:to|we can|you can) (?:check|verif|confirm)"
    r"|note\b|notice|remember|this (?:makes sense|is because|matches|agrees|confirms|works|checks|also|shows how)"
    r"|this is the [^\d$\\\n]{0,80}$|indeed|because|since both|as expected|as (?:desired|required)|recall|remark"
    r"|alternatively|sanity|double[- ]check|(?:substituting|plugging) (?:\S{1,40} )?back"
    r"|(?<![^*_ ])\((?:[A-Za-z]{1,20}\s){3}[^\n]*\)[.*_]{0,9}\s{0,9}$)",
    re.IGNORECASE,
)
_ASIDE_HEADING = re.compile(
    r"^[ \t#*_>\-]{0,20}(?:(?:step )?\d[.:)]? )?(?:verif(?:y|ication)|check(?:ing)?|explanation|proof|notes?"
    r"|reason(?:ing)?|why(?: this works)?|summary|justification|key (?:points|ideas?)|common mistakes?|sanity check"
    r"|remarks?)"
    r"[ \t*_:]{0,9}$|^[ \t#*_>\-]{0,20}step \d{1,2}[.:)]? (?:check|verif)[^\n=]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_STEP = re.compile(r"^\W{0,9}step \d{1,2}[:.)]\s{1,4}(?=\w{1,40}\b[^:]*\b(?:is|are|has|have|there)\b)", re.IGNORECASE)
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
_PART = re.compile(r"[ \t*_#>-]{0,6}\(?([a-hA-H])\)")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:align|equation|gather|aligned)\*?\}|\$\$")
_LEAD = re.compile(r"\s{0,9}\*\*\(?([A-H]|[A-Za-z]{2,10})\)?[.,:!]?\*\*")
_WORD_FIRST = re.compile(
    r"[\s*_#>`]{0,20}([A-Za-z]{2,10})[*_]{0,3}(?:[.,;:!]|\s[-–—]\s|\s(?:it|they|he|she|this|that|there)\b|\s*$)",
    re.MULTILINE,
)


def concluded(text: str) -> str | None:
    """What a text that announces no answer ends in; what it says before a heading such as `Verification:` comes first.

    It is what stands behind the last sign or word that announces a result in the last sentence; where that says
    nothing, in the last sentence before it that concludes (`Thus ...`) or is bold as a whole; else `Yes.` at its start.
    """
    lead = _LEAD.match(text)
    if lead and (len(lead[1]) == 1 or _is_choice_word(lead[1])):
        return lead[1]
    for heading in [*_ASIDE_HEADING.finditer(text)][:MAX_HEADINGS]:
        checks = re.search(r"check|verif", heading[0], re.IGNORECASE) is not None
        found = _ending(text[: heading.start()], certain=checks)
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
                found = said(sentence)
                if found:
                    return found
        if not place and UNFINISHED.match(line):
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
            if (
                not DECORATION.fullmatch(line)
                and not _ASIDE.match(line)
                and not (start and line.rstrip("*_ ").endswith("?"))
            ):
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
    return [_STEP.sub("", sentence) for sentence in sentences if not _ASIDE.match(sentence)]


def _last_list(text: str) -> str | None:
    """The items of a list at the end, below a line such as `The solutions are:`."""
    lines = text.rsplit("\n", MAX_LINES)[-MAX_LINES:]
    parts = list(takewhile(_PART.match, (line for line in reversed(lines) if line.strip())))[::-1]
    if [_PART.match(line)[1].lower() for line in parts] == list("abcdefgh"[: len(parts)]):  # type: ignore[index]
        joined = joined_items(list_items(parts))
        if joined:
            return joined
    items = list_items(reversed(lines))
    above = next((line for line in lines[::-1] if line.strip() and not list_items([line])), "")
    return joined_items(items[::-1]) if _PLURAL.search(above[-200:]) else None


def _first_word(text: str) -> str | None:
    """`Yes` or its kin at the beginning."""
    first = _WORD_FIRST.match(text)
    return first[1] if first and _is_choice_word(first[1]) else None


def _is_choice_word(word: str) -> bool:
    return any(word.lower() in family for family in FAMILIES)
