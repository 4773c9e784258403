"""Six chains of one reasoning: how long they may be, how a reply holds them, and the rules they must keep."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean, median

from stages.chains.rules import SHORT, count_words, falls
from stages.study.records import ANSWER_LINE, Chain, Level

SHORTEST, LONGEST = 24, 300  # words of R1, whatever the reasoning's length

_MARK = re.compile(r"^[ \t=#*\-\[(]*(R[1-6])[ \t\r=#*\-\]):]*$", re.MULTILINE)


def word_limits(reasoning: str) -> dict[Level, int]:
    """Most words per level: from the reasoning's own length down to one to three sentences, in even ratios."""
    longest = min(max(count_words(reasoning), SHORTEST), LONGEST)
    shortest = min(max(longest // 8, SHORT), 30)
    ratio = (shortest / longest) ** (1 / (len(Level) - 1))
    return {level: round(longest * ratio**step) for step, level in enumerate(Level)}


def parse(reply: str) -> list[tuple[Level, str]]:
    """The marked sections of a reply, in its order; what stands before the first mark is not part of any."""
    pieces = _MARK.split(reply)
    return [(Level(mark), text.strip()) for mark, text in zip(pieces[1::2], pieces[2::2], strict=True)]


def faults(sections: Sequence[tuple[Level, str]], key: str, same: Callable[[str, str], bool]) -> dict[str, str]:
    """What breaks the rules of the study, as kind to sentence; empty where nothing does.

    `same(key, answer)` tells whether an answer is the key.
    """
    found: dict[str, str] = {}
    split = {level: split_answer(text) for level, text in sections if text}
    if missing := [level for level in Level if level not in split]:
        found["missing level"] = f"Missing or empty: {', '.join(missing)}."
    if len({level for level, _ in sections}) < len(sections):
        found["repeated level"] = "A level is there twice."
    if hollow := [level for level, (body, _) in split.items() if not body]:
        found["no reasoning"] = f"Without a word of reasoning: {', '.join(hollow)}."
    if bare := [level for level, (_, answer) in split.items() if answer is None]:
        found["no answer line"] = f"Without the line '{ANSWER_LINE}{key}' at the end: {', '.join(bare)}."
    if wrong := [level for level, (_, answer) in split.items() if answer is not None and not same(key, answer)]:
        found["wrong answer"] = f"With another answer than {key}: {', '.join(wrong)}."
    counts = {level: count_words(with_answer(split[level][0], key)) for level in sorted(split)}
    if not falls(list(counts.values())):
        told = ", ".join(f"{level} {words}" for level, words in counts.items())
        found["length"] = f"The words do not fall from level to level: {told}."
    return found


def split_answer(text: str) -> tuple[str, str | None]:
    """A text's body and what its last line gives as the answer; None where the last line is no answer line."""
    body, _, last = text.strip().rpartition("\n")
    last = last.strip(" \t*")
    if not last.startswith(ANSWER_LINE.strip()):
        return text.strip(), None
    return body.strip(), last.removeprefix(ANSWER_LINE.strip()).strip(" \t*") or None


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


def measure(made: Sequence[Chain]) -> dict[str, object]:
    """Words per level, and the share of problems whose six chains fall strictly from level to level."""
    words: dict[Level, list[int]] = {level: [] for level in Level}
    counts: dict[str, list[int]] = defaultdict(list)
    for chain in sorted(made, key=lambda chain: chain.level):
        words[chain.level].append(chain.words)
        counts[chain.problem_id].append(chain.words)
    strict = sum(all(after < before for before, after in pairwise(row)) for row in counts.values())
    return {
        "chains": len(made),
        "strictly_falling": round(strict / len(counts), 4) if counts else None,
        "words": {
            level.value: {"mean": round(fmean(row), 2), "median": median(row), "min": min(row), "max": max(row)}
            for level, row in words.items()
            if row
        },
    }
