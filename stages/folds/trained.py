"""What runs are trained on at a level, a control or a mix (`stages.study.levels`), from problems' six chains."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from statistics import fmean

from stages.chains.rules import SixLevels, count_words
from stages.study.levels import ANSWER, CUT, parts
from stages.study.records import ANSWER_LINE, Level


def text_at(level: str, chains: SixLevels) -> str:
    """A problem's text at a level or control; not of a mix, which gives each problem one of its levels."""
    if level in chains:
        return chains[Level(level)].text
    full = chains[Level.R1]
    line = ANSWER_LINE + full.answer
    if level == ANSWER:
        return line
    words = chains[Level(level.removeprefix(CUT))].words - count_words(line)
    cut = re.match(rf"(?:\s*\S+){{{words}}}", full.text)
    assert cut is not None  # words fall from level to level
    return f"{cut[0]}\n{line}" if words else line


def deal(level: str, problem_ids: Sequence[str], seed: int) -> dict[str, str]:
    """By problem, in the order given, its level or control within `level`: as many by each as its parts say.

    The parts go round in a random order of the problems, so that their shares are met to one problem. Long and short
    chains at as many steps as of one level alone are what Li et al. (2025, arXiv:2502.12143) train small students on.
    """
    round_of_parts = [one for one, number in parts(level).items() for _ in range(number)]
    drawn = Random(seed).sample(problem_ids, len(problem_ids))
    dealt = {one: round_of_parts[place % len(round_of_parts)] for place, one in enumerate(drawn)}
    return {one: dealt[one] for one in problem_ids}


def mean_words(level: str, chains: Mapping[str, SixLevels]) -> float:
    """Mean words of the texts of a level, over all problems that have chains; of a mix, weighted by its parts."""
    told = parts(level)
    means = {one: fmean(count_words(text_at(one, six)) for six in chains.values()) for one in told}
    return sum(means[one] * number for one, number in told.items()) / sum(told.values())
