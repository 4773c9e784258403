import json
import sys
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages import benchmark
from stages.student import exam
from stages.student.generation import Response
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import Prediction

OWN = [
    {"id": "p1", "statement": "What is 1 + 1?", "answer": "2", "subject": "sums"},
    {"id": "p2", "statement": "What is 1 + 2?", "answer": "3", "subject": "sums"},
    {"id": "p3", "statement": "What is 2 · 2?", "answer": "4"},
]
PUBLISHED = [
    {
        "unique_id": one["id"],
        "problem": one["statement"],
        "answer": one["answer"],
        "subject": one.get("subject", ""),
        "level": 1,
        "solution": "...",
    }
    for one in OWN
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.params(tmp_path, generate={"max_tokens": 6, "batch_size": 2}, machine={"workers": 1})
    write(OWN)
    return tmp_path


def write(records: list[dict]) -> None:
    Path("data/benchmarks").mkdir(parents=True, exist_ok=True)
    Path("data/benchmarks/sample.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmark", *arguments])
    benchmark.main()


@pytest.mark.parametrize("records", [OWN, PUBLISHED])
def test_every_number_of_the_metrics(project, monkeypatch, records):
    write(records)
    monkeypatch.setattr(exam, "respond", lambda asked, *_: [Response("It is 2.\nAnswer: 2", 9, "stop")] * len(asked))
    run(monkeypatch, "base")
    assert json.loads(Path("metrics/benchmarks/base.json").read_text()) == {
        "level": None,
        "benchmark": "sample",
        "all": {"n": 3, "correct": 1, "accuracy": 0.3333, "low": 0.0615, "high": 0.7923},
        "by_subject": {
            "none": {"n": 1, "correct": 0, "accuracy": 0.0, "low": 0.0, "high": 0.7935},
            "sums": {"n": 2, "correct": 1, "accuracy": 0.5, "low": 0.0945, "high": 0.9055},
        },
        "responses": {"mean_words": 5.0, "mean_tokens": 9.0, "truncated": 0, "blank": 0, "undecided": 0},
    }
    predictions = read_records("data/predictions/benchmark/base.jsonl", Prediction)
    assert [(one.problem_id, one.verdict, one.split) for one in predictions] == [
        ("p1", "match", "benchmark"),
        ("p2", "no", "benchmark"),
        ("p3", "no", "benchmark"),
    ]


def test_a_real_student_gives_the_same_bytes_each_time(project, monkeypatch):
    tiny.make(project / "models/base")
    names = ["data/predictions/benchmark/base.jsonl", "metrics/benchmarks/base.json"]
    run(monkeypatch, "base")
    first = [Path(name).read_bytes() for name in names]
    run(monkeypatch, "base")
    assert [Path(name).read_bytes() for name in names] == first


@pytest.mark.parametrize(
    ("arguments", "break_it", "message"),
    [
        ([], None, "usage: python -m stages.benchmark RUN"),
        (["R1-r9"], None, r"runs\.R1-r9: no such run"),
        (["R1-r0"], None, r"models/adapters/R1-r0/adapters\.safetensors: no such file; run `dvc repro train@R1-r0`"),
        (["base"], lambda: write([]), "no problems in it"),
        (["base"], lambda: Path("data/benchmarks/sample.jsonl").unlink(), "no such file"),
    ],
)
def test_bad_input(project, monkeypatch, arguments, break_it, message):
    if break_it:
        break_it()
    with pytest.raises(StudyError, match=message):
        run(monkeypatch, *arguments)
    assert not Path("metrics").exists()
