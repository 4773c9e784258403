"""The final answer of a response, by tiers, and which tier found it. Linear in the response's length."""

import re
from dataclasses import dataclass

from stages.answers.announced import ANSWER_IS, Place, answer_line, boxes, hashes, in_json, tagged
from stages.answers.limits import MAX_CHARACTERS, MAX_RESPONSE, MAX_TAIL
from stages.answers.sentences import DECORATION, SENTENCE, clause, looks_final, next_line, split, tail_of
from stages.answers.thoughts import without_thoughts
from stages.answers.wrapping import unwrap

_SPECIAL = re.compile(r"<[|｜][^|｜<>\n]{1,40}[|｜]>(?:(?:assistant|user|system)\n)?|</?s>")  # of chat templates
_POLITE = re.compile(r"\W{0,9}(?:I hope|hope |let me know|feel free|if you |please )", re.IGNORECASE)
_RIGHT_CHOICE = re.compile(
    r"(?<![A-Za-z])\(?\b([A-H])\b\)?\s{1,3}is (?:therefore |thus )?(?:the )?(?:correct|right|best)\b"
)
_ONE_NUMBER = re.compile(
    r"(?<![\w.^_/])[-−]?[$£€]?\d[\d,]{0,20}(?:\.\d{1,20})?(?:/\d{1,9})?%?(?: [A-Za-z]{1,15}){0,3}$"
)
_SET_PHRASE = re.compile(
    r"\b(no (?:real |such )?(?:solutions?|values?|numbers?)|infinitely many(?: solutions)?|does not exist|undefined"
    r"|all real numbers)(?: exists?)?$",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:align|equation|gather|aligned)\*?\}|\$\$")


@dataclass(frozen=True, slots=True)
class Extraction:
    """`answer` is None where there is none; `tier` says what found it.

    Tiers: boxed, answer tag, hashes, json, answer line, the answer is, last line; none.
    """

    answer: str | None
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
    box = boxes(text)
    if box is not None and not box.text and box.end < 0:
        return NO_ANSWER
    announced = [place for place in (box, tagged(text), hashes(text), in_json(text)) if place]
    line = answer_line(text)
    if line is not None and not (truncated and line.end >= len(text)):
        announced.append(line)
    if announced:
        return _announced(announced)
    if line is not None:
        return NO_ANSWER
    sentences = [sentence.end() for sentence in ANSWER_IS.finditer(text, max(0, len(text) - MAX_TAIL))]
    if sentences:
        rest, end = next_line(text, sentences[-1])
        stop = SENTENCE.search(rest)
        if truncated and end >= len(text) and not stop:
            return NO_ANSWER
        return _found(clause(rest[: stop.start()] if stop else rest), "the answer is")
    return NO_ANSWER if truncated else _last_line(text)


def _announced(places: list[Place]) -> Extraction:
    """The last of the places; a line that holds a box is that box, and one behind it has to look like an answer."""
    chosen = max(places, key=lambda place: (place.tier != "answer line" or looks_final(unwrap(place.text)), place.end))
    return _found(chosen.text, chosen.tier)


def _found(text: str, tier: str) -> Extraction:
    text = text[: MAX_CHARACTERS + 1].strip().rstrip("✓✔☑✅∎□ ")
    if text.endswith("$$") and text.count("$$") == 1:
        text = text[:-2]
    if text.endswith("}") and text.count("}") > text.count("{"):
        text = text[:-1]
    text = unwrap(text)
    return Extraction(text, tier) if text and len(text) <= MAX_CHARACTERS else NO_ANSWER


def _last_line(response: str) -> Extraction:
    """What stands behind the last sign or word that announces a result in the last sentence of the last line."""
    end = len(response)
    while end > 0:
        start = response.rfind("\n", 0, end) + 1
        line = response[max(start, end - MAX_CHARACTERS) : end]
        if not DECORATION.fullmatch(line) and not _POLITE.match(line):
            break
        end = start - 1
    else:
        return NO_ANSWER
    line = _ENVIRONMENT.sub(" ", line).replace("**", "").replace("__", "").strip().rstrip("*_` ")
    if line.endswith((":", "=")):
        return NO_ANSWER
    sentences = [part.strip() for part in split(SENTENCE, line) if part.strip(" .)")]
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
    tail = tail_of(sentences[-1])
    if looks_final(tail):
        return _found(tail, "last line")
    number = _ONE_NUMBER.search(sentences[-1].rstrip(".!* "))  # So the train travels 120 miles.
    lone = number is not None and not re.search(r"\d", sentences[-1][: number.start()])
    return _found(number[0], "last line") if number is not None and lone else NO_ANSWER
