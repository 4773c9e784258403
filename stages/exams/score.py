r"""What was extracted, held against a checked transcription.

Two texts count as the same if they agree after `normal`: case, white space, typographic variants (dashes, quotes,
multiplication dots, `x²` for `x^2`, a final full stop) and brackets round a single token aside, and nothing else.

>>> normal("Find  (3)/4 of x² – 1.") == normal("find 3/4 of x^2 - 1")
True
>>> normal("16x2") == normal("16x^2")
False
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Indel

from stages.exams.characters import plain
from stages.study.files import read_records
from stages.study.records import Problem

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
WRONG_SHOWN = 60


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
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda found: "^" + found[0].translate(RAISED), text)
    text = plain(text).casefold().replace("''", '"').replace("'", '"')
    text = re.sub(r"(?<![a-z])\(\s*(\d+(?:\.\d+)?|[a-zπ])\s*\)", r"\1", text)
    return re.sub(r"\s+", "", text).replace("*", "·").replace("△", "δ").removesuffix(".")


def score(problems: Sequence[Problem], truth: Sequence[Truth]) -> dict[str, Any]:
    """Recall and precision of questions, shares of statements and answers that are right, and what is wrong.

    A question is found if a problem of its year, section and number exists. A found question that the truth does not
    have is a false one only where the truth has the section and no gap for it (transcriptions leave out problems that
    need a figure), that is, beyond the section's last number.
    """
    found = {(p.year, p.section, p.number): p for p in problems}
    wanted = {(t.year, t.section, t.number): t for t in truth}
    pairs = [(found[key], row) for key, row in wanted.items() if key in found]
    covered = {key[:2] for key in wanted}
    extra = [key for key in found if key[:2] in covered and key not in wanted and _beyond(key, wanted)]
    rows = [
        (problem.id, normal(problem.statement) == normal(row.statement), normal(problem.answer) == normal(row.answer))
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


def _beyond(key: tuple[int, str, str], wanted: dict[tuple[int, str, str], Truth]) -> bool:
    digits = [int(n) for y, s, n in wanted if (y, s) == key[:2] and n.isdigit()]
    ties = [n for y, s, n in wanted if (y, s) == key[:2] and not n.isdigit()]
    return int(key[2]) > max(digits, default=0) if key[2].isdigit() else key[2] > max(ties, default="")


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
