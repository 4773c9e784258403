"""stages.grading.statistics against published values and the laws that the formulas obey."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from stages.grading.statistics import (
    detectable_gain,
    detectable_gains,
    difference_interval,
    effective_size,
    holm,
    mcnemar,
    mcnemar_power,
    mean_and_std,
    paired_interval,
    wilson,
)

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [
        # Newcombe (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_published(correct, n, low, high):
    assert wilson(correct, n) == pytest.approx((low, high), abs=5e-5)


@given(COUNTS, st.floats(0.5, 0.999))
def test_wilson_laws(counts, confidence):
    correct, n = counts
    low, high = wilson(correct, n, confidence)
    assert 0 <= low <= correct / n <= high <= 1
    assert (low == 0) == (correct == 0)
    assert (high == 1) == (correct == n)
    mirrored = wilson(n - correct, n, confidence)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high), abs=1e-12)
    wider = wilson(correct, n, confidence + (1 - confidence) / 2)
    assert wider[0] <= low <= high <= wider[1]


@given(COUNTS)
def test_wilson_ends_solve_the_score_equation(counts):
    correct, n = counts
    for end in wilson(correct, n):
        if 0 < end < 1:
            assert abs(correct / n - end) / math.sqrt(end * (1 - end) / n) == pytest.approx(1.959964, rel=1e-5)


@given(COUNTS, st.integers(2, 50))
def test_wilson_narrows_with_more_of_the_same(counts, times):
    correct, n = counts
    low, high = wilson(correct, n)
    more_low, more_high = wilson(correct * times, n * times)
    assert more_high - more_low < high - low


@pytest.mark.parametrize(("correct", "n", "confidence"), [(0, 0, 0.95), (3, 2, 0.95), (-1, 5, 0.95), (1, 2, 1.0)])
def test_wilson_refuses(correct, n, confidence):
    with pytest.raises(ValueError, match="no interval"):
        wilson(correct, n, confidence)


@pytest.mark.parametrize(
    ("first_only", "second_only", "p"),
    [
        (9, 2, 0.06543),  # exact2x2 vignette: table 21, 9, 2, 12
        (2, 9, 0.06543),
        (0, 6, 2 / 64),
        (0, 5, 2 / 32),
        (4, 4, 1.0),
        (0, 0, 1.0),
        (1, 0, 1.0),
        (0, 2000, 0.0),  # 2**-1999 is below the smallest float
    ],
)
def test_mcnemar_known(first_only, second_only, p):
    assert mcnemar(first_only, second_only) == pytest.approx(p, abs=5e-6)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_laws(first, second):
    p = mcnemar(first, second)
    assert 0 < p <= 1
    assert p == mcnemar(second, first)
    n, least = first + second, min(first, second)
    assert p == float(min(Fraction(1), sum(Fraction(2 * math.comb(n, k), 2**n) for k in range(least + 1))))
    if first < second:
        assert mcnemar(first, second + 1) < p or p == 1  # a wider gap is stronger evidence


def test_mcnemar_refuses_negative_counts():
    with pytest.raises(ValueError, match="no test"):
        mcnemar(-1, 3)


@pytest.mark.parametrize(
    ("values", "mean", "std"),
    [
        ([10000001, 10000003, 10000002], 10000002, 1.0),  # NIST StRD, NumAcc1
        ([1.2, *[1.1, 1.3] * 500], 1.2, 0.1),  # NIST StRD, NumAcc2
        ([10000000.2, *[10000000.1, 10000000.3] * 500], 10000000.2, 0.1),  # NIST StRD, NumAcc4
        ([2, 4, 4, 4, 5, 5, 7, 9], 5, math.sqrt(32 / 7)),
    ],
)
def test_mean_and_std_certified(values, mean, std):
    got_mean, got_std = mean_and_std(values)
    assert got_mean == pytest.approx(mean, rel=1e-14)
    assert got_std == pytest.approx(std, rel=1e-6)


def test_one_value_has_no_spread():
    assert mean_and_std([0.25]) == (0.25, None)
    with pytest.raises(ValueError, match="no values"):
        mean_and_std([])


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20), st.floats(-1e3, 1e3))
def test_std_ignores_order_and_shift(values, shift):
    std = mean_and_std(values)[1]
    assert std is not None
    assert mean_and_std(values[::-1])[1] == std
    assert mean_and_std([value + shift for value in values])[1] == pytest.approx(std, abs=1e-9)


@pytest.mark.parametrize(
    ("correct", "sizes", "expected"),
    [
        ([1] * 20 + [0] * 44, [1] * 64, 64),
        ([64], [64], 1),
        ([2, 0], [2, 2], 2),  # they agree
        ([1, 1], [2, 2], 2),  # nothing is told: as if they agreed
        ([2, 2], [2, 2], 2),
        ([2, 1, 0, 2, 0, 1], [2] * 6, 12 * (1 / 4) * (5 / 6) / (4 / 12)),  # they agree in part
        ([2, 1, 1, 0, 1, 1], [2] * 6, 12),  # they agree less often than chance would
        ([2, 0, 0], [2, 1, 1], 16 / 6),
    ],
)
def test_effective_size_known(correct, sizes, expected):
    assert effective_size(correct, sizes) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=40))
def test_effective_size_laws(drawn):
    sizes, correct = [size for size, _ in drawn], [min(size, right) for size, right in drawn]
    found = effective_size(correct, sizes)
    assert sum(sizes) ** 2 / sum(size**2 for size in sizes) - 1e-9 <= found <= sum(sizes)
    assert effective_size(correct[::-1], sizes[::-1]) == pytest.approx(found)
    wrong = [size - right for size, right in zip(sizes, correct, strict=True)]
    assert effective_size(wrong, sizes) == pytest.approx(found)
    assert effective_size([min(1, right) for right in correct], [1] * len(drawn)) == len(drawn)


@pytest.mark.parametrize(("correct", "sizes"), [([], []), ([1], [1, 1])])
def test_no_clusters_have_no_size(correct, sizes):
    with pytest.raises(ValueError, match="one cluster at least"):
        effective_size(correct, sizes)


def test_an_interval_of_clusters_is_that_of_so_many_observations():
    """The same share of fewer trials, whole or not: wider, and between those of the whole numbers around it."""
    widths = [high - low for low, high in (wilson(0.25 * n, n) for n in (64, 60.5, 60, 30))]
    assert widths == sorted(widths)


@pytest.mark.parametrize(
    ("n", "discordant", "low", "high"),
    [  # the study's own design figures: 64 problems held out, or all 651
        (64, 0.15, 0.134, 0.136),
        (64, 0.25, 0.176, 0.178),
        (651, 0.15, 0.043, 0.045),
        (651, 0.25, 0.056, 0.058),
    ],
)
def test_detectable_gain_known(n, discordant, low, high):
    assert low <= detectable_gain(n, discordant) <= high


@pytest.mark.parametrize(
    ("n", "discordant", "gain", "expected"),
    [  # by summing over all outcomes in rational numbers
        (6, 1.0, 1.0, 1.0),
        (6, 1.0, 0.0, 2 / 64),
        (5, 1.0, 1.0, 0.0),
        (10, 0.5, 0.5, None),
        (20, 0.25, 0.1, None),
        (40, 0.3, 0.3, None),
    ],
)
def test_power_by_counting_outcomes(n, discordant, gain, expected):
    found = mcnemar_power(n, discordant, gain)
    if expected is not None:
        assert found == pytest.approx(expected, abs=1e-12)
    counted = 0.0
    for pairs in range(n + 1):
        weight = math.comb(n, pairs) * discordant**pairs * (1 - discordant) ** (n - pairs)
        first = (discordant + gain) / (2 * discordant)
        for won in range(pairs + 1):
            if mcnemar(won, pairs - won) <= 0.05:
                counted += weight * math.comb(pairs, won) * first**won * (1 - first) ** (pairs - won)
    assert found == pytest.approx(counted, abs=1e-9)


@given(st.integers(10, 150), st.floats(0.1, 0.9))
def test_power_laws(n, discordant):
    powers = [mcnemar_power(n, discordant, share * discordant) for share in (0.0, 0.3, 0.6, 1.0)]
    assert powers[0] <= 0.05 + 1e-12  # the exact test keeps its level
    assert powers == sorted(powers)
    assert powers[-1] <= 1 + 1e-12


@given(st.integers(10, 400), st.sampled_from([0.15, 0.25, 0.5]), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_detectable_gain_is_the_smallest(n, discordant, power):
    gain = detectable_gain(n, discordant, power)
    if gain is None:
        assert mcnemar_power(n, discordant, discordant) < power
    else:
        assert mcnemar_power(n, discordant, gain) >= power
        assert mcnemar_power(n, discordant, max(0.0, gain - 2e-4)) < power


def test_detectable_gains_are_told_by_share():
    found = detectable_gains(64)
    assert found == {"15 % discordant": detectable_gain(64, 0.15), "25 % discordant": detectable_gain(64, 0.25)}
    assert detectable_gains(20)["15 % discordant"] is None


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ({}, {}),
        ({"a": 0.03}, {"a": 0.03}),
        ({"a": 0.01, "b": 0.04, "c": 0.03}, {"a": 0.03, "b": 0.06, "c": 0.06}),  # never falls again: b is c's
        ({"a": 0.6, "b": 0.7}, {"a": 1.0, "b": 1.0}),
        ({"a": 0.02, "b": 0.02}, {"a": 0.04, "b": 0.04}),
    ],
)
def test_holm_known(p_values, adjusted):
    found = holm(p_values)
    assert list(found) == list(p_values)
    assert found == pytest.approx(adjusted)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_as_in_statsmodels(values):
    names = {f"t{number:02}": value for number, value in enumerate(values)}
    assert [*holm(names).values()] == pytest.approx(multipletests(values, method="holm")[1].tolist())


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-4, 4)), min_size=2, max_size=60), st.floats(0.5, 0.99))
def test_interval_of_a_difference(drawn, confidence):
    sizes, sums = [size for size, _ in drawn], [max(-size, min(size, total)) for size, total in drawn]
    low, high = difference_interval(sums, sizes, confidence)
    assert -1 <= low <= high <= 1
    assert (low, high) == difference_interval(sums, sizes, confidence)  # the seed is fixed
    back = difference_interval([-one for one in sums], sizes, confidence)
    assert (-back[1], -back[0]) == pytest.approx((low, high), abs=1e-12)
    wider = difference_interval(sums, sizes, (1 + confidence) / 2)
    assert wider[0] <= low <= high <= wider[1]


def test_interval_of_a_difference_by_the_normal_distribution():
    """Of many clusters, the interval is the mean and 1.96 standard errors."""
    sums = [1] * 120 + [-1] * 60 + [0] * 820
    low, high = difference_interval(sums, [1] * 1000)
    error = math.sqrt((180 / 1000 - 0.06**2) / 1000)
    assert (low, high) == pytest.approx((0.06 - 1.96 * error, 0.06 + 1.96 * error), abs=0.003)


def test_students_with_equal_marks_may_still_differ():
    low, high = paired_interval([0] * 50, [1] * 50)
    assert low < 0 < high
    assert paired_interval([1, 0, -1, 1], [1] * 4) == difference_interval([1, 0, -1, 1, 1, -1], [1] * 6)


def test_near_duplicates_that_agree_widen_the_interval():
    alone = difference_interval([1, -1, 0, 1] * 20, [1] * 80)
    twins = difference_interval([2, -2, 0, 2] * 10, [2] * 40)
    assert twins[0] < alone[0] < alone[1] < twins[1]


def test_one_cluster_says_nothing_of_others():
    assert difference_interval([3], [4]) == (-1.0, 1.0)
    for sums, sizes in (([], []), ([1], [1, 2])):
        with pytest.raises(ValueError, match="one cluster at least"):
            difference_interval(sums, sizes)
