"""A file that is missing, or does not hold what it should, is named with what to run."""

from pathlib import Path

import pytest

from stages.report.inputs import load
from stages.study.errors import StudyError

LOSS = "plots/training/R5-r0/plots/metrics/valid/loss.tsv"


def remove(path: str) -> None:
    Path(path).unlink()


def write(path: str, content: str) -> None:
    Path(path).write_text(content, encoding="utf-8")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda: remove("data/responses/R6-r0.jsonl"), r"data/responses/R6-r0.jsonl: no such file"),
        (lambda: remove("data/grades/R6-r0.jsonl"), r"data/grades/R6-r0.jsonl: no such file"),
        (lambda: remove("metrics/runs/R6-r0.json"), r"metrics/runs/R6-r0.json: no such file"),
        (lambda: remove("metrics/training/R6-r0.json"), r"metrics/training/R6-r0.json: no such file"),
        (lambda: remove("metrics/extract.json"), r"metrics/extract.json: no such file"),
        (lambda: remove("data/datasets/R5/fold-4/valid.jsonl"), r"data/datasets/R5/fold-4/valid.jsonl: no such file"),
        (lambda: remove("data/versions.yaml"), r"data/versions.yaml: missing"),
        (lambda: write("metrics/teacher.json", "{\n'"), r"metrics/teacher.json:2: not JSON"),
        (lambda: remove(LOSS), r"R5-r0/.*loss.tsv: no such file; run `dvc repro train@R5-r0`"),
        (lambda: write(LOSS, "step\tloss\n"), r"loss.tsv: no losses in it"),
        (lambda: write(LOSS, "step\tloss\n1\tlow\n"), r"loss.tsv: not a loss by step: .*low"),
        (lambda: write(LOSS, "a\tb\n1\t2\n"), r"loss.tsv: not a loss by step: .*step"),
    ],
)
def test_a_file_that_is_missing_or_broken_is_named(study, fault, message):
    fault()
    with pytest.raises(StudyError, match=message):
        load(study)
