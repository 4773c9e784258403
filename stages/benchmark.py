"""Measure one run of the grid, or the student before training, on a benchmark from outside the exams.

    python -m stages.benchmark R1-r0      (dvc repro benchmark@R1-r0)
    python -m stages.benchmark base       (dvc repro baseline)

Reads data/benchmarks/<benchmark>.jsonl, of BenchmarkProblem records or as MATH-500 is published; writes
data/predictions/benchmark/R1-r0.jsonl and metrics/benchmarks/R1-r0.json.
"""

import sys
from pathlib import Path

from stages.answers import compare, extract
from stages.student.exam import Question, by, counts, marks, sit
from stages.study import params as parameters
from stages.study.benchmarks import read_benchmark
from stages.study.errors import StudyError, run_stage
from stages.study.files import write_json, write_records


def main() -> None:
    """Ask every problem of the benchmark, judge the responses, write predictions and metrics."""
    if len(sys.argv) != 2:
        raise StudyError("usage: python -m stages.benchmark RUN (`base`, or a key of `runs:` in params.yaml)")
    key = sys.argv[1]
    params = parameters.load()
    level = None if key == "base" else params.run(key).level
    problems = {problem.id: problem for problem in read_benchmark(f"data/benchmarks/{params.benchmark}.jsonl")}
    predictions = sit(
        [Question(problem.id, problem.statement, problem.answer, "benchmark") for problem in problems.values()],
        None if level is None else Path("models/adapters") / key,
        params.active.generate,
        params.machine,
        extract=extract,
        compare=compare,
    )
    write_records(f"data/predictions/benchmark/{key}.jsonl", predictions)
    write_json(
        f"metrics/benchmarks/{key}.json",
        {
            "level": level,
            "benchmark": params.benchmark,
            "all": marks(predictions),
            "by_subject": by(predictions, lambda one: problems[one.problem_id].subject or "none"),
            "responses": counts(predictions),
        },
    )


if __name__ == "__main__":
    run_stage(main)
