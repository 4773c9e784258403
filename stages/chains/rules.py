"""The rules that a problem's six chains keep, for those who make them and those who use them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from stages.study.errors import StudyError
from stages.study.records import Chain, Level

SHORT = 12  # words; a shorter text may be as long as the level before it

SixLevels = dict[Level, Chain]


def count_words(text: str) -> int:
    """Words as runs of characters without white space, the answer line's included."""
    return len(text.split())


def falls(counts: Sequence[int]) -> bool:
    """Whether words fall strictly from level to level; texts under 12 words may repeat."""
    return all(after < before or after == before < SHORT for before, after in pairwise(counts))


def by_problem(chains: Iterable[Chain], problems: Mapping[str, object], path: str) -> dict[str, SixLevels]:
    """Chains by problem and level; raises StudyError naming problem and level where they break a rule of the study.

    All six levels exist, once; words fall from level to level; all six end in one answer.
    """
    found: dict[str, SixLevels] = {}
    for chain in chains:
        where = f"{path}: {chain.problem_id} {chain.level}"
        if chain.problem_id not in problems:
            raise StudyError(f"{where}: data/problems.jsonl has no usable problem of this id; run `dvc repro compress`")
        if chain.level in found.setdefault(chain.problem_id, {}):
            raise StudyError(f"{where}: stands there twice")
        found[chain.problem_id][chain.level] = chain
    for problem_id, levels in found.items():
        for level in Level:
            if level not in levels:
                raise StudyError(f"{path}: {problem_id} {level}: missing; all six levels are needed, or none")
        for before, chain in pairwise(levels[level] for level in Level):
            where = f"{path}: {problem_id} {chain.level}"
            if not falls([before.words, chain.words]):
                raise StudyError(f"{where}: {chain.words} words, not fewer than the {before.words} of {before.level}")
            if chain.answer != before.answer:
                raise StudyError(f"{where}: answer {chain.answer!r}, but {before.answer!r} at {before.level}")
    return found
