"""The final answer of a response, by tiers, and which tier found it. Linear in the response's length."""

import re
from dataclasses import dataclass

from stages.answers.limits import MAX_CHARACTERS
from stages.answers.words import FAMILIES
from stages.answers.wrapping import closing_brace, unwrap

_BOX = re.compile(r"\\(?:boxed|fbox)(?![A-Za-z])\s{0,9}")
_BARE_BOX = re.compile(r"\\?[A-Za-z]+|[-\d.]+|\S")  # \boxed 5
_ANSWER_LINE = re.compile(
    r"^[ \t>#*_\-]{0,20}(?:(?:so|thus|hence|therefore)[, ]\s?)?(?:the )?(?:final |correct )?answer"
    r"[ \t]{0,4}[*_]{0,3}[ \t]{0,4}[:=：][ \t]{0,9}",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_IS = re.compile(
    r"\banswer(?: to [^\n.:]{1,80}?)? (?:is|are|equals)(?: therefore| thus)?:?[ \t]{0,9}", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.?](?=\s+[A-Z\\($]|\s*$)|!(?=\s+[A-Z]|\s*$)")
_CLAUSE = re.compile(
    r",\s+(?!(?:and|or)\s+[-\d\\$(√A-Zx-z])(?=[a-z]{2,}\b)|\s(?:because|since|which|where|when|but|so|by|as)\s|;\s"
)
_OPENING = re.compile(r"(?:(?:so|thus|hence|therefore|then|conclusion|result)[,:]?\s+)+", re.IGNORECASE)
_MARKER = re.compile(
    r"(?<![<>!:])=|≈|→|⇒|\\(?:approx|implies|Rightarrow|to|rightarrow)(?![A-Za-z])"
    r"|:(?=\s)|\b(?:is|are|equals|was|be|get|gives?|giving|yields?|to|total|only)(?=[\s$\\])",
    re.IGNORECASE,
)
_ASSIGNMENTS = re.compile(
    r"(?:\b[a-zA-Z]\s?=\s?[-+\w./√π\\{}^]{1,30}(?:\s?,\s?(?:and\s)?|\sand\s)){1,9}[a-zA-Z]\s?=\s?[-+\w./√π\\{}^]{1,30}$"
)
_NAME = re.compile(r"(?:^|[\s($,;])([A-Za-z])\s?$")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:align|equation|gather|aligned)\*?\}|\$\$")
_DOLLARS = re.compile(r"(?<!\\)\$([^$]{1,200})(?<!\\)\$(?!\d)")
_DOLLAR = re.compile(r"(?<!\\)\$(?!\d)")  # what is left of a formula that began before the tail
_DECORATION = re.compile(  # no two of its alternatives can match at the same place, so that it never goes back
    r"(?:[\s>#*_`\-=|~.□∎]|\\[\])\[]|\$\$|(?<=```)[A-Za-z]+|\\end\{[a-z*]{1,20}\}|\\blacksquare|(?<!`)QED)*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extraction:
    """`answer` is None where there is none; `tier` is boxed, answer line, the answer is, last line or none."""

    answer: str | None
    tier: str


NO_ANSWER = Extraction(None, "none")


def extract(response: str, truncated: bool = False) -> Extraction:
    """The final answer of a response.

    Tiers, the first that applies: the last `\\boxed{...}` (one that is not closed is no answer, whatever stood before
    it), the last line `Answer: ...`, the last `the answer is ...`, the tail of the last line. Of a `truncated`
    response, what runs up to its end is no answer, because nothing tells whether it was complete.
    """
    boxes = [box.end() for box in _BOX.finditer(response)]
    if boxes:
        return _boxed(response, boxes[-1])
    lines = [line.end() for line in _ANSWER_LINE.finditer(response)]
    if lines:
        text, end = _next_line(response, lines[-1])
        return NO_ANSWER if truncated and end >= len(response.rstrip()) else _found(text, "answer line")
    sentences = [sentence.end() for sentence in _ANSWER_IS.finditer(response)]
    if sentences:
        text, end = _next_line(response, sentences[-1])
        stop = _SENTENCE.search(text)
        if truncated and end >= len(response.rstrip()) and not stop:
            return NO_ANSWER
        return _found(_clause(text[: stop.start()] if stop else text), "the answer is")
    return NO_ANSWER if truncated else _last_line(response)


def _found(text: str, tier: str) -> Extraction:
    text = unwrap(text[: MAX_CHARACTERS + 1])
    return Extraction(text, tier) if text and len(text) <= MAX_CHARACTERS else NO_ANSWER


def _boxed(response: str, start: int) -> Extraction:
    if response[start : start + 1] == "{":
        end = closing_brace(response, start + 1)
        return _found(response[start + 1 : end], "boxed") if end >= 0 else NO_ANSWER
    bare = _BARE_BOX.match(response, start)
    return _found(bare[0], "boxed") if bare else NO_ANSWER


def _next_line(response: str, start: int) -> tuple[str, int]:
    """The rest of the line, or the next line with anything on it; and where it ends."""
    while start < len(response):
        end = response.find("\n", start)
        end = len(response) if end < 0 else end
        line = response[start : min(end, start + MAX_CHARACTERS + 1)]
        if not _DECORATION.fullmatch(line):
            return line, end
        start = end + 1
    return "", len(response)


def _clause(text: str) -> str:
    """A sentence's first clause: `5, because ...` is 5."""
    end = _CLAUSE.search(text)
    return _without_remark(text[: end.start()].strip() if end else text.strip())


def _without_remark(text: str) -> str:
    """Without words in brackets at the end: `5 (since x > 0)` is 5, `(2, 3)` and `21 (base five)` stay."""
    place = text.rfind(" (")
    remark = text[place + 2 : -1]
    if place <= 0 or not text.endswith(")") or remark.startswith(("base", "in base")) or ")" in remark:
        return text
    return text[:place] if re.search(r"[a-z]{3}", remark) else text


def _last_line(response: str) -> Extraction:
    """What stands behind the last sign or word that announces a result in the last sentence of the last line."""
    end = len(response)
    while end > 0:
        start = response.rfind("\n", 0, end) + 1
        line = response[max(start, end - MAX_CHARACTERS) : end]
        if not _DECORATION.fullmatch(line):
            break
        end = start - 1
    else:
        return NO_ANSWER
    line = _ENVIRONMENT.sub(" ", line).replace("**", "").replace("__", "").strip().rstrip("*_` ")
    if line.endswith((":", "=")):
        return NO_ANSWER
    sentences = [part.strip() for part in _split(_SENTENCE, line) if part.strip(" .)")]
    if len(sentences) > 1 and sentences[-1].startswith("(") and len(sentences[-1].split()) > 2:
        sentences.pop()
    if not sentences:
        return NO_ANSWER
    sentence = _without_remark(_OPENING.sub("", unwrap(sentences[-1]), count=1))
    before, _, which = sentence.partition(", which ")
    sentence = sentence if re.search(r"\d", which) else before
    assignments = _ASSIGNMENTS.search(sentence[-300:].rstrip("\\)$ "))
    if assignments:
        return _found(assignments[0], "last line")
    markers = list(_MARKER.finditer(sentence))
    tail = sentence[markers[-1].end() :].strip() if markers else sentence
    if markers and markers[-1][0] == "=" and re.search(r"(?<![\\a-z])[a-z](?![a-z])", tail):
        name = _NAME.search(sentence, 0, markers[-1].start())
        tail = f"{name[1]} = {tail}" if name else tail
    tail = _DOLLAR.sub(" ", _DOLLARS.sub(r" \1 ", tail)).strip()
    return _found(tail, "last line") if _looks_final(tail) else NO_ANSWER


def _split(pattern: re.Pattern[str], text: str) -> list[str]:
    """`text` in pieces that end where the pattern matches."""
    pieces, start = [], 0
    for found in pattern.finditer(text):
        pieces.append(text[start : found.start()])
        start = found.end()
    return [*pieces, text[start:]]


def _looks_final(tail: str) -> bool:
    """Mathematics with a few words behind it, or a word that answers a choice; not a piece of prose."""
    words = re.findall(r"(?<![\\A-Za-z{])[A-Za-z]{2,}", tail)
    if re.match(r"[-+−±]?[\d.√π$\\(\[{|∞½¼¾⅓⅔]|[A-Za-z](?![A-Za-z])", tail.strip("*_")):
        return len(words) <= 4
    return 0 < len(words) <= 2 and any(words[0].lower() in family for family in FAMILIES)
