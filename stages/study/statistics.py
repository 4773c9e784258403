"""The study's statistics in plain Python: intervals, paired tests, spread over replicates, text resemblance.

Each function is a textbook formula; its docstring names the source. Nothing here draws random numbers.
"""

import math
import re
import statistics
import unicodedata
from collections.abc import Sequence

Grams = frozenset[tuple[str, ...]]

_WORD = re.compile(r"[^\W_]+")


def wilson(correct: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval (low, high) of a proportion, both in 0..1, for `correct` successes in `n` trials.

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
    return min(1.0, 2 * tail / 2**n)  # whole numbers up to the division, so exact for any n


def mean_and_std(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation (n - 1 in the denominator); None for the latter when there is one value.

    Exact rational arithmetic inside (Python's `statistics`), so no digits cancel. Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no mean of no values")
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def word_ngrams(text: str, n: int = 3) -> Grams:
    """The set of runs of `n` words of `text`; a text with fewer words is one run of all it has.

    A word is a run of letters and digits after compatibility normalisation and case folding, so punctuation,
    operators and typography do not tell two texts apart. A. Z. Broder, "On the resemblance and containment of
    documents" (1997), calls these shingles.
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return frozenset(tuple(words[start : start + n]) for start in range(max(1, len(words) - n + 1)))


def jaccard(first: Grams, second: Grams) -> float:
    """Resemblance of two sets: shared over all members, in 0..1 (P. Jaccard, 1912; Broder, 1997)."""
    union = len(first | second)
    return len(first & second) / union if union else 1.0
