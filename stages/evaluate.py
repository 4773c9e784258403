"""Grade the responses of one run, or of the student before training.

    python -m stages.evaluate R1-r0      (dvc repro evaluate@R1-r0)
    python -m stages.evaluate base       (dvc repro evaluate@base)

Reads data/responses/R1-r0.jsonl; writes data/grades/R1-r0.jsonl and metrics/runs/R1-r0.json. The headline is the accuracy
on held-out problems.
"""

import sys
from pathlib import Path

import pandas as pd

from stages.grading.frame import Numbers, accuracy, accuracy_by, frame, held_out, response_stats
from stages.grading.grades import grade_run
from stages.study import params as parameters
from stages.study.errors import run_stage
from stages.questions.exam import EXAMS, Exam, read_exam, run_named
from stages.study.files import read_records, write_json, write_records
from stages.study.params import Run
from stages.study.records import Response


def main() -> None:
    key = parameters.single_argument(sys.argv[1:], "stages.evaluate RUN (`base`, or a key of `runs:` in params.yaml)")
    params = parameters.load()
    run, exam = run_named(params, key), read_exam(params)
    path = Path(f"data/responses/{key}.jsonl")
    grades = grade_run(key, exam.asked_of(run), read_records(path, Response), path)
    write_records(f"data/grades/{key}.jsonl", grades)
    write_json(f"metrics/runs/{key}.json", metrics(frame(grades, exam, {} if run is None else {key: run}), exam, run))


def metrics(grades: pd.DataFrame, exam: Exam, run: Run | None) -> Numbers:
    """Held-out accuracy first, by section and year as well; then what else the run has answered."""
    exams, unseen = grades[grades["source"] == EXAMS], held_out(grades)
    found: Numbers = {
        "level": None if run is None else run.level.value,
        "fold": None if run is None else run.fold,
        "held_out": accuracy(unseen),
        "by_section": accuracy_by(unseen, "section"),
        "by_year": accuracy_by(unseen, "year"),
        "held_out_responses": response_stats(unseen),
    }
    if len(exams) > len(unseen):
        trained = exam.trained(run.fold) if run else set()
        share = len(trained) / len(exam.problems)
        found["all"] = accuracy(exams) | {"trained_share": share, "by_split": accuracy_by(exams, "split")}
    outside = grades[grades["source"] != EXAMS]
    if len(outside):
        found["benchmark"] = {
            "name": exam.benchmark_name,
            **accuracy(outside),
            "by_subject": accuracy_by(outside, "subject"),
            "responses": response_stats(outside),
        }
    return found


if __name__ == "__main__":
    run_stage(main)
