"""Six chains of one reasoning: how long they may be, how a reply holds them, and what makes one unfit.

What a person would accept is normalised: code fences, rules between the levels, `**R1 (full)**`, a word count after the
answer. What breaks the study's point is a fault, with a sentence that goes back to the model.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean, median, quantiles
from typing import NamedTuple

from stages.chains.rules import SHORT, count_words, falls
from stages.study.records import ANSWER_LINE, Chain, Level
from stages.teacher.settings import CompressSettings, LevelSettings

LEAST = dict(
    zip(Level, (24, 21, 18, 16, 14, SHORT), strict=True)
)  # words a level may have, however short the reasoning
SENTENCES = 3  # of R6, at most
TAIL = 60  # characters at a text's end in which a word count may stand

_MARK = re.compile(
    r"^[ \t=#*\-\[(]*(?:level |version )?(R[1-6])(?:[ \t]*\([^()\n]{0,40}\))?[ \t\r=#*\-\]):.]*$",
    re.MULTILINE | re.IGNORECASE,
)
_DECORATION = re.compile(r"[ \t]*(?:```[\w-]*|~~~[\w-]*|[-*_=]{3,}|(?:[-*_][ \t]+){2,}[-*_])[ \t\r]*")
_ANSWER = re.compile(r"(?:final[ \t]+)?answer[ \t]{0,3}[*_]{0,3}:", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:\s[(\[]~?\d{1,5} words[)\]]|\n[(\[*_]{0,3}(?:~?\d{1,5} words|word count: ?\d{1,5}))[)\]*_.]{0,4}$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?:[.?][\"')\]]{0,2}|!(?=\s*[A-Z]|\s*$))(?:\s|$)")  # x! is no end
_LEANING = re.compile(
    r"\b(?:since|as|because|given that)\s+the\s+(?:final\s+|correct\s+|true\s+)?answer\s+(?:is|was)\s+"
    r"(?:given|known|stated|provided)|\b(?:given|known|provided|stated|expected|target)\s+answer\b|\banswer\s+key\b|"
    r"\b(?:know|told|given)\s+(?:that\s+)?the\s+(?:final\s+|correct\s+)?answer\b",
    re.IGNORECASE,
)


class Section(NamedTuple):
    """A level's text in a reply: its body, and what its last line gives as the answer (None: it is no answer line)."""

    level: Level
    body: str
    answer: str | None


def word_limits(reasoning: str, levels: Mapping[Level, LevelSettings]) -> dict[Level, int]:
    """Most words per level, falling strictly: shares of what R1 may have, and R1's of the reasoning's own words."""
    whole, limits = count_words(reasoning), dict[Level, int]()
    for level, settings in levels.items():
        allowed = round(settings.ratio * (limits[Level.R1] if limits else whole))
        allowed = max(min(allowed, settings.limit or allowed), LEAST[level])
        limits[level] = min([allowed, *(limit - 1 for limit in limits.values())])
    return limits


