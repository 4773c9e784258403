"""The final answer of a response, by tiers, and which tier found it. Linear in the response's length."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stages.answers.limits import MAX_CHARACTERS, MAX_RESPONSE, MAX_TAIL
from stages.answers.thoughts import without_thoughts
from stages.answers.words import FAMILIES
from stages.answers.wrapping import closing_brace, unwrap

_SPECIAL = re.compile(r"<[|｜][^|｜<>\n]{1,40}[|｜]>(?:(?:assistant|user|system)\n)?|</?s>")  # of chat templates
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
_ANSWER_IS = re.compile(
    r"\b(?:answer|ans|option|choice)(?: to [^\n.:]{1,80}?)? "
    r"(?:is|are|equals|(?:would|should|must|will|may) be|turns out to be|comes out to be|has to be)"
    r"(?: therefore| thus| then| simply| just)?:?[ \t]{0,9}|答案(?:是|为|：|:)[ \t]{0,9}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.?](?=\s+[A-Z\\($]|\s*$)|!(?=\s+[A-Z]|\s*$)|。")
_CLAUSE = re.compile(
    r",\s+(?!(?:and|or)\s+[-\d\\$(√A-Zx-z])(?=[a-z]{2,}\b)|\s(?:because|since|which|where|when|but|so|by|as)\s|;\s"
)
_OPENING = re.compile(r"(?:(?:so|thus|hence|therefore|then|conclusion|result)[,:]?\s+)+", re.IGNORECASE)
_MARKER = re.compile(
    r"=>|⟹|∴|(?<![<>!:])=|→|⇒|\\(?:implies|Rightarrow|to|rightarrow|therefore)(?![A-Za-z])|:(?=\s)"
    r"|\b(?:is|are|equals|was|be|gets?|gives?|giving|yields?|(?<!\d )(?<!\d\$ )to|total|total of|only|takes?|costs?"
    r"|needs?|has|have|its|it's|makes?)(?=[\s$\\])",
    re.IGNORECASE,
)
_ADVERB = re.compile(
    r"(?:approximately|about|roughly|around|exactly|equal to|simply|just|therefore|thus|also|now|at|of|then)\s+",
    re.IGNORECASE,
)
_POLITE = re.compile(r"\W{0,9}(?:I hope|hope |let me know|feel free|if you |please )", re.IGNORECASE)
_RIGHT_CHOICE = re.compile(
    r"(?<![A-Za-z])\(?\b([A-H])\b\)?\s{1,3}is (?:therefore |thus )?(?:the )?(?:correct|right|best)\b"
)
_ONE_NUMBER = re.compile(
    r"(?<![\w.^_/])[-−]?[$£€]?\d[\d,]{0,20}(?:\.\d{1,20})?(?:/\d{1,9})?%?(?: [A-Za-z]{1,15}){0,3}$"
)
_ALMOST = re.compile(r"≈|\\approx(?![A-Za-z])")
_SET_PHRASE = re.compile(
    r"\b(no (?:real |such )?(?:solutions?|values?|numbers?)|infinitely many(?: solutions)?|does not exist|undefined"
    r"|all real numbers)(?: exists?)?$",
    re.IGNORECASE,
)
_ASSIGNMENTS = re.compile(
    r"(?:\b[a-zA-Z]\s?=\s?[-+\w./√π\\{}^]{1,30}(?:\s?,\s?(?:(?:and|or)\s)?|\s(?:and|or)\s)\s?){1,9}[a-zA-Z]\s?=\s?[-+\w./√π\\{}^]{1,30}$"
)
_NAME = re.compile(r"(?:^|[\s($,;])([A-Za-z])\s?$")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:align|equation|gather|aligned)\*?\}|\$\$")
_DOLLARS = re.compile(r"(?<!\\)\$([^$]{1,200})(?<!\\)\$(?!\d)")
_DOLLAR = re.compile(r"(?<!\\)\$(?!\d)")  # what is left of a formula that began before the tail
_DECORATION = re.compile(  # no two of its alternatives can match at the same place, so that it never goes back
    r"(?:[\s>#*_`\-=|~.□∎]|\\[\])\[]|\$\$|(?<=```)[A-Za-z]+|\\end\{[a-z*]{1,20}\}|\\blacksquare|(?<!`)QED|[✓✔☑✅])*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extraction:
    """`answer` is None where there is none; `tier` says what found it.

    Tiers: boxed, answer tag, hashes, json, answer line, the answer is, last line; none.
    """

    answer: str | None
    tier: str


@dataclass(frozen=True, slots=True)
class _Place:
    """An answer that a response announces, and where it begins and ends."""

    text: str
    start: int
    end: int
    tier: str


NO_ANSWER = Extraction(None, "none")


def extract(response: str, truncated: bool = False) -> Extraction:
    """The final answer of a response; thoughts (`without_thoughts`) are no part of it.

    Of what announces an answer, a `\\boxed{...}`, `<answer>...</answer>`, `#### ...`, JSON's `"answer"` or a line
    `Answer: ...`, the last counts; boxes that a comma, `and` or `or` joins are one answer, and one that is not closed
    is no answer, whatever stood before it. Without any, it is what stands behind the last `the answer is`, else the
    tail of the last line. Of a `truncated` response, what runs up to its end is no answer, because nothing tells
    whether it was complete. Only the last MAX_RESPONSE characters are read.
    """
    text = _SPECIAL.sub("", without_thoughts(response[-4 * MAX_RESPONSE :])[0])[-MAX_RESPONSE:].rstrip()
    box = _boxes(text)
    if box is not None and not box.text and box.end < 0:
        return NO_ANSWER
    announced = [place for place in (box, _tagged(text), _hashes(text), _in_json(text)) if place]
    line = _answer_line(text)
    if line is not None and not (truncated and line.end >= len(text)):
        announced.append(line)
    if announced:
        return _announced(announced)
    if line is not None:
        return NO_ANSWER
    sentences = [sentence.end() for sentence in _ANSWER_IS.finditer(text, max(0, len(text) - MAX_TAIL))]
    if sentences:
        rest, end = _next_line(text, sentences[-1])
        stop = _SENTENCE.search(rest)
        if truncated and end >= len(text) and not stop:
            return NO_ANSWER
        return _found(_clause(rest[: stop.start()] if stop else rest), "the answer is")
    return NO_ANSWER if truncated else _last_line(text)


def _announced(places: list[_Place]) -> Extraction:
    """The last of the places; a line that holds a box is that box, and one behind it has to look like an answer."""
    chosen = max(places, key=lambda place: (place.tier != "answer line" or _looks_final(unwrap(place.text)), place.end))
    return _found(chosen.text, chosen.tier)


def _boxes(text: str) -> _Place | None:
    """The last box, with those before it that are joined to it; with no text and a negative end if it is not closed."""
    starts = [box.end() for box in _BOX.finditer(text)][-9:]
    if not starts:
        return None
    last = _box(text, starts[-1])
    if last is None:
        return _Place("", starts[-1], -1, "boxed")
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
    return _Place(", ".join(found), first, last.end, "boxed")


def _box_start(text: str, content: int) -> int:
    return max(text.rfind("\\boxed", 0, content), text.rfind("\\fbox", 0, content))


def _box(text: str, start: int) -> _Place | None:
    """The box whose contents begin behind `start`; None if it is not closed."""
    if text[start : start + 1] == "{":
        end = closing_brace(text, start + 1)
        return None if end < 0 else _Place(text[start + 1 : end], start, end + 1, "boxed")
    bare = _BARE_BOX.match(text, start)
    return _Place(bare[0], start, bare.end(), "boxed") if bare else None


def _tagged(text: str) -> _Place | None:
    """The last `<answer>...</answer>`."""
    lower = text.lower()
    for opening, closing in _TAGS:
        end = lower.rfind(closing)
        start = lower.rfind(opening, 0, max(end, 0))
        if end >= 0 and start >= 0 and text[start + len(opening) : end].strip():
            return _Place(text[start + len(opening) : end], start, end + len(closing), "answer tag")
    return None


def _hashes(text: str) -> _Place | None:
    """GSM8K's `#### 18`; a heading with four hashes is none."""
    found = [match for match in _HASHES.finditer(text) if _looks_final(match[1].strip())]
    return _Place(found[-1][1], found[-1].start(), found[-1].end(), "hashes") if found else None


