"""Grade the responses of one run, or of a student that was asked in a way of its own.

    python -m stages.evaluate R1-r0      (dvc repro evaluate@R1-r0)
    python -m stages.evaluate base       (dvc repro evaluate-variant@base)

Reads data/responses/R1-r0.jsonl; writes data/grades/R1-r0.jsonl and metrics/runs/R1-r0.json. The headline is the
accuracy on held-out problems.
"""

import sys
from pathlib import Path

from stages.grading.frame import frame
from stages.grading.grades import grade_run
from stages.grading.summary import run_metrics
from stages.questions.exam import read_exam
from stages.study import params as parameters
from stages.study.errors import run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.records import Response


def main() -> None:
    usage = "stages.evaluate NAME (a key of `runs` or `variants` in params.yaml)"
    key = parameters.single_argument(sys.argv[1:], usage)
    params = parameters.load()
    run, asked, exam = params.trained(key), params.asked(key), read_exam(params)
    path = Path(f"data/responses/{key}.jsonl")
    grades = grade_run(key, exam.asked_of(run, asked), read_records(path, Response), path, asked.samples)
    write_records(f"data/grades/{key}.jsonl", grades)
    counted = run_metrics(frame(grades, exam, {} if run is None else {key: run}), exam, run)
    write_json(f"metrics/runs/{key}.json", counted)


if __name__ == "__main__":
    run_stage(main)
