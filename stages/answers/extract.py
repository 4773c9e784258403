"""The final answer of a response, by tiers, and which tier found it. Linear in the response's length."""

import re
from dataclasses import dataclass

from stages.answers.wrapping import closing_brace, unwrap

_BOX = re.compile(r"\\(?:boxed|fbox)\b\s*")
_ANSWER_LINE = re.compile(
    r"^[ \t>#*_\-]{0,20}(?:(?:so|thus|hence|therefore)[, ]\s?)?(?:the )?(?:final |correct )?answer"
    r"[ \t]{0,4}[*_]{0,3}[ \t]{0,4}[:=：][ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_IS = re.compile(
    r"\banswer(?: to [^\n.:]{1,80})? (?:is|are|equals|=)(?: therefore| thus)?:?[ \t]*", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"\.(?=\s+[A-Z\\*(]|\s*$)|[\n]")
_TAIL = re.compile(r"(?:=|≈|:|→|⇒|\bis|\bare|\bequals|\bwas|\bbe|\bhave|\bhas|\bof)(?=[\s$\\*])\s*", re.IGNORECASE)
_DECORATION = re.compile(r"[\s>#*_`\-=|~.]*|(?:\\\]|\\\)|\\\[|\$\$|```\w*|\\end\{[a-z*]+\}|□|∎|QED)\.?", re.IGNORECASE)
LONGEST = 2000  # characters an answer may have


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
    boxes = list(_BOX.finditer(response))
    if boxes:
        return _boxed(response, boxes[-1].end())
    for pattern, tier in ((_ANSWER_LINE, "answer line"), (_ANSWER_IS, "the answer is")):
        places = [found.end() for found in pattern.finditer(response)]
        if places:
            text, end = _statement(response, places[-1], tier)
            if truncated and end >= len(response.rstrip()):
                return NO_ANSWER
            return _found(text, tier)
    return NO_ANSWER if truncated else _last_line(response)


def _found(text: str, tier: str) -> Extraction:
    text = unwrap(text[: LONGEST + 1])
    return Extraction(text, tier) if text and len(text) <= LONGEST else NO_ANSWER


def _boxed(response: str, start: int) -> Extraction:
    if response[start : start + 1] == "{":
        end = closing_brace(response, start + 1)
        return _found(response[start + 1 : end], "boxed") if end >= 0 else NO_ANSWER
    bare = re.compile(r"\\?[A-Za-z]+|[-\d.]+|\S").match(response, start)  # \boxed 5
    return _found(bare[0], "boxed") if bare else NO_ANSWER


def _statement(response: str, start: int, tier: str) -> tuple[str, int]:
    """What stands behind `Answer:` on its line, or on the next line with anything on it; and where it ends."""
    place = start
    while place < len(response):
        end = response.find("\n", place)
        end = len(response) if end < 0 else end
        line = response[place:end]
        if not _DECORATION.fullmatch(line.strip()):
            if tier == "the answer is":
                stop = _SENTENCE_END.search(line)
                if stop:
                    return line[: stop.start()], place + stop.end()
            return line, end
        place = end + 1
    return "", len(response)


def _last_line(response: str) -> Extraction:
    end = len(response)
    while end > 0:
        start = response.rfind("\n", 0, end) + 1
        line = response[start:end].strip()
        if line and not _DECORATION.fullmatch(line):
            break
        end = start - 1
    else:
        return NO_ANSWER
    line = unwrap(line[-LONGEST:])
    tail = line
    for found in _TAIL.finditer(line):
        rest = line[found.end() :].strip()
        if rest:
            tail = rest
    if tail == line and len(line.split()) > 6:
        return NO_ANSWER
    return _found(tail, "last line")