def _in_json(text: str) -> _Place | None:
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
    return _Place(value, found[-1].start(), found[-1].end(), "json")


def _lines(text: str) -> Iterator[tuple[int, bool]]:
    """Where what a line `Answer: ...` announces begins, last first; and whether its word is `answer`."""
    for keyword in reversed(list(_KEYWORD.finditer(text))[-500:]):
        start = text.rfind("\n", max(0, keyword.start() - 100), keyword.start()) + 1
        if keyword.start() - start > 80 or not _LINE_START.fullmatch(text, start, keyword.start()):
            continue
        sign = _LINE_SIGN.match(text, keyword.end())
        if sign:
            yield sign.end(), keyword[0][:3].lower() == "ans" or keyword[0] == "答案"


def _answer_line(text: str) -> _Place | None:
    """The last line `Answer: ...`; a line `Result: ...` or `Solution: ...` has to look like an answer."""
    for start, certain in _lines(text):
        line, end = _next_line(text, start)
        reduced = _reduced(line)
        if certain or (line and _looks_final(unwrap(reduced))):
            return _Place(reduced, start, end, "answer line")
    return None


def _reduced(line: str) -> str:
    """What an answer line says: its first sentence, or the tail of that where it is prose."""
    announced = _ANSWER_IS.search(line)
    line = line[announced.end() :] if announced else line
    stop = _SENTENCE.search(line)
    sentence = line[: stop.start()] if stop else line
    if _looks_final(unwrap(sentence)):
        return _clause(sentence) if re.search(r", (?:because|since|which|where|so)", sentence) else sentence
    tail = _tail(sentence)
    return tail if tail and _looks_final(tail) else sentence


