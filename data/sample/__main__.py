"""Writes the sample that ships with the project: exam PDFs, their truth, the benchmark and the teacher's recording.

    python -m data.sample

Typesetting needs the package `typst` (in the `test` extra). The recording answers what the pipeline asks about the
problems that extraction reads from the new PDFs. The same source gives the same bytes.
"""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from data.sample.author import record
from data.sample.competition import Exam, benchmark, competition
from data.sample.markup import linear
from data.sample.typeset import pages
from stages import extract
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, replace, write_records
from stages.study.params import load, no_arguments
from stages.study.records import BenchmarkProblem, Problem


class Truth(BaseModel):
    """What the typesetter put on paper for one number, in linear form."""

    id: str
    year: int
    section: str
    number: str
    statement: str
    answer: str
    family: str
    needs_figure: bool
    missing: bool


def truth(exams: tuple[Exam, ...]) -> list[Truth]:
    """One record a question, in the order of the exams."""
    return [
        Truth(
            id=question.id,
            year=exam.year,
            section=exam.section,
            number=question.number,
            statement=linear(question.item.statement),
            answer=linear(question.item.answer),
            family=question.item.family,
            needs_figure=question.item.needs_figure,
            missing=question.missing,
        )
        for exam in exams
        for question in exam.questions
    ]


def benchmark_problems() -> list[BenchmarkProblem]:
    """The benchmark's records."""
    return [
        BenchmarkProblem(
            id=f"sample-benchmark-{number:03d}",
            statement=linear(item.statement),
            answer=linear(item.answer),
            subject=family.topic,
        )
        for number, (family, item) in enumerate(benchmark(), start=1)
    ]


def write_papers(data: Path) -> None:
    """Write PDFs, truth and benchmark under `data`, the project's data folder."""
    exams = competition()
    raw = data / "raw" / "sample"
    raw.mkdir(parents=True, exist_ok=True)
    files = dict(pages(exams))
    for path in raw.glob("*.pdf"):
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        (raw / name).write_bytes(content)
    write_records(raw / "truth.jsonl", truth(exams))
    with replace(data / "benchmarks" / "sample.jsonl") as file:
        for problem in benchmark_problems():  # keys without a value, as a difficulty, are left out
            file.write(json.dumps(problem.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n")


def main() -> None:
    """Write everything, in the project's top folder."""
    no_arguments(sys.argv[1:], "data.sample")
    options = load()
    if (options.profile, options.corpus) != ("sample", "sample"):
        raise StudyError("params.yaml: the sample is recorded with `profile: sample` and `corpus: sample`")
    write_papers(Path("data"))
    extract.main()
    with replace("data/recordings/sample.jsonl") as file:
        for answer in record(read_records("data/problems.jsonl", Problem), options):
            file.write(answer.model_dump_json(exclude_none=True) + "\n")


if __name__ == "__main__":
    run_stage(main)
