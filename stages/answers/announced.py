"""Where a response announces its answer: boxes, tags, hashes, JSON, answer lines. Linear in the length."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stages.answers.conclusion import concluded
from stages.answers.limits import MAX_CHARACTERS
from stages.answers.sentences import (
    DECORATION,
    MAX_ITEMS,
    SENTENCE,
    clause,
    joined_items,
    list_items,
    looks_final,
    next_line,
    only_value,
    tail_of,
    without_bold,
    without_remark,
)
from stages.answers.wrapping import closing_brace, unwrap

_BOX = re.compile(r"(?:\\(?:boxed|fbox|framebox)(?![A-Za-z])|(?<![A-Za-z\\])(?:\x08ox|box)ed(?=\{))\s{0,9}")
_BARE_BOX = re.compile(r"\\?[A-Za-z]+|[-\d.]+|\S")  # \boxed 5
_BETWEEN_BOXES = re.compile(  # $x = \boxed{2}$ and $x = \boxed{3}$
    r"(?:[\s$.}]|\\[)\]]){0,9}(?:(?:,|;|、|，|and|or|或|和|与|及|\n[-*•]|\n\d\.|\\(?:text|mbox|quad|qquad|,)(?![a-z])|[{}])[\s$]{0,9}){1,6}"
    r"(?:[A-Za-z]\w?\s?=\s?|\\\(|\\\)|\$|\s){0,4}"
)
_BEFORE_BOX = re.compile(r"(?<![A-Za-z\\])([A-Za-z])\s?=\s?\$?\s?$")
_NEXT_PART = re.compile(r"^[ \t*_#>\-]{0,20}(?:part )?\(?[b-h]\)", re.MULTILINE | re.IGNORECASE)
MAX_PART = 1500  # characters between the boxes of two parts
_TAG = re.compile(r"[<\[](/?)(?:final[-_ ]?)?(?:answer|result|solution)[>\]]", re.IGNORECASE)
_HASHES = re.compile(r"^####[ \t]{0,4}([^\n]{1,200})$", re.MULTILINE)
_JSON = re.compile(
    r'["\x27]((?:final[_ ]?)?answer|result|solution)["\x27]\s{0,9}:\s{0,9}'
    r'("(?:[^"\\\n]|\\.){0,2000}"|[^,}\n"\[{]{1,200}|(?=[\[{]))',
    re.IGNORECASE,
)
_KEYWORD = re.compile(
    r"(?:answers?|ans|results?|solutions?)(?![a-z])|答案?(?=\s{0,4}[:：是为])|答え"
    r"|ответ|réponse|respuesta|antwort|resposta|risposta",
    re.IGNORECASE,
)
_TELLS = re.compile(r"\b(?:is|are|was|were|has|have|had|will|there|needs?|gets?|can|must|costs?|takes?)\b|[一-鿿]")
_LINE_START = re.compile(
    r"[ \t>#*_\-+`$\\\[(]{0,20}(?:\d{1,2}[.)][ \t]{1,4}[*_]{0,3})?(?:\\?(?:text|textbf|mathbf|mathrm|bf)\{ {0,4})?"
    r"(?:(?:so|thus|hence|therefore)[, ]\s?)?(?:(?:the|my|our|your) )?"
    r"(?:(?:final|correct|short|quick|simplified|exact|numerical|required|complete)[ _-]){0,2}",
    re.IGNORECASE,
)
_LINE_SIGN = re.compile(
    r"(?:[ \t]{0,4}[*_]{0,3}[ \t]{0,4}(?:[:：]|=>?|-{1,3}>|→|⇒|➡|是|为)|[ \t]{1,4}[-–—](?=[ \t])|\.(?=[ \t]*[-\d$\\])"
    r"|(?=[ \t]\([A-H]\)))"
    r"[ \t]{0,4}\}?[*_`]{0,3}[ \t]{0,9}"
    r"|[ \t*_]{0,9}(?=\n)"  # a heading
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
    starts = list(_BOX.finditer(text))[-9:]
    if not starts:
        return None
    last = _box(text, starts[-1])
    if last is None:
        return Place("", starts[-1].start(), -1, "boxed")
    chain = [last]
    for start in reversed(starts[:-1]):
        box = _box(text, start)
        if box is None or box.end > chain[0].start or not _are_joined(text, box.end, chain[0].start):
            break
        chain.insert(0, box)
    found = [box.text for box in chain]
    names = [_BEFORE_BOX.search(text[max(0, box.start - 20) : box.start]) for box in chain]
    letters = [name[1] for name in names if name]
    if len(set(found)) == 1 and len(set(letters)) < 2:
        return last
    if len(set(letters)) == len(found):
        found = [f"{letter} = {value}" for letter, value in zip(letters, found, strict=True)]
    return Place(", ".join(found), chain[0].start, last.end, "boxed")


def _box(text: str, start: re.Match[str]) -> Place | None:
    """The box that begins at `start`; None if it is not closed."""
    if text[start.end() : start.end() + 1] == "{":
        end = closing_brace(text, start.end() + 1)
        return None if end < 0 else Place(text[start.end() + 1 : end], start.start(), end + 1, "boxed")
    bare = _BARE_BOX.match(text, start.end())
    return Place(bare[0], start.start(), bare.end(), "boxed") if bare else None


def _are_joined(text: str, end: int, start: int) -> bool:
    """Whether two boxes are one answer: a comma or a word between them, or the label of a problem's next part."""
    return bool(_BETWEEN_BOXES.fullmatch(text, end, start)) or (
        start - end <= MAX_PART and bool(_NEXT_PART.search(text, end, start))
    )


