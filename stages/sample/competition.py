"""The sample competition: which problem stands where in five years of three sections, and the benchmark.

`competition()` gives the same fifteen exams every time. A family's wording is used once, except for the
near-duplicates that cross years on purpose. `python -m stages.sample` sets the exams and writes them.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, replace

from stages.sample.families import BENCHMARK_FAMILIES, FAMILIES
from stages.sample.problem import Family, Item
from stages.study.statistics import jaccard, word_ngrams

SEED = 2021
SECTIONS = {"fs": 20, "js": 20, "tp": 10}
YEARS = (2021, 2022, 2023, 2024, 2025)
SCANNED = 2025
TIEBREAKERS = {
    (2021, "tp"): 2,
    (2022, "fs"): 1,
    (2022, "js"): 1,
    (2022, "tp"): 2,
    (2023, "tp"): 3,
    (2024, "fs"): 1,
    (2024, "js"): 1,
    (2024, "tp"): 2,
    (2025, "tp"): 2,
}
BENCHMARK_SIZE = 60
STAPLE = 20  # wordings from which a family may stand in an exam twice

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
    stock = [_draw(family, wording) for family in FAMILIES for wording in range(family.wordings)]
    random.Random(SEED).shuffle(stock)
    slots = [slot for year in YEARS for slot in _slots(year)]
    wanted = len(slots) - len(placed) - len(NEAR_DUPLICATES)
    if len(stock) < wanted:
        raise ValueError(f"the families offer {len(stock)} wordings, the competition needs {wanted}")
    # The scanned year chooses first, so that what it has to offer page readers does not hang on the other years.
    for slot in sorted(slots, key=lambda slot: slot[0] != SCANNED):
        if slot not in placed and slot not in NEAR_DUPLICATES:
            placed[slot] = _deal(slot, stock, placed)
    for slot, (first, other_numbers) in NEAR_DUPLICATES.items():
        placed[slot] = _repeat(placed[first], slot, other_numbers)
    return tuple(
        Exam(year, section, tuple(placed[slot] for slot in slots if slot[:2] == (year, section)))
        for year in YEARS
        for section in SECTIONS
    )


def benchmark() -> tuple[tuple[Family, Item], ...]:
    """Problems from families that no exam uses; all wordings once, then again with other numbers."""
    chosen: dict[str, tuple[Family, Item]] = {}
    for copy in range(20):
        for family in BENCHMARK_FAMILIES:
            for wording in range(family.wordings):
                item = _draw(family, wording, copy)[2]
                chosen.setdefault(item.statement, (family, item))
    return tuple(chosen.values())[:BENCHMARK_SIZE]


Draw = tuple[Family, int, Item]


def _draw(family: Family, wording: int, copy: int = 0) -> Draw:
    """One item, with a generator of its own so that a new family does not change the others' numbers."""
    rng = random.Random(f"{SEED}/{family.name}/{wording}/{copy}")
    return family, wording, family.make(rng, wording=wording)


def _slots(year: int) -> list[Slot]:
    numbers = [
        (section, [*map(str, range(1, count + 1)), *(f"T{n + 1}" for n in range(TIEBREAKERS.get((year, section), 0)))])
        for section, count in SECTIONS.items()
    ]
    return [(year, section, number) for section, row in numbers for number in row]


def _deal(slot: Slot, stock: list[Draw], placed: dict[Slot, Question]) -> Question:
    """Take from the stock what suits the slot best: a family new to the exam, at home in its section, seldom used.

    Families with many wordings are the competition's staples: with twice the wordings come four times the questions,
    two in an exam at most.
    """
    year, section, number = slot
    here = Counter(question.item.family for (y, s, _), question in placed.items() if (y, s) == (year, section))
    used = Counter(question.item.family for question in placed.values())
    wanted = {0: 2, 4: 1}.get(int(number) % 8, 0) if number.isdigit() else 0  # every exam has its share of formulas

    def fit(draw: Draw) -> tuple[bool, bool, bool, float]:
        family, _, item = draw
        share = used[family.name] / family.wordings**2
        enough = here[family.name] >= (2 if family.wordings >= STAPLE else 1)
        return enough, section not in family.sections, _weight(item) != wanted, share

    best = min(stock, key=fit)
    stock.remove(best)
    return Question(problem_id(slot), number, best[2], best[1])


def _weight(item: Item) -> int:
    """What the mathematics of a statement asks of a typesetter: 2 fractions or radicals, 1 raised or lowered signs."""
    formulas = " ".join(item.statement.replace(r"\$", "").split("$")[1::2])
    return 2 if re.search(r"/|sqrt|root", formulas) else 1 if re.search(r"[\^_]", formulas) else 0


def _repeat(first: Question, slot: Slot, other_numbers: bool) -> Question:
    """The same question once more or, of twenty with other numbers and another answer, the one most like it."""
    family = next(family for family in FAMILIES if family.name == first.item.family)

    def likeness(item: Item) -> float:
        return jaccard(word_ngrams(item.statement), word_ngrams(first.item.statement))

    others = (_draw(family, first.wording, copy)[2] for copy in range(1, 21))
    item = max((item for item in others if item.answer != first.item.answer), key=likeness)
    return replace(
        first, id=problem_id(slot), number=slot[2], item=item if other_numbers else first.item, repeats=first.id
    )
