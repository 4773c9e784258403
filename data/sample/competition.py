"""The sample competition: which problem stands where in five years of three sections, and the benchmark.

`competition()` gives the same fifteen exams every time. plan.tsv names the family and the wording at each number; a
wording is used once, except for the near-duplicates that cross years on purpose. `python -m data.sample` sets the
exams and writes them.
"""

import csv
import itertools
import random
from dataclasses import dataclass, replace
from pathlib import Path

from data.sample.families import BENCHMARK_FAMILIES, FAMILIES
from data.sample.problem import Family, Item
from stages.folds.resemblance import jaccard, word_ngrams

SEED = 2021
SCANNED = 2025
BENCHMARK_SIZE = 60
PLAN = Path(__file__).parent / "plan.tsv"

Slot = tuple[int, str, str]

# Problems whose figure did not survive: statement and the key's answer.
FIGURES: dict[Slot, tuple[str, str]] = {
    (2021, "fs", "14"): (
        "In the figure shown, lines $m$ and $n$ are parallel and $t$ crosses both. Find the number of degrees in the "
        "angle marked $x$.",
        "$52$",
    ),
    (2022, "js", "9"): ("The graph of $y = f(x)$ is given in the figure shown. Find the value of $f(f(2))$.", "$-1$"),
    (2023, "fs", "17"): (
        "The shaded region in the figure shown is bounded by two semicircles and a segment of length $6 sqrt(2)$. Find "
        "its exact area.",
        "$18 pi$",
    ),
    (2024, "tp", "6"): ("How many triangles of any size are there in the figure shown?", "$27$"),
    (2025, "js", "11"): (
        "In the figure shown, segment AD has length $4 sqrt(3)$ and point E lies on side BC as marked. Find the length "
        "of segment DE.",
        "$13$",
    ),
}
# Numbers whose text is gone: what stands there instead, and the key's answer.
MISSING: dict[Slot, tuple[str, str]] = {
    (2021, "js", "16"): ("", "$48$"),
    (2023, "js", "5"): ("(content not legible)", "$7/12$"),
    (2024, "fs", "19"): ("", "$(3, -2)$"),
    (2025, "fs", "8"): ("(content not legible)", "$365$"),
}
# Later slot: the earlier one whose wording it repeats, and whether with other numbers or word for word.
NEAR_DUPLICATES: dict[Slot, tuple[Slot, bool]] = {
    (2022, "fs", "6"): ((2021, "fs", "3"), True),
    (2023, "fs", "12"): ((2021, "js", "8"), False),
    (2023, "js", "14"): ((2022, "js", "17"), True),
    (2024, "js", "7"): ((2022, "fs", "13"), False),
    (2024, "tp", "3"): ((2021, "tp", "5"), True),
    (2024, "fs", "10"): ((2023, "tp", "7"), False),
    (2025, "fs", "15"): ((2023, "fs", "11"), True),
}


@dataclass(frozen=True)
class Question:
    """What stands at one number of an exam. `missing`: the number is there, the text is not.

    `repeats` is the id of the question of an earlier year whose wording this one has again.
    """

    id: str
    number: str
    item: Item
    wording: int = 0
    missing: bool = False
    repeats: str = ""


@dataclass(frozen=True)
class Exam:
    """One section of one year; tiebreakers stand last, numbered T1, T2, ..."""

    year: int
    section: str
    questions: tuple[Question, ...]


def problem_id(slot: Slot) -> str:
    """`sample-2021-fs-01`, `sample-2021-tp-T1`."""
    year, section, number = slot
    return f"sample-{year}-{section}-{number.zfill(2)}"


def competition() -> tuple[Exam, ...]:
    """All exams, by year and section."""
    placed: dict[Slot, Question] = {}
    for table, family in ((FIGURES, "figure"), (MISSING, "missing")):
        for slot, (statement, answer) in table.items():
            item = Item(family, statement, answer, "", {}, "", needs_figure=table is FIGURES)
            placed[slot] = Question(problem_id(slot), slot[2], item, missing=table is MISSING)
    families = {family.name: family for family in FAMILIES}
    with PLAN.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            slot, wording = (int(row["year"]), row["section"], row["number"]), int(row["wording"])
            placed[slot] = Question(problem_id(slot), slot[2], _draw(families[row["family"]], wording), wording)
    for slot, (first, other_numbers) in NEAR_DUPLICATES.items():
        placed[slot] = _repeat(families[placed[first].item.family], placed[first], slot, other_numbers)
    exams = itertools.groupby(sorted(placed, key=_order), key=lambda slot: slot[:2])
    return tuple(Exam(year, section, tuple(placed[slot] for slot in slots)) for (year, section), slots in exams)


def benchmark() -> tuple[tuple[Family, Item], ...]:
    """Problems from families that no exam uses; all wordings once, then again with other numbers."""
    chosen: dict[str, tuple[Family, Item]] = {}
    for copy in range(20):
        for family in BENCHMARK_FAMILIES:
            for wording in family.wordings:
                item = _draw(family, wording, copy)
                chosen.setdefault(item.statement, (family, item))
    return tuple(chosen.values())[:BENCHMARK_SIZE]


def _draw(family: Family, wording: int, copy: int = 0) -> Item:
    """One item, with a generator of its own so that a new family does not change the others' numbers."""
    return family.make(random.Random(f"{SEED}/{family.name}/{wording}/{copy}"), wording=wording)


def _order(slot: Slot) -> tuple[int, str, bool, int]:
    """By year, section and number, tiebreakers last."""
    year, section, number = slot
    return year, section, number.startswith("T"), int(number.removeprefix("T"))


def _repeat(family: Family, first: Question, slot: Slot, other_numbers: bool) -> Question:
    """The same question once more or, of twenty with other numbers and another answer, the one most like it."""

    def likeness(item: Item) -> float:
        return jaccard(word_ngrams(item.statement), word_ngrams(first.item.statement))

    others = (_draw(family, first.wording, copy) for copy in range(1, 21))
    item = max((item for item in others if item.answer != first.item.answer), key=likeness)
    return replace(
        first, id=problem_id(slot), number=slot[2], item=item if other_numbers else first.item, repeats=first.id
    )
