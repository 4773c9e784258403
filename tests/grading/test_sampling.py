"""stages.grading.sampling and what goes with it: pass@k against all choices of k, votes by hand, flips."""

from itertools import combinations
from statistics import fmean

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.grading.frame import flips
from stages.grading.sampling import majority, sampled
from stages.grading.statistics import pass_at_k


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_is_the_share_of_choices_with_a_right_one(numbers):
    samples, correct, k = numbers
    right = [place < correct for place in range(samples)]
    assert pass_at_k(samples, correct, k) == pytest.approx(fmean(any(chosen) for chosen in combinations(right, k)))


@pytest.mark.parametrize(("samples", "correct", "k"), [(3, 4, 1), (3, -1, 1), (3, 1, 0), (3, 1, 4)])
def test_pass_at_k_of_impossible_counts(samples, correct, k):
    with pytest.raises(ValueError, match=rf"no pass@{k} of {correct} right in {samples} samples"):
        pass_at_k(samples, correct, k)


def lines(problem: str, *answers: str, key: str = "1/2", cluster: str = "") -> list[dict]:
    """One problem's grades: an answer, `` (blank) or an answer with `...` behind it (cut off)."""
    return [
        {
            "problem": problem,
            "cluster": cluster or problem,
            "answer": answer.removesuffix("..."),
            "blank": answer == "",
            "truncated": answer.endswith("..."),
            "correct": answer in (key, "0.5"),
        }
        for answer in answers
    ]


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        (["3", "1/2", "1/2"], "1/2"),
        (["3", "1/2", "0.5"], "1/2"),  # equal, though written otherwise
        (["3", "4", "1/2"], "3"),  # the first of equally common ones
        (["3", "4", "4", "3"], "3"),
        (["1/2...", "1/2...", "3"], "3"),  # what is cut off has no vote
        (["", "", "3"], "3"),
        (["", ""], ""),
        (["7..."], "7"),
    ],
)
def test_the_commonest_answer_stands_for_a_problem(answers, chosen):
    assert majority(pd.DataFrame(lines("a", *answers)))["answer"] == chosen


def test_every_number_of_several_samples():
    grades = pd.DataFrame(
        lines("a", "1/2", "3", "1/2")
        + lines("b", "3", "3", "0.5")
        + lines("c", "", "4...", "5")
        + lines("d", *["0.5"] * 3)
    )
    found = sampled(grades)
    assert (found["samples"], list(found["pass_at"])) == (3, ["1", "2", "3"])
    expected = {1: [2 / 3, 1 / 3, 0, 1], 2: [1, 2 / 3, 0, 1], 3: [1, 1, 0, 1]}
    for k, shares in expected.items():
        told = found["pass_at"][str(k)]
        assert told["share"] == pytest.approx(fmean(shares))
        assert 0 <= told["low"] <= told["share"] <= told["high"] <= 1
    assert found["pass_at"]["1"]["share"] == pytest.approx(grades["correct"].mean())
    assert (found["majority"]["n"], found["majority"]["correct"]) == (4, 2)


def test_near_duplicates_widen_the_interval_of_several_samples():
    def width(cluster: str) -> float:
        told = [
            lines(f"p{n}", *["1/2", "3"][:: (-1) ** n] * 2, cluster=cluster and f"{cluster}{n // 4}") for n in range(40)
        ]
        right = [line | {"correct": n // 4 % 2 == 0} for n, one in enumerate(told) for line in one]
        one = sampled(pd.DataFrame(right))["pass_at"]["1"]
        return one["high"] - one["low"]

    assert width("c") > 1.5 * width("")


def test_unequal_numbers_of_samples_are_refused():
    with pytest.raises(ValueError, match="equally many"):
        sampled(pd.DataFrame(lines("a", "3", "3") + lines("b", "3")))


def test_flips_count_answers_and_verdicts():
    first = pd.DataFrame(lines("a", "1/2") + lines("b", "3") + lines("c", "") + lines("d", "5"))
    second = pd.DataFrame(lines("d", "") + lines("a", "0.5") + lines("b", "1/2") + lines("c", ""))
    assert flips(first, second) == {
        "n": 4,
        "answers": 3,
        "verdicts": 1,
        "answer_share": 3 / 4,
        "verdict_share": 1 / 4,
    }
    assert flips(first, first)["answers"] == 0
    for other in (second[:3], pd.concat([second, second[:1]])):
        with pytest.raises(ValueError, match="flips: the two did not answer the same problems once each"):
            flips(first, other)


def test_one_problem_tells_nothing_of_others():
    told = sampled(pd.DataFrame(lines("a", "1/2", "3")))["pass_at"]["1"]
    assert told == {"share": 0.5, "low": 0.0, "high": 1.0}
