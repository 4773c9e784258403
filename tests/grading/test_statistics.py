"""stages.study.statistics against published values and the laws that the formulas obey."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stages.study.statistics import jaccard, mcnemar, mean_and_std, wilson, word_ngrams

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12).map(" ".join)


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
    ("first", "second", "n", "expected"),
    [
        # Broder (1997): the 4-shingling of "a rose is a rose is a rose" is {a rose is a, rose is a rose, is a rose is}
        ("a rose is a rose is a rose", "a rose is a rose is a rose", 4, 1.0),
        ("Find x if 2x + 3 = 7.", "find X, if 2x-3 = 7", 3, 1.0),  # words only: case, signs and points are no words
        ("one two three four", "one two three five", 3, 1 / 3),
        ("one two three four", "five six seven eight", 3, 0.0),
        ("3 4", "3 4.", 3, 1.0),  # shorter than a run
        ("3 4", "4 3", 3, 0.0),
        ("3 4", "3 4 5", 3, 0.0),
        ("ﬁnd x²", "find x2", 1, 1.0),  # compatibility forms
        ("", "?!", 3, 1.0),
        ("", "a", 3, 0.0),
    ],
)
def test_resemblance(first, second, n, expected):
    assert jaccard(word_ngrams(first, n), word_ngrams(second, n)) == pytest.approx(expected)


def test_shingles_as_broder_prints_them():
    grams = {"a rose is a", "rose is a rose", "is a rose is"}
    assert word_ngrams("a rose is a rose is a rose", 4) == {tuple(gram.split()) for gram in grams}


@given(TEXTS, TEXTS, st.integers(1, 4))
def test_resemblance_laws(first, second, n):
    one, two = word_ngrams(first, n), word_ngrams(second, n)
    assert one
    assert jaccard(one, one) == 1
    assert 0 <= jaccard(one, two) <= 1
    assert jaccard(one, two) == jaccard(two, one)
    assert (jaccard(one, two) == 1) == (one == two)


@given(TEXTS, TEXTS, TEXTS)
def test_jaccard_distance_is_a_metric(first, second, third):
    one, two, three = (word_ngrams(text, 2) for text in (first, second, third))
    assert (1 - jaccard(one, three)) <= (1 - jaccard(one, two)) + (1 - jaccard(two, three)) + 1e-12
