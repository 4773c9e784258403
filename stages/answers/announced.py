"""Where a response announces its answer: boxes, tags, hashes, JSON, answer lines. Linear in the length."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stages.answers.sentences import SENTENCE, clause, looks_final, next_line, tail_of
from stages.answers.wrapping import closing_brace, unwrap

_BOX = re.compile(r"\\(?:boxed|fbox)(?![A-Za-z])\s{0,9}")
_BARE_BOX = re.compile(r"\\?[A-Za-z]+|[-\d.]+|\S")  # \boxed 5
_BETWEEN_BOXES = re.compile(  # $x = \boxed{2}$ and $x = \boxed{3}$
    r"[\s$.}]{0,9}(?:(?:,|;|and|or|\\(?:text|mbox|quad|qquad|,)(?![a-z])|[{}])[\s$]{0,9}){1,6}"
    r"(?:[A-Za-z]\w?\s?=\s?|\\\(|\\\)|\$|\s){0,4}"
)
_BEFORE_BOX = re.compile(r"(?<![A-Za-z\\])([A-Za-z])\s?=\s?\$?\s?$")
_TAGS = (("<answer>", "</answer>"), ("[answer]", "[/answer]"))
_HASHES = re.compile(r"^####[ \t]{0,4}([^\n]{1,200})$", re.MULTILINE)
_JSON = re.compile(
    r'"(?:final[_ ]?answer|answer)"\s{0,9}:\s{0,9}("(?:[^"\\\n]|\\.){0,2000}"|[^,}\n"]{1,200})', re.IGNORECASE
)
_KEYWORD = re.compile(r"(?:answers?|ans|results?|solutions?)(?![a-z])|答案", re.IGNORECASE)
_LINE_START = re.compile(
    r"[ \t>#*_\-+`$\\\[(]{0,20}(?:\d{1,2}[.)][ \t]{1,4}[*_]{0,3})?(?:\\?(?:text|textbf|mathbf|mathrm|bf)\{ {0,4})?"
    r"(?:(?:so|thus|hence|therefore)[, ]\s?)?(?:(?:the|my|our) )?(?:(?:final|correct) )?",
    re.IGNORECASE,
)
_LINE_SIGN = re.compile(
    r"(?:[ \t]{0,4}[*_]{0,3}[ \t]{0,4}(?:[:=：]|是|为)|[ \t]{1,4}[-–—](?=[ \t])|\.(?=[ \t]*[-\d$\\])"
    r"|(?=[ \t]\([A-H]\)))"
    r"[ \t]{0,4}\}?[*_`]{0,3}[ \t]{0,9}"
)
ANSWER_IS = re.compile(
    r"\b(?:answer|ans|option|choice)(?: to [^\n.:]{1,80}?)? "
    r"(?:is|are|equals|(?:would|should|must|will|may) be|turns out to be|comes out to be|has to be)"
    r"(?: therefore| thus| then| simply| just)?:?[ \t]{0,9}|答案(?:是|为|：|:)[ \t]{0,9}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """An answer that a response announces, and where it begins and ends."""

    text: str
    start: int
    end: int
    tier: str


def boxes(text: str) -> Place | None:
    """The last box, with those before it that are joined to it; with no text and a negative end if it is not closed."""
    starts = [box.end() for box in _BOX.finditer(text)][-9:]
    if not starts:
        return None
    last = _box(text, starts[-1])
    if last is None:
        return Place("", starts[-1], -1, "boxed")
    found, names = (
        [last.text],
        [_BEFORE_BOX.search(text[max(0, _box_start(text, last.start) - 20) : _box_start(text, last.start)])],
    )
    first = _box_start(text, last.start)
    for start in reversed(starts[:-1]):
        box = _box(text, start)
        if box is None or box.end > first or not _BETWEEN_BOXES.fullmatch(text, box.end, first):
            break
        first = _box_start(text, start)
        found.insert(0, box.text)
        names.insert(0, _BEFORE_BOX.search(text[max(0, first - 20) : first]))
    letters = [name[1] for name in names if name]
    if len(set(found)) == 1 and len(set(letters)) < 2:
        return last
    if len(set(letters)) == len(found):
        found = [f"{letter} = {value}" for letter, value in zip(letters, found, strict=True)]
    return Place(", ".join(found), first, last.end, "boxed")


def _box_start(text: str, content: int) -> int:
    return max(text.rfind("\\boxed", 0, content), text.rfind("\\fbox", 0, content))


def _box(text: str, start: int) -> Place | None:
    """The box whose contents begin behind `start`; None if it is not closed."""
    if text[start : start + 1] == "{":
        end = closing_brace(text, start + 1)
        return None if end < 0 else Place(text[start + 1 : end], start, end + 1, "boxed")
    bare = _BARE_BOX.match(text, start)
    return Place(bare[0], start, bare.end(), "boxed") if bare else None


def tagged(text: str) -> Place | None:
    """The last `<answer>...</answer>`."""
    lower = text.lower()
    for opening, closing in _TAGS:
        end = lower.rfind(closing)
        start = lower.rfind(opening, 0, max(end, 0))
        if end >= 0 and start >= 0 and text[start + len(opening) : end].strip():
            return Place(text[start + len(opening) : end], start, end + len(closing), "answer tag")
    return None


def hashes(text: str) -> Place | None:
    """GSM8K's `#### 18`; a heading with four hashes is none."""
    found = [match for match in _HASHES.finditer(text) if looks_final(match[1].strip())]
    return Place(found[-1][1], found[-1].start(), found[-1].end(), "hashes") if found else None


def in_json(text: str) -> Place | None:
    """The value of `answer` or `final_answer`; a backslash that JSON would turn into a control character is LaTeX's."""
    found = list(_JSON.finditer(text))
    if not found:
        return None
    value = found[-1][1].strip()
    if value.startswith('"'):
        try:
            decoded = json.loads(value)
        except ValueError:
            decoded = value[1:-1]
        value = value[1:-1] if any(ord(character) < 32 for character in decoded) else decoded
    return Place(value, found[-1].start(), found[-1].end(), "json")


def _lines(text: str) -> Iterator[tuple[int, bool]]:
    """Where what a line `Answer: ...` announces begins, last first; and whether its word is `answer`."""
    for keyword in reversed(list(_KEYWORD.finditer(text))[-500:]):
        start = text.rfind("\n", max(0, keyword.start() - 100), keyword.start()) + 1
        if keyword.start() - start > 80 or not _LINE_START.fullmatch(text, start, keyword.start()):
            continue
        sign = _LINE_SIGN.match(text, keyword.end())
        if sign:
            yield sign.end(), keyword[0][:3].lower() == "ans" or keyword[0] == "答案"


def answer_line(text: str) -> Place | None:
    """The last line `Answer: ...`; a line `Result: ...` or `Solution: ...` has to look like an answer."""
    for start, certain in _lines(text):
        line, end = next_line(text, start)
        reduced = _reduced(line)
        if certain or (line and looks_final(unwrap(reduced))):
            return Place(reduced, start, end, "answer line")
    return None


def _reduced(line: str) -> str:
    """What an answer line says: its first sentence, or the tail of that where it is prose."""
    announced = ANSWER_IS.search(line)
    line = line[announced.end() :] if announced else line
    stop = SENTENCE.search(line)
    sentence = line[: stop.start()] if stop else line
    if looks_final(unwrap(sentence)):
        return clause(sentence) if re.search(r", (?:because|since|which|where|so)", sentence) else sentence
    tail = tail_of(sentence)
    return tail if tail and looks_final(tail) else sentence
