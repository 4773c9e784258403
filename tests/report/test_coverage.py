"""The intervals' coverage and the tests' power, on fewer studies than `python -m tests.report.coverage` makes up."""

import pytest

from tests.report.coverage import FEW, MANY, coverage, power


@pytest.mark.long
@pytest.mark.parametrize("most", [FEW, MANY])
def test_intervals_hold_the_truth_as_often_as_they_say(most):
    """300 studies: 95 % within three standard errors."""
    for name, share in coverage(300, seed=1, most=most).items():
        assert 0.912 <= share <= 0.988, (name, share)


def test_the_detectable_gain_is_detected_in_four_studies_of_five():
    told = power(250, 0.15, studies=2000)
    assert told["at the detectable gain"] == pytest.approx(0.8, abs=0.03)
    assert told["without a gain"] <= 0.05