def _found(text: str, tier: str) -> Extraction:
    text = text[: MAX_CHARACTERS + 1].strip().rstrip("✓✔☑✅∎□ ")
    if text.endswith("$$") and text.count("$$") == 1:
        text = text[:-2]
    if text.endswith("}") and text.count("}") > text.count("{"):
        text = text[:-1]
    text = unwrap(text)
    return Extraction(text, tier) if text and len(text) <= MAX_CHARACTERS else NO_ANSWER


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
        if not _DECORATION.fullmatch(line) and not _POLITE.match(line):
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
    while sentences and _POLITE.match(sentences[-1]):
        sentences.pop()
    if not sentences:
        return NO_ANSWER
    phrase = _SET_PHRASE.search(sentences[-1].rstrip(".! "))
    if phrase:
        return _found(phrase[1], "last line")
    choice = _RIGHT_CHOICE.search(sentences[-1])
    if choice:
        return _found(choice[1], "last line")
    tail = _tail(sentences[-1])
    if _looks_final(tail):
        return _found(tail, "last line")
    number = _ONE_NUMBER.search(sentences[-1].rstrip(".!* "))  # So the train travels 120 miles.
    lone = number is not None and not re.search(r"\d", sentences[-1][: number.start()])
    return _found(number[0], "last line") if number is not None and lone else NO_ANSWER


def _tail(sentence: str) -> str:
    """What a sentence says behind its last sign or word that announces a result."""
    sentence = _without_remark(_OPENING.sub("", unwrap(sentence.lstrip("=>→⇒⟹∴ ")), count=1))
    before, _, which = sentence.partition(", which ")
    sentence = sentence if re.search(r"\d", which) else before
    plain = " ".join(_DOLLAR.sub(" ", _DOLLARS.sub(r" \1 ", sentence)).split())
    assignments = _ASSIGNMENTS.search(plain[-300:].rstrip("\\)$ "))
    if assignments:
        return assignments[0]
    markers = list(_MARKER.finditer(sentence))
    tail = sentence[markers[-1].end() :].strip() if markers else sentence
    if markers and markers[-1][0] == "=" and re.search(r"(?<![\\a-z])[a-z](?![a-z])", _ALMOST.split(tail)[0]):
        name = _NAME.search(sentence, 0, markers[-1].start())
        tail = f"{name[1]} = {tail}" if name else tail
    tail = _DOLLAR.sub(" ", _DOLLARS.sub(r" \1 ", tail)).strip()
    tail = _ADVERB.sub("", tail, count=1) if _ADVERB.match(tail) else tail
    return tail if _looks_final(tail) else _ALMOST.split(tail)[-1].strip()


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
    if re.match(r"[-+−±]?[\d.√π$\\(\[{|∞½¼¾⅓⅔]|[A-Za-z](?![A-Za-z'’]| (?!and|or)[a-z]{2,})", tail.strip("*_")):
        return len(words) <= 4
    return 0 < len(words) <= 2 and any(words[0].lower() in family for family in FAMILIES)
