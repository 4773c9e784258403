"""Worked examples for prompts: chains of the shortest level, which no problem of the fold resembles."""

from collections.abc import Iterable, Mapping
from random import Random

from stages.folds.settings import SplitSettings
from stages.study.params import MOST_SHOTS
from stages.study.records import Assignment, Chain, Example, Level, Problem


def choose_examples(
    problems: Mapping[str, Problem],
    chains: Mapping[str, Mapping[Level, Chain]],
    assignments: Iterable[Assignment],
    settings: SplitSettings,
) -> list[Example]:
    """`MOST_SHOTS` examples of each fold, drawn with the split's seed, one a cluster; a variant takes the first ones.

    They come from problems that the fold is trained on, and never from the cluster of one that it holds out, which the
    published study's protocol would let happen. A fold with fewer has as many as there are.
    """
    told = list(assignments)
    found = []
    for fold in range(settings.folds):
        mine = [one for one in told if one.fold == fold]
        held_out = {one.cluster for one in mine if one.split == "test"}
        free = {one.cluster: one.problem_id for one in mine if one.split == "train" and one.has_chain}
        ids = sorted(one for cluster, one in free.items() if cluster not in held_out)
        for one in Random(f"{settings.seed} {fold}").sample(ids, min(MOST_SHOTS, len(ids))):
            text = chains[one][list(Level)[-1]].text
            found.append(Example(fold=fold, problem_id=one, statement=problems[one].statement, text=text))
    return found
