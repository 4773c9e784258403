"""Measure one run of the grid, or the student before training, on the exam problems.

    python -m stages.evaluate R1-r0      (dvc repro evaluate@R1-r0)
    python -m stages.evaluate base       (dvc repro baseline)

Writes data/predictions/R1-r0.jsonl and metrics/runs/R1-r0.json. The headline is the accuracy on held-out problems.
"""

import sys
from pathlib import Path
from typing import Any

from stages.answers import compare, extract
from stages.student.exam import Question, by, counts, marks, sit
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.records import Assignment, Prediction, Problem


def main() -> None:
    """Ask the problems of the splits in `generate.splits`, or all of them; judge, write predictions and metrics."""
    if len(sys.argv) != 2:
        raise StudyError("usage: python -m stages.evaluate RUN (`base`, or a key of `runs:` in params.yaml)")
    key = sys.argv[1]
    params = parameters.load()
    run = None if key == "base" else params.run(key)
    problems = {problem.id: problem for problem in read_records("data/problems.jsonl", Problem)}
    assigned = read_records("data/assignment.jsonl", Assignment)
    whole = run is not None and run.all_problems
    asked = [one for one in assigned if whole or one.split in params.active.generate.splits]
    for split in params.active.generate.splits:
        if not any(one.split == split for one in asked):
            raise StudyError(f"data/assignment.jsonl: no problem in split {split!r}, which generate.splits asks for")
    questions = []
    for one in asked:
        if (problem := problems.get(one.problem_id)) is None:
            raise StudyError(
                f"data/assignment.jsonl: {one.problem_id}: not in data/problems.jsonl; run `dvc repro split`"
            )
        questions.append(Question(problem.id, problem.statement, problem.answer, one.split))
    predictions = sit(
        questions,
        None if run is None else Path("models/adapters") / key,
        params.active.generate,
        params.machine,
        extract=extract,
        compare=compare,
    )
    write_records(f"data/predictions/{key}.jsonl", predictions)
    found = {"level": None if run is None else run.level, **metrics(predictions, problems)}
    if len(asked) == len(assigned):
        trained = sum(run is not None and one.split == "train" and one.has_chain for one in assigned)
        found["all"] = marks(predictions) | {"trained_share": round(trained / len(assigned), 4)}
    write_json(f"metrics/runs/{key}.json", found)


def metrics(predictions: list[Prediction], problems: dict[str, Problem]) -> dict[str, Any]:
    """Held-out marks first, by section and year as well; those of the splits that a run has also answered."""
    held_out = [one for one in predictions if one.split == "test"]
    return {
        "held_out": marks(held_out),
        "by_split": by(predictions, lambda one: one.split),
        "by_section": by(held_out, lambda one: problems[one.problem_id].section),
        "by_year": by(held_out, lambda one: str(problems[one.problem_id].year)),
        "held_out_responses": counts(held_out),
    }


if __name__ == "__main__":
    run_stage(main)