def parse(reply: str) -> list[Section]:
    """The marked sections of a reply, in its order; what stands before the first mark is not part of any."""
    lines = [line for line in reply.split("\n") if not _DECORATION.fullmatch(line)]
    pieces = _MARK.split("\n".join(lines))
    return [
        Section(Level(mark.upper()), *split_answer(text)) for mark, text in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def faults(
    sections: Sequence[Section],
    key: str,
    same: Callable[[str, str], bool],
    limits: Mapping[Level, int],
    settings: CompressSettings,
) -> dict[str, str]:
    """What breaks the rules of the study, as kind to sentence; empty where nothing does.

    `same(key, answer)` tells whether an answer is the key; `limits` are those that were asked for.
    """
    found: dict[str, str] = {}
    bodies = {section.level: section.body for section in sections if section.body}
    texts = {level: with_answer(body, key) for level, body in sorted(bodies.items())}
    if missing := [level for level in Level if level not in bodies]:
        found["missing level"] = f"Missing or without a word of reasoning: {', '.join(missing)}."
    if len({section.level for section in sections}) < len(sections):
        found["repeated level"] = "A level is there twice."
    if bare := [section.level for section in sections if section.body and section.answer is None]:
        found["no answer line"] = f"Without the line '{ANSWER_LINE}{key}' at the end: {', '.join(bare)}."
    if wrong := [section.level for section in sections if section.answer and not same(key, section.answer)]:
        found["wrong answer"] = f"With another answer than {key}: {', '.join(wrong)}."
    counts = {level: count_words(text) for level, text in texts.items()}
    if not falls(list(counts.values())):
        told = ", ".join(f"{level} {words}" for level, words in counts.items())
        found["length"] = f"The words do not fall from level to level: {told}."
    return found | _unfit(bodies, counts, limits, settings)


def _unfit(
    bodies: Mapping[Level, str],
    counts: Mapping[Level, int],
    limits: Mapping[Level, int],
    settings: CompressSettings,
) -> dict[str, str]:
    """Faults of texts that are whole and in order, but are not what their level stands for."""
    found: dict[str, str] = {}
    if long := [level for level, words in counts.items() if words > limits[level] * (1 + settings.margin)]:
        told = ", ".join(f"{level} {counts[level]} words where {limits[level]} are allowed" for level in long)
        found["too long"] = f"Too long: {told}."
    floors = {level: settings.levels[level].floor * limits[level] for level in counts}
    if short := [level for level, words in counts.items() if words < floors[level]]:
        told = ", ".join(f"{level} {counts[level]} words, of at least {floors[level]:.0f}" for level in short)
        found["too short"] = f"Too short, steps must be missing: {told}."
    levels = sorted(bodies)
    if same := [
        below
        for above, below in pairwise(levels)
        if counts[below] >= SHORT and resemblance(bodies[above], bodies[below]) >= settings.similarity
    ]:
        found["repetition"] = f"Nearly the words of the level above, not a shorter argument: {', '.join(same)}."
    if (sentences := count_sentences(bodies.get(Level.R6, ""))) > SENTENCES:
        found["sentences"] = f"R6 has {sentences} sentences, of at most {SENTENCES}."
    if leaning := [level for level, body in sorted(bodies.items()) if _LEANING.search(body)]:
        found["leaning"] = f"Argues from a known answer instead of reaching it: {', '.join(leaning)}."
    return found


def resemblance(first: str, second: str) -> float:
    """Share of equal word 3-grams of two texts (Jaccard), in 0..1."""
    grams: list[set[tuple[str, ...]]] = []
    for words in (text.casefold().split() for text in (first, second)):
        grams.append({tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2))})
    return len(grams[0] & grams[1]) / len(grams[0] | grams[1])


def count_sentences(text: str) -> int:
    """Sentences by their ends; a decimal point is none, and a last sentence needs no full stop."""
    pieces = (piece.strip(" \t\n\r\\[]$*") for piece in _SENTENCE_END.split(text))
    # A number alone is a list's, and a box alone is the answer once more.
    return sum(piece != "" and not piece.isdigit() and not piece.startswith("boxed{") for piece in pieces)


def split_answer(text: str) -> tuple[str, str | None]:
    """A text's body and what its last line gives as the answer; None where the last line is no answer line.

    A word count after the answer belongs to neither.
    """
    text = text.strip()
    text = (text[:-TAIL] + _COUNT.sub("", text[-TAIL:])).strip()
    body, _, last = text.rpartition("\n")
    told = _ANSWER.match(last.lstrip(" \t*_#>"))
    return (text, None) if told is None else (body.strip(), told.string[told.end() :].strip(" \t*_") or None)


def with_answer(body: str, key: str) -> str:
    """A chain's text: its body and the answer line, in the one form that all chains share."""
    return f"{body}\n{ANSWER_LINE}{key}"


def records(problem_id: str, bodies: Mapping[Level, str], key: str) -> list[Chain]:
    """The six chains of a problem, from bodies without their answer lines."""
    texts = {level: with_answer(bodies[level], key) for level in Level}
    return [
        Chain(problem_id=problem_id, level=level, text=text, words=count_words(text), answer=key)
        for level, text in texts.items()
    ]


class Lengths:
    """What metrics/chains.json says of texts, without holding on to them."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Level, tuple[int, int]]] = defaultdict(dict)

    def add(self, chain: Chain) -> None:
        """Count a chain's words and steps. Steps are the sentences and lines of its body."""
        body = chain.text.rpartition("\n")[0]
        steps = sum(count_sentences(line) for line in body.split("\n"))
        self._rows[chain.problem_id][chain.level] = (chain.words, steps)

    def summary(self) -> dict[str, object]:
        """Words and steps per level, and the share of problems whose six chains fall strictly from level to level."""
        rows = [[row[level] for level in Level] for row in self._rows.values()]
        strict = sum(all(after < before for (before, _), (after, _) in pairwise(row)) for row in rows)
        kinds = {"words": 0, "steps": 1}
        return {
            "chains": len(rows) * len(Level),
            "strictly_falling": strict / len(rows) if rows else None,
            **{
                kind: {level.value: _spread([row[number][place] for row in rows]) for number, level in enumerate(Level)}
                for kind, place in kinds.items()
                if rows
            },
        }


def _spread(values: list[int]) -> dict[str, float]:
    quarters = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return {
        "mean": fmean(values),
        "median": median(values),
        "quartile_1": quarters[0],
        "quartile_3": quarters[2],
        "min": min(values),
        "max": max(values),
    }
