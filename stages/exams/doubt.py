"""How far a reading can be trusted: what speaks against it, and the share of such readings that are right.

The share comes from a logistic regression on 225 questions of eleven real papers whose right text is known, with the
network as second reader. `python -m tests.exams.calibrate` fits it and prints `WEIGHTS`, natural logarithms of odds.
21 transcriptions differ from the page or in notation; `tests/exams/relabelled.tsv` names them. Leaving out one file at
a time, the area under the curve is 0.81; of all questions, 75 of 100 are usable and read with 0.9 or more, and of these
4 of 100 are wrong (11, with transcriptions as they are). Other papers will be read worse.
"""

import math
import re
from collections.abc import Sequence

from stages.exams.dispute import Dispute
from stages.exams.keys import KeyEntry
from stages.exams.outline import ReadLine

ODD = [  # what no well-read statement holds, and how a person would call it
    (re.compile(r"\(\s*\)|\[\s*\]|[\^_](?![\w(√-])|[\^_]\(\s*\)"), "an empty bracket or exponent"),
    (re.compile(r"(?<![A-Za-z_^])[a-zA-Z]\d|[a-z]{2}\d"), "a letter with a digit beside it"),
    (re.compile(r"\d[lIOo](?![a-z])|(?<![A-Za-z])[lIO]\d|1og|l0g|log\d"), "a digit that may be a letter"),
    (re.compile(r"[=+<>≤≥]\s*[=+,.;)]|[-+=(]\s*$|[-+=]\s+\."), "an operator without an operand"),
    (re.compile(r"[#\\@~∑∫]|,\s*,|,\s*\.(?!\.)|'\^|\^'|·\s*[,.]"), "a sign out of place"),
    (re.compile(r"\w\^?°\^?\d|[a-z]'\s*[-+=]|\^t\b"), "an exponent out of place"),
    (re.compile(r"\bZ[A-Z]{2,3}\b|-_|\b[A-Z] [A-Z] of\b"), "letters that may stand for signs"),
    (re.compile(r"[\^_]\([^()]*[A-Za-z]{3,}"), "words in an exponent"),
    (re.compile(r"(?:\s|^)-(?:\s+[a-z]{2,}|\s*$)"), "a lone bar, as of a fraction"),
    (re.compile(r"[a-z] ?(?:The|Find|What|If|Let|Give|Express|How|There|By)\b"), "a sentence without an end"),
]
FINAL = re.compile(r"[.?!:)}\]|\"\d°]\s*$|\b[a-z]\b\s*$")


def statement_doubt(lines: Sequence[ReadLine], statement: str) -> tuple[float, float | None, list[str]]:
    """Confidence that a statement is right, the second reader's agreement, and what speaks against it."""
    total = total_dispute(lines)
    doubts = odd(statement)
    if total is None:  # a text layer says what it is
        return 1.0, None, doubts
    found = features(lines, total, doubts)
    doubts += [f"{name} disputed" for name in ("numerals", "signs", "letters") if getattr(total, name)]
    odds = WEIGHTS[0] + sum(weight * value for weight, value in zip(WEIGHTS[1:], found, strict=True))
    return 1 / (1 + math.exp(-odds)), total.agreement, doubts


def features(lines: Sequence[ReadLine], total: Dispute, doubts: Sequence[str]) -> list[float]:
    """What the confidence is computed from, each in 0..1 or so."""
    weight = sum(line.weight for line in lines) or 1
    return [
        min(1.0, total.numerals / 3),
        min(1.0, total.signs / 3),
        min(1.0, total.letters / 6),
        min(1.0, total.unjudged / 6),
        min(1.0, len(doubts) / 2),
        min(1.0, sum(line.stacked for line in lines) / 3),
        1 - min(line.lowest for line in lines),
        float(any(line.lowest == 0.0 for line in lines)),  # ink that no text accounts for
        min(1.0, 20 * sum(line.weight * (1 - line.confidence) for line in lines) / weight),
    ]


WEIGHTS = (3.23, -0.33, -0.55, -1.71, -0.15, -3.91, -1.66, 0.0, -0.09, -1.14)


def odd(statement: str) -> list[str]:
    """What looks wrong about a statement, whoever reads it."""
    found = [name for pattern, name in ODD if pattern.search(statement)]
    if any(statement.count(one) != statement.count(other) for one, other in ("()", "[]", "{}")):
        found.append("brackets that do not match")
    if not FINAL.search(statement):
        found.append("no end")
    return found


def total_dispute(lines: Sequence[ReadLine]) -> Dispute | None:
    """The disputes of all lines together; None where no line was read twice."""
    disputes = [line.dispute for line in lines if line.dispute is not None]
    counts = {name: sum(getattr(d, name) for d in disputes) for name in Dispute.model_fields}
    return Dispute(**counts) if disputes else None


def answer_confidence(entry: KeyEntry) -> float:
    """Confidence that the answer of a key was read right: the network's, less for what the second reader disputes."""
    if entry.dispute is None:
        return entry.confidence
    against = entry.dispute.numerals + entry.dispute.signs + entry.dispute.letters
    strange = not entry.text or bool(re.search(r"[\^_](?![\w(√-])|[#\\@~]|\^\([^()]*[A-Za-z]{3,}", entry.text))
    return max(0.0, entry.confidence - 0.3 * min(2, against) - 0.5 * strange - max(0.0, 0.5 - entry.lowest))
