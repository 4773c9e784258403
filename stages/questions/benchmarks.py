"""Benchmark files in `data/benchmarks/`: BenchmarkProblem records, or MATH-500 as it is published."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, Field

from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import BenchmarkProblem


class Published(BaseModel):
    """A line of MATH-500 under its own keys; its worked solution is not read."""

    id: str = Field(alias="unique_id", min_length=1)
    statement: str = Field(alias="problem", min_length=1)
    answer: str = Field(min_length=1)
    subject: str = ""
    difficulty: int | str = Field(default="", alias="level", description="1 to 5")


def read_benchmarks(names: Iterable[str]) -> dict[str, dict[str, BenchmarkProblem]]:
    """The problems of data/benchmarks/<name>.jsonl by name and id, in the order of `names` and of the files."""
    return {name: {one.id: one for one in read_benchmark(f"data/benchmarks/{name}.jsonl")} for name in names}


def read_benchmark(path: Path | str) -> list[BenchmarkProblem]:
    """The problems in the file's order; raises StudyError for a file without any, or with an id twice."""
    path = Path(path)
    published = path.exists() and '"unique_id"' in path.read_text(encoding="utf-8").partition("\n")[0]
    found = read_records(path, Published) if published else read_records(path, BenchmarkProblem)
    if not found:
        raise StudyError(f"{path}: no problems in it")
    if repeated := len(found) - len({problem.id for problem in found}):
        raise StudyError(f"{path}: {repeated} problems have the id of another one")
    return [BenchmarkProblem.model_validate(one.model_dump() | {"difficulty": str(one.difficulty)}) for one in found]
