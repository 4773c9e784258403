"""Benchmark files in `data/benchmarks/`: BenchmarkProblem records, or MATH-500 as it is published."""

from pathlib import Path

from pydantic import BaseModel, Field

from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import BenchmarkProblem


class Published(BaseModel):
    """A line of MATH-500 under its own keys."""

    id: str = Field(alias="unique_id")
    statement: str = Field(alias="problem")
    answer: str
    subject: str = ""


def read_benchmark(path: Path | str) -> list[BenchmarkProblem]:
    """The problems in the file's order; raises StudyError for a file without any, or with an id twice."""
    path = Path(path)
    published = path.exists() and '"unique_id"' in path.read_text(encoding="utf-8").partition("\n")[0]
    found = read_records(path, Published) if published else read_records(path, BenchmarkProblem)
    if not found:
        raise StudyError(f"{path}: no problems in it")
    if repeated := len(found) - len({problem.id for problem in found}):
        raise StudyError(f"{path}: {repeated} problems have the id of another one")
    return [BenchmarkProblem.model_validate(problem.model_dump()) for problem in found]
