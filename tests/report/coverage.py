"""Do 95 % intervals hold the truth in 95 of 100 studies, and does the power come out? Made-up studies tell.

    python -m tests.report.coverage                    2,000 studies: about two minutes of one core
    python -m tests.report.coverage --studies 300

A study has 64 to 256 problems; a share of them stands in clusters of two to four near-duplicates, whose members take
the cluster's own outcome more often than not. Accuracies, and how alike students are, differ from study to study.
"""

import argparse
from typing import Any

import numpy as np

from stages.grading.statistics import detectable_gain, effective_size, mcnemar, paired_interval, wilson

Numbers = dict[str, float]
FEW, MANY = (
    0.06,
    0.3,
)  # largest share of clusters with several problems: as in exams (the sample has 0.03), and far more


def cluster_sizes(random: np.random.Generator, n: int, most: float) -> list[int]:
    """Sizes of `n` problems' clusters; a share of 0 to `most` of the clusters has two to four problems."""
    several = random.uniform(0, most)
    sizes: list[int] = []
    while (left := n - sum(sizes)) > 0:
        sizes.append(min(left, int(random.integers(2, 5)) if random.random() < several else 1))
    return sizes


def outcomes(random: np.random.Generator, sizes: list[int], shares: list[float], alike: float) -> Any:
    """For each problem which of the kinds with these shares it is; a member is its cluster's with chance `alike`."""
    own = random.choice(len(shares), sum(sizes), p=shares)
    shared = np.repeat(random.choice(len(shares), len(sizes), p=shares), sizes)
    return np.where(random.random(sum(sizes)) < alike, shared, own)


def study(random: np.random.Generator, most: float) -> tuple[bool, bool]:
    """Whether a made-up study's interval of an accuracy, and that of a paired difference, hold the true values."""
    sizes = cluster_sizes(random, int(random.integers(64, 257)), most)
    gained, lost = random.uniform(0.03, 0.35), random.uniform(0.01, 0.2)
    both = random.uniform(0.05, 1 - gained - lost - 0.05)
    kinds = outcomes(random, sizes, [both, gained, lost, 1 - both - gained - lost], random.uniform(0.5, 1.0))
    right, difference = kinds <= 1, (kinds == 1).astype(int) - (kinds == 2).astype(int)
    starts = np.cumsum([0, *sizes[:-1]])
    size = effective_size(np.add.reduceat(right.astype(int), starts).tolist(), sizes)
    low, high = wilson(float(right.mean()) * size, size)
    least, most = paired_interval(np.add.reduceat(difference, starts).tolist(), sizes)
    return low <= both + gained <= high, least <= gained - lost <= most


def coverage(studies: int, seed: int = 0, most: float = FEW) -> Numbers:
    """Share of studies whose interval holds the truth: of the accuracy and of the difference."""
    random = np.random.default_rng(seed)
    held = np.array([study(random, most) for _ in range(studies)])
    return {"accuracy": float(held[:, 0].mean()), "difference": float(held[:, 1].mean())}


def power(n: int, discordant: float, studies: int, seed: int = 0) -> Numbers:
    """Share of studies of `n` pairs in which McNemar's p is below 0.05: at the detectable gain, and without any."""
    random = np.random.default_rng(seed)
    gain = detectable_gain(n, discordant)
    assert gain is not None
    found = {}
    for name, real in (("at the detectable gain", gain), ("without a gain", 0.0)):
        shares = [(discordant + real) / 2, (discordant - real) / 2, 1 - discordant]
        counts = random.multinomial(n, shares, size=studies)
        found[name] = float(np.mean([mcnemar(int(first), int(second)) < 0.05 for first, second, _ in counts]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="coverage of the report's intervals, by made-up studies")
    parser.add_argument("--studies", type=int, default=2000)
    studies = parser.parse_args().studies
    for most in (FEW, MANY):
        print(
            f"{studies} studies, up to {100 * most:.0f} % of the clusters with several problems; the truth is held by"
        )
        for name, share in coverage(studies, most=most).items():
            print(f"  the 95 % interval of the {name} in {100 * share:.1f} % of them")
    for n, discordant in ((250, 0.15), (650, 0.25)):
        told = ", ".join(f"{100 * share:.1f} % {name}" for name, share in power(n, discordant, studies).items())
        print(f"McNemar, {n} pairs, {100 * discordant:.0f} % discordant: shown in {told}")


if __name__ == "__main__":
    main()
