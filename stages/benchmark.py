"""Measure one run of the grid, or the student before training, on a benchmark from outside the exams.

    python -m stages.benchmark R1-r0      (dvc repro benchmark@R1-r0)
    python -m stages.benchmark base       (dvc repro baseline)

Reads data/benchmarks/<benchmark>.jsonl, of BenchmarkProblem records or as MATH-500 is published; writes
data/predictions/benchmark/R1-r0.jsonl and metrics/benchmarks/R1-r0.json.
"""

import sys
from pathlib import Path

from pydantic import BaseModel, Field

from stages.answers import compare, extract
from stages.student.exam import Question, by, counts, marks, sit
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.records import BenchmarkProblem


class Published(BaseModel):
    """A line of MATH-500 under its own keys."""

    id: str = Field(alias="unique_id")
    statement: str = Field(alias="problem")
    answer: str
    subject: str = ""


def main() -> None:
    """Ask every problem of the benchmark, judge the responses, write predictions and metrics."""
    if len(sys.argv) != 2:
        raise StudyError("usage: python -m stages.benchmark RUN (`base`, or a key of `runs:` in params.yaml)")
    key = sys.argv[1]
    params = parameters.load()
    level = None if key == "base" else params.run(key).level
    problems = read_benchmark(Path(f"data/benchmarks/{params.benchmark}.jsonl"))
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


def read_benchmark(path: Path) -> dict[str, BenchmarkProblem | Published]:
    """The problems by their ids, which must differ; raises StudyError for a file without any."""
    published = path.exists() and '"unique_id"' in path.read_text(encoding="utf-8").partition("\n")[0]
    found = read_records(path, Published) if published else read_records(path, BenchmarkProblem)
    problems: dict[str, BenchmarkProblem | Published] = {problem.id: problem for problem in found}
    if not problems:
        raise StudyError(f"{path}: no problems in it")
    if len(problems) < len(found):
        raise StudyError(f"{path}: {len(found) - len(problems)} problems have the id of another one")
    return problems


if __name__ == "__main__":
    run_stage(main)
