"""The layout rules on generated papers; `python -m tests.exams.varied --pages 300 --seed 1` measures on many."""

from pathlib import Path

import pytest

from tests.exams.varied import Score, measure


@pytest.mark.parametrize("seed", [0, 1, 4, 7, 14, 16, 33, 46])
def test_questions_and_answers_of_a_generated_paper(tmp_path: Path, seed: int) -> None:
    score = Score()
    measure(seed, tmp_path, score, "text")
    assert (score.found, score.extra, score.right) == (score.asked, 0, score.answers), score.faults


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 7, 9])
def test_questions_and_answers_of_a_scanned_paper(tmp_path: Path, seed: int) -> None:
    """Ten pages: two columns and a list below them, a table on its side, a cover with rules."""
    score = Score()
    measure(seed, tmp_path, score, "scan")
    assert (score.found, score.extra, score.right) == (score.asked, 0, score.answers), score.faults
