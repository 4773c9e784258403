"""Clusters of near-duplicates, and how they are dealt into folds."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from stages.folds.settings import SplitSettings
from stages.study.records import Assignment, Problem, Split

Clusters = dict[str, list[str]]


def cluster(ids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> Clusters:
    """Single linkage by union-find: ids joined by any path of pairs, sorted, under the smallest id among them."""
    parent = {one: one for one in sorted(ids)}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    for pair in pairs:
        low, high = sorted(map(root, pair))
        parent[high] = low
    clusters: Clusters = {}
    for one in parent:
        clusters.setdefault(root(one), []).append(one)
    return clusters


def deal(clusters: Mapping[str, Sequence[str]], section_of: Mapping[str, str], folds: int, random: Random) -> list[int]:
    """A fold for each cluster, in the order of `clusters`, so that folds are even in size and section by section.

    The largest clusters go first, in random order among those of one size; each goes to the fold that is farthest
    below its share of the cluster's sections, then of all problems, then to a random one of those that are left.
    """
    of_section = Counter(section_of[member] for members in clusters.values() for member in members)
    missing = [{section: count / folds for section, count in of_section.items()} for _ in range(folds)]
    order = list(clusters)
    random.shuffle(order)
    fold_of = {}
    for name in sorted(order, key=lambda name: -len(clusters[name])):
        sections = [section_of[member] for member in clusters[name]]
        fold_of[name] = max(
            random.sample(range(folds), folds),
            key=lambda fold: (sum(missing[fold][one] for one in sections), sum(missing[fold].values())),
        )
        for section in sections:
            missing[fold_of[name]][section] -= 1
    return [fold_of[name] for name in clusters]


def draw(
    clusters: Mapping[str, Sequence[str]], section_of: Mapping[str, str], share: float, random: Random
) -> set[str]:
    """Names of randomly drawn clusters that hold about `share` of the problems of each section."""
    of_section = Counter(section_of[member] for members in clusters.values() for member in members)
    wanted = {section: share * count for section, count in of_section.items()}
    order = sorted(clusters)
    random.shuffle(order)
    drawn = set()
    for name in order:
        sections = Counter(section_of[member] for member in clusters[name])
        if all(wanted[section] >= count - 0.5 for section, count in sections.items()):
            drawn.add(name)
            for section, count in sections.items():
                wanted[section] -= count
    return drawn


def assign(
    problems: Mapping[str, Problem], clusters: Clusters, has_chain: set[str], settings: SplitSettings
) -> list[Assignment]:
    """What each problem is to the runs of each fold, by fold and then by id.

    A cluster is one thing: test in its own fold, and in every other fold train or valid as a whole; one that touches
    a year of `test_years` is excluded from those. The published protocol deals problems one by one instead.
    """
    dealt = {one: [one] for one in sorted(problems)} if settings.protocol == "published" else clusters
    cluster_of = {member: name for name, members in clusters.items() for member in members}
    section_of = {one: problem.section for one, problem in problems.items()}
    fold_of = dict(zip(dealt, deal(dealt, section_of, settings.folds, Random(settings.seed)), strict=True))
    excluded = {
        name
        for name, members in dealt.items()
        if {problems[member].year for member in members} & {*settings.test_years}
    }
    found = []
    for fold in range(settings.folds):
        seen = {name: dealt[name] for name in dealt if fold_of[name] != fold and name not in excluded}
        share = settings.valid * len(problems) / max(1, sum(map(len, seen.values())))
        valid = draw(seen, section_of, share, Random(f"{settings.seed} valid {fold}"))
        for name, members in dealt.items():
            split: Split = "valid" if name in valid else "train" if name in seen else "excluded"
            for member in members:
                found.append(
                    Assignment(
                        problem_id=member,
                        fold=fold,
                        split="test" if fold_of[name] == fold else split,
                        cluster=cluster_of[member],
                        has_chain=member in has_chain,
                    )
                )
    return sorted(found, key=lambda one: (one.fold, one.problem_id))
