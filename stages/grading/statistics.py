"""The study's statistics: intervals, paired tests and their power, spread over replicates.

Each function is a textbook formula; its docstring names the source. Random numbers have a fixed seed.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

DISCORDANT = (0.15, 0.25)  # shares of problems that only one of two students gets right, as they occur in such studies


def wilson(correct: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval (low, high) of a proportion, both in 0..1, for `correct` successes in `n` trials.

    Neither needs to be whole: for clustered trials, give the effective number of trials and the same proportion of it.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), without
    continuity correction; method 3 of R. G. Newcombe, Statistics in Medicine 17 (1998). Raises ValueError unless
    0 <= correct <= n, n > 0 and 0 < confidence < 1.
    """
    if not 0 <= correct <= n or n == 0 or not 0 < confidence < 1:
        raise ValueError(f"no interval for {correct} of {n} at confidence {confidence}")
    z = statistics.NormalDist().inv_cdf((1 + confidence) / 2)
    share = correct / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # The ends are exactly 0 and 1 there; rounding would leave something like 1e-17.
    return (0.0 if correct == 0 else centre - half), (1.0 if correct == n else centre + half)


def mcnemar(first_only: int, second_only: int) -> float:
    """Exact two-sided p of McNemar's test, from the pairs that only the first or only the second got right.

    Under the null hypothesis each discordant pair is a fair coin: p = min(1, 2 P(X <= min)), X ~ Binomial(n, 1/2).
    Q. McNemar, Psychometrika 12 (1947); exact form as in M. P. Fay, "Exact McNemar's test and matching confidence
    intervals" (R package exact2x2). Without discordant pairs p is 1. Raises ValueError for a negative count.
    """
    if first_only < 0 or second_only < 0:
        raise ValueError(f"no test for counts {first_only} and {second_only}")
    n = first_only + second_only
    tail = sum(math.comb(n, k) for k in range(min(first_only, second_only) + 1))
    p: float = 2 * tail / (1 << n)  # whole numbers up to the division, so exact for any n
    return min(1.0, p)


def pass_at_k(samples: int, correct: int, k: int) -> float:
    """Unbiased estimate of the chance that at least one of `k` samples is right, from `correct` right of `samples`.

    1 - C(samples - correct, k) / C(samples, k): M. Chen et al., "Evaluating large language models trained on code",
    arXiv:2107.03374, section 2.1. Raises ValueError unless 0 <= correct <= samples and 1 <= k <= samples.
    """
    if not 0 <= correct <= samples or not 1 <= k <= samples:
        raise ValueError(f"no pass@{k} of {correct} right in {samples} samples")
    return 1 - math.comb(samples - correct, k) / math.comb(samples, k)