def tagged(text: str) -> Place | None:
    """The last `<answer>...</answer>`; a closing tag at the end may be missing, for many a model is stopped there."""
    tags = list(_TAG.finditer(text))[-50:]
    for opening, closing in reversed(list(zip(tags, [*tags, None][1:], strict=True))):
        end, behind = (closing.start(), closing.end()) if closing else (len(text), len(text) + 1)
        if not opening[1] and (closing is None or closing[1]) and text[opening.end() : end].strip():
            return Place(text[opening.end() : end], opening.start(), behind, "answer tag")
    return None


def hashes(text: str) -> Place | None:
    """GSM8K's `#### 18`; a heading with four hashes is none."""
    found = [match for match in _HASHES.finditer(text) if looks_final(match[1].strip())]
    return Place(found[-1][1], found[-1].start(), found[-1].end(), "hashes") if found else None


def in_json(text: str) -> Place | None:
    """The value of `answer` or `final_answer`, else of `result` or `solution`.

    A backslash that JSON would turn into a control character is LaTeX's.
    """
    found = list(_JSON.finditer(text))
    found = [match for match in found if match[1].lower().endswith("answer")] or found
    if not found:
        return None
    value = found[-1][2].strip()
    if value.startswith('"'):
        try:
            decoded = json.loads(value)
        except ValueError:
            decoded = value[1:-1]
        value = value[1:-1] if any(ord(character) < 32 for character in decoded) else decoded
    elif not value:
        value = _flat(text[found[-1].end() : found[-1].end() + MAX_CHARACTERS])
    return Place(value, found[-1].start(), found[-1].end(), "json")


def _flat(text: str) -> str:
    """The list or the object that JSON text begins with, as `2, 3` or `x = 2, y = 3`; empty where it is nested."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(value, dict) and len(value) == 1:
        value = list(value.values())
    parts = value.items() if isinstance(value, dict) else [("", part) for part in value]
    if any(isinstance(part, dict | list) for _, part in parts):
        return ""
    return ", ".join(f"{name} = {part}" if name else str(part) for name, part in parts)


def _lines(text: str) -> Iterator[tuple[int, bool]]:
    """Where what a line `Answer: ...` announces begins, last first; and whether its word is `answer`."""
    for keyword in reversed(list(_KEYWORD.finditer(text))[-500:]):
        start = text.rfind("\n", max(0, keyword.start() - 100), keyword.start()) + 1
        if keyword.start() - start > 80 or not _LINE_START.fullmatch(text, start, keyword.start()):
            continue
        sign = _LINE_SIGN.match(text, keyword.end())
        if sign:
            certain = keyword[0][:3].lower() not in ("res", "sol")
            if certain or sign[0].strip(" \t*_"):
                yield sign.end(), certain


def answer_line(text: str) -> Place | None:
    """The last line `Answer: ...`; a line `Result: ...` or `Solution: ...` has to look like an answer."""
    for place, (start, certain) in enumerate(_lines(text)):
        line, end = next_line(text, start)
        joined = _items_below(text, start) if certain else None
        if joined:
            return Place(joined, start, end, "answer line")
        below = "\n" in text[start : end - len(line)] and text[end:].strip()
        if not place and below and "\\boxed" not in text[start:] and not looks_final(unwrap(line)):
            told = concluded(text[start:])  # a heading, and an argument below it
            if told:
                return Place(told, start, len(text), "answer line")
        reduced = _reduced(line)
        if certain or (line and looks_final(unwrap(reduced))):
            return Place(reduced, start, end, "answer line")
    return None


def _items_below(text: str, start: int) -> str | None:
    """The items of a list that begins on the line below."""
    first, *below = text[start : start + MAX_CHARACTERS].split("\n", MAX_ITEMS + 1)
    return joined_items(list_items(below[:MAX_ITEMS])) if DECORATION.fullmatch(first) else None


def _reduced(line: str) -> str:
    """What an answer line says: its first sentence, or the tail of that where it is prose."""
    announced = ANSWER_IS.search(line)
    line = line[announced.end() :] if announced else line
    stop = SENTENCE.search(line)
    sentence = line[: stop.start()] if stop else line
    if looks_final(unwrap(sentence)):
        return (
            clause(sentence) if re.search(r", (?:because|since|which|where|so)", sentence) else without_remark(sentence)
        )
    tail = tail_of(without_bold(sentence))
    if tail and looks_final(tail):
        return tail
    told = _TELLS.search(sentence) or "**" in sentence
    return (told and only_value(sentence)) or sentence
