"""The layout rules on generated papers; `python -m tests.exams.varied 300` measures on many."""

from pathlib import Path

import pytest

from tests.exams.varied import measure


@pytest.mark.parametrize("seed", [0, 1, 4, 5, 8])
def test_questions_and_answers_of_a_generated_paper(tmp_path: Path, seed: int) -> None:
    wanted, found, right, faults = measure(seed, tmp_path)
    assert (found, right) == (wanted, wanted), faults
