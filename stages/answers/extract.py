"""The final answer of a response, by tiers, and which tier found it. Linear in the response's length."""

import re
from dataclasses import dataclass

from stages.answers.announced import ANSWER_IS, Place, answer_line, boxes, hashes, in_json, tagged
from stages.answers.conclusion import concluded
from stages.answers.limits import MAX_CHARACTERS, MAX_RESPONSE, MAX_TAIL
from stages.answers.sentences import SENTENCE, clause, looks_final, next_line
from stages.answers.thoughts import without_thoughts
from stages.answers.wrapping import unwrap

_SPECIAL = re.compile(  # marks of chat templates, signs that decorate, boxes to be filled in
    r"<[|｜][^|｜<>\n]{1,40}[|｜]>(?:(?:assistant|user|system)\n)?|<(?:start|end)_of_turn>(?:model\b)?|</?s>"
    r"|\d\ufe0f?\u20e3|(?<=\s)[:;]-?[)D](?=\s|$)|[☀-♟♨-➿□■▪◻◼∎🀀-\U0001faff\ufe0f\u200d\u20e3]"
    r"|[ \t](?:<[-=]{1,9}|[←⇐⟵])[ \t]?(?:(?:this|is|the|my|final|answer|ans|solution)[ \t!.]?){0,5}$"
    r"|\\(?:boxed|fbox)\{[ $]{0,9}(?:\.{3}|…|\\[lc]?dots|(?:(?:your|final|the) ){0,2}answer(?: here)?)?[ $]{0,9}\}"
    r"|\$?\s?\\(?:blacksquare|checkmark|qed(?:here|symbol)?)(?![A-Za-z])\s?\$?",
    re.MULTILINE,
)
_CODE = re.compile(r"```(?:python|py|sympy|sage|c|cpp|java|javascript|js|matlab|r)\b.*?```", re.DOTALL | re.IGNORECASE)
_PROSE = re.compile(r"\\boxed|\banswer\b|[A-Za-z]{3,} (?:is|are|equals|has|have|=)\s|\n.*\w.*\n", re.IGNORECASE)
_TURN = re.compile(  # where a base model goes on with another question; as lm-evaluation-harness stops there
    r"^(?:### )?(?:Question|Q|Problem|Human|User|Instruction|Student):"
    r"|^### (?:Instruction|Question|Problem|Human|User)\b"
    r"|<\|im_start\|>user|<\|start_header_id\|>user|<start_of_turn>user|<\|user\|>|\[INST\]",
    re.MULTILINE,
)


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

    Of what announces an answer, a `\\boxed{...}`, `<answer>...</answer>`, `#### ...`, JSON's `"answer"`, a line
    `Answer: ...` or such a heading, the last counts. Boxes that a comma, `and`, `or` or the labels of parts join are
    one answer, and one that is not closed is no answer, whatever stood before it. Without any, it is what stands
    behind the last `the answer is`, else what the text ends in (`concluded`). Program code is left out. Of a
    `truncated` response, what runs up to its end is no answer, because nothing tells whether it was complete. Only
    the last MAX_RESPONSE characters are read; where a further question follows an answer (`Question: ...`, a user's
    turn), only what stands before it.
    """
    said = without_thoughts(response[-4 * MAX_RESPONSE :])[0]
    turn = _TURN.search(said)
    before = _extracted(said[: turn.start()], truncated=False) if turn else NO_ANSWER
    return before if before.answer is not None else _extracted(said, truncated)


def _extracted(said: str, truncated: bool) -> Extraction:
    text = _SPECIAL.sub("", _CODE.sub("", said))[-MAX_RESPONSE:].rstrip()
    box = boxes(text)
    if box is not None and not box.text and box.end < 0:
        return NO_ANSWER
    announced = [place for place in (box, tagged(text), hashes(text), in_json(text), answer_line(text)) if place]
    whole = [place for place in announced if not (truncated and _may_go_on(place, text))]
    if announced:
        return _announced(whole) if whole else NO_ANSWER
    sentences = [sentence.end() for sentence in ANSWER_IS.finditer(text, max(0, len(text) - MAX_TAIL))]
    if sentences:
        rest, end = next_line(text, sentences[-1])
        stop = SENTENCE.search(rest)
        if truncated and end >= len(text) and not stop:
            return NO_ANSWER
        return _found(clause(rest[: stop.start()] if stop else rest), "the answer is")
    return NO_ANSWER if truncated else _found(concluded(text) or "", "last line")


def _may_go_on(place: Place, text: str) -> bool:
    """Whether a place ends where the text does, and by nothing that closes it."""
    return place.end >= len(text) + (place.tier in ("boxed", "answer tag"))


def _announced(places: list[Place]) -> Extraction:
    """The last of the places; a line that holds a box is that box, and one behind it has to look like an answer."""
    chosen = max(places, key=lambda place: (place.tier != "answer line" or looks_final(unwrap(place.text)), place.end))
    told = chosen.tier in ("answer tag", "json") and _PROSE.search(chosen.text)
    inner = _extracted(chosen.text, truncated=False).answer if told else None
    return _found(inner or chosen.text, chosen.tier)


def _found(text: str, tier: str) -> Extraction:
    text = text[: MAX_CHARACTERS + 1].strip()
    if text.endswith("$$") and text.count("$$") == 1:
        text = text[:-2]
    if text.endswith("}") and text.count("}") > text.count("{"):
        text = text[:-1]
    text = unwrap(text)
    return Extraction(text, tier) if text and len(text) <= MAX_CHARACTERS else NO_ANSWER
