r"""What was extracted, held against a checked transcription.

Two texts count as the same if they agree after `normal`: case, white space, typographic variants (dashes, quotes,
multiplication dots, `x²` for `x^2`, a final full stop) and brackets round a single token aside, and nothing else.

>>> normal("Find  (3)/4 of x² – 1.") == normal("find 3/4 of x^2 - 1")
True
>>> normal("16x2") == normal("16x^2")
False
"""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Indel

from stages.exams.characters import on_the_line, plain
from stages.study.files import read_records
from stages.study.records import Problem

NOTATION = [
    (r"\bsqrt\b", "√"), (r"\btheta\b", "θ"), (r"\bpi\b", "π"),
    (r"\bangle (?=[a-z]{1,3}\b)", "∠"), (r"\btriangle (?=[a-z]{3}\b)", "△"), (r"(?<=\d) degrees?\b", "°"),
    (r"\b(log|ln|sin|cos|tan|sec|csc|cot|[a-z]) +\(", r"\1("),
    (r"\^\((th|st|nd|rd)\)", r"\1"), (r"(\d)\^(st|nd|rd|th)\b", r"\1\2"),
]  # fmt: skip
WRONG_SHOWN = 60
Place = tuple[int, str, str]  # year, section, number


class Truth(BaseModel):
    """One row of `truth.jsonl`; further keys are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    year: int
    section: str
    number: str
    statement: str
    answer: str
    defect: bool = False


def read_truth(path: Path) -> list[Truth]:
    """Rows of a transcription that are fit for scoring."""
    return [row for row in read_records(path, Truth) if not row.defect]


def normal(text: str) -> str:
    """The text without what two readers may write differently."""
    text = "".join(c for c in plain(on_the_line(text)) if not unicodedata.combining(c))
    text = text.casefold().replace("''", '"').replace("'", '"')
    for pattern, same in NOTATION:
        text = re.sub(pattern, same, text)
    for _ in range(3):  # brackets round one token or round another pair of brackets
        text = re.sub(r"(?<![a-z])\(\s*(\d+(?:\.\d+)?|[a-zπθ]|\([^()]*\))\s*\)", r"\1", text)
        text = re.sub(r"(?<![a-z\d)])\(\s*([a-z\d]+)\s*\)(?=\s*/)", r"\1", text)
        text = re.sub(r"([√^_]|log_\w)\(\s*(-?\w|\d+)\s*\)", r"\1\2", text)
    return re.sub(r"\s+", "", text).replace("*", "·").replace("△", "δ").removesuffix(".")


def same_answer(found: str, wanted: str) -> bool:
    """Whether a key's answer is the one wanted, or gives it as one of its alternatives (`0.47 or .47`)."""
    ways = [found, *re.split(r"\s+or\s+", found)]
    return any(_digits(normal(way)) == _digits(normal(wanted)) for way in ways)


def _digits(text: str) -> str:
    """Without the commas between thousands, and without the degree sign that keys call optional."""
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text).removesuffix("°")


def score(problems: Sequence[Problem], truth: Sequence[Truth]) -> dict[str, Any]:
    """Recall and precision of questions, shares of statements and answers that are right, and what is wrong.

    A question is found if a problem of its year, section and number exists. A found question that the truth does not
    have is a false one only where the truth has the section and no gap for it (transcriptions leave out problems that
    need a figure), that is, beyond the section's last number, and where the key has no answer to it either.
    Tiebreakers are paired in their order where paper and transcription name them differently (9 and T1).
    """
    found = {(p.year, p.section, p.number): p for p in problems}
    wanted = _renamed({(t.year, t.section, t.number): t for t in truth}, found)
    pairs = paired(problems, truth)
    covered = {key[:2] for key in wanted}
    extra = [
        key
        for key in found
        if key[:2] in covered and key not in wanted and _beyond(key, wanted) and not found[key].answer
    ]
    rows = [
        (problem.id, normal(problem.statement) == normal(row.statement), same_answer(problem.answer, row.answer))
        for problem, row in pairs
    ]
    alike = [Indel.normalized_similarity(normal(p.statement), normal(row.statement)) for p, row in pairs]
    count = len(wanted)
    return {
        "questions": count,
        "recall": _share(len(pairs), count),
        "precision": _share(len(pairs), len(pairs) + len(extra)),
        "statements_right": _share(sum(s for _, s, _ in rows), count),
        "answers_right": _share(sum(a for _, _, a in rows), count),
        "both_right": _share(sum(s and a for _, s, a in rows), count),
        "similarity": round(sum(alike) / count, 4) if count else 0.0,
        "missing": [row.id for key, row in wanted.items() if key not in found][:WRONG_SHOWN],
        "wrong_statements": [name for name, right, _ in rows if not right][:WRONG_SHOWN],
        "wrong_answers": [name for name, _, right in rows if not right][:WRONG_SHOWN],
    }


def paired(problems: Sequence[Problem], truth: Sequence[Truth]) -> list[tuple[Problem, Truth]]:
    """The problems that a transcription knows, each with its row."""
    found = {(p.year, p.section, p.number): p for p in problems}
    wanted = _renamed({(t.year, t.section, t.number): t for t in truth}, found)
    return [(found[key], row) for key, row in wanted.items() if key in found]


def _renamed(wanted: dict[Place, Truth], found: dict[Place, Problem]) -> dict[Place, Truth]:
    """The transcription with its tiebreakers under the names that the problems have."""
    named = {}
    for (year, section, number), row in wanted.items():
        last = max((int(n) for y, s, n in found if (y, s) == (year, section) and n.isdigit()), default=0)
        if (year, section, number) not in found and number.isdigit() and int(number) > last:
            number = f"T{int(number) - last}"
        elif (year, section, number) not in found and number.startswith("T"):
            first = min(
                (int(n) for y, s, n in found if (y, s) == (year, section) and n.isdigit() and (y, s, n) not in wanted),
                default=0,
            )
            number = str(first + int(number[1:]) - 1)
        named[year, section, number] = row
    return named


def _beyond(key: tuple[int, str, str], wanted: dict[tuple[int, str, str], Truth]) -> bool:
    digits = [int(n) for y, s, n in wanted if (y, s) == key[:2] and n.isdigit()]
    ties = [n for y, s, n in wanted if (y, s) == key[:2] and not n.isdigit()]
    return int(key[2]) > max(digits, default=0) if key[2].isdigit() else key[2] > max(ties, default="")


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