def mean_and_std(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation (n - 1 in the denominator); None for the latter when there is one value.

    Exact rational arithmetic inside (Python's `statistics`), so no digits cancel. Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no mean of no values")
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p values adjusted for their number, by name: the family-wise error is kept, whatever depends on what.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
    """
    adjusted, least = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[name]))
        adjusted[name] = least
    return {name: adjusted[name] for name in p_values}


def difference_interval(
    differences: Sequence[float], sizes: Sequence[int], confidence: float = 0.95, draws: int = 4000
) -> tuple[float, float]:
    """Bootstrap interval (low, high) of a mean paired difference, with whole clusters as the units that are drawn.

    `differences` holds each cluster's sum over its problems, `sizes` its number of problems. Percentiles of `draws`
    samples (B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993), taken as much further out as Student's
    t is wider than the normal distribution, without which few clusters give too narrow an interval (T. Hesterberg, The
    American Statistician 69 (2015), "expanded percentile").
    """
    n = len(differences)
    if not n or n != len(sizes):
        raise ValueError("one difference and one size a cluster, and one cluster at least")
    if n == 1:
        return -1.0, 1.0  # nothing is known of what other clusters would say
    normal = statistics.NormalDist()
    z, freedom = normal.inv_cdf((1 + confidence) / 2), n - 1
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)  # Cornish and Fisher
    outside = normal.cdf(-math.sqrt(n / freedom) * t)
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=draws)
    means = (drawn @ np.asarray(differences, float)) / (drawn @ np.asarray(sizes, float))
    low, high = np.quantile(means, [outside, 1 - outside])
    return float(low), float(high)


def paired_interval(
    differences: Sequence[float], sizes: Sequence[int], confidence: float = 0.95, draws: int = 4000
) -> tuple[float, float]:
    """`difference_interval` of two students, one more problem gained and one more lost.

    Laplace's smoothing (D. G. Bonett, R. M. Price, Journal of Educational and Behavioral Statistics 37 (2012)), without
    which such intervals hold the truth too rarely, and two students with equal marks would differ by exactly 0.
    """
    return difference_interval([*differences, 1, -1], [*sizes, 1, 1], confidence, draws)


def effective_size(correct: Sequence[int], sizes: Sequence[int]) -> float:
    """How many independent trials clusters of trials are worth, from how many of each cluster's trials are `correct`.

    The share's variance is taken from the spread of whole clusters (W. G. Cochran, "Sampling Techniques" (1977), ratio
    estimate). The result is no less than n^2 / sum of squared sizes, what clusters are worth whose members always agree
    (L. Kish, "Survey Sampling" (1965)), as a small spread may be chance, and no more than n. It is n where all clusters
    are single.
    """
    if not sizes or len(correct) != len(sizes):
        raise ValueError("one number correct and one size a cluster, and one cluster at least")
    n, clusters = sum(sizes), len(sizes)
    least, share = n**2 / sum(size * size for size in sizes), sum(correct) / n
    spread = sum((right - share * size) ** 2 for right, size in zip(correct, sizes, strict=True))
    if not spread or clusters == 1:
        return least
    return min(n, max(least, share * (1 - share) * n**2 * (clusters - 1) / clusters / spread))


def mcnemar_power(n: int, discordant: float, gain: float, alpha: float = 0.05) -> float:
    """Power of the exact two-sided McNemar test on `n` pairs.

    `discordant` is the share of pairs that only one of the two gets right, `gain` the difference of their accuracies
    (0 <= gain <= discordant). The number of discordant pairs is binomial, and so is their division given the number:
    unconditional power as in S. W. Duffy, Biometrics 40 (1984).
    """
    pairs = np.arange(n + 1)
    log_factorial = np.array([math.lgamma(k + 1) for k in pairs])

    def binomial(total: int, share: float) -> Any:
        """Probabilities of 0 .. total successes, as an array."""
        k = pairs[: total + 1]
        if share in (0.0, 1.0):
            return (k == (total if share else 0)).astype(float)
        choose = log_factorial[total] - log_factorial[k] - log_factorial[total - k]
        return np.exp(choose + k * math.log(share) + (total - k) * math.log1p(-share))

    power = 0.0
    first_only = (discordant + gain) / (2 * discordant)
    for total, weight in enumerate(binomial(n, discordant)):
        if weight < 1e-12:
            continue
        null = np.cumsum(binomial(total, 0.5))
        critical = int(np.searchsorted(null, alpha / 2, side="right"))  # both tails of up to critical - 1 reject
        if critical:
            division = binomial(total, first_only)
            power += weight * (division[:critical].sum() + division[total - critical + 1 :].sum())
    return float(power)


def detectable_gain(n: int, discordant: float, power: float = 0.8) -> float | None:
    """The smallest gain in accuracy that `n` pairs show with this power, to 1e-4; None where none is large enough."""
    if mcnemar_power(n, discordant, discordant) < power:
        return None
    low, high = 0.0, discordant
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if mcnemar_power(n, discordant, middle) >= power else (middle, high)
    return high


def detectable_gains(n: int) -> dict[str, float | None]:
    """`detectable_gain` of `n` pairs at each of the usual shares of discordant ones."""
    return {f"{100 * share:.0f} % discordant": detectable_gain(n, share) for share in DISCORDANT}
