import json
import sys
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages import evaluate
from stages.student import exam
from stages.student.generation import Response
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.questions.prompt import student_messages
from stages.study.records import Assignment, Prediction, Problem, Reading, Source

SMALL = {"max_tokens": 6, "batch_size": 4, "splits": ["test", "train"]}
SOME = {"R1-r0": {"level": "R1", "replicate": 0, "long": False, "all_problems": False}}
ALL = {"R1-r0": SOME["R1-r0"] | {"all_problems": True}}
# id, year, section, answer, split, has chains, what the student says, why it stops
CASES = [
    ("a", 2021, "fs", "1/2", "test", True, "Half.\nAnswer: 0.5", "stop"),
    ("b", 2021, "js", "3", "test", True, "Answer: 4", "stop"),
    ("c", 2022, "fs", "5", "test", False, "I go on and on", "length"),
    ("d", 2022, "tp", "6", "test", True, "", "stop"),
    ("e", 2022, "fs", "7", "train", True, "Answer: 7", "stop"),
    ("f", 2022, "fs", "8", "train", False, "Answer: 8", "stop"),
    ("g", 2022, "fs", "9", "valid", True, "never asked", "stop"),
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.params(tmp_path, generate=SMALL, machine={"workers": 1}, runs=SOME)
    source, reading = Source(file="x.pdf", page=1, box=(0, 0, 1, 1)), Reading(engine="text", confidence=1)
    write_records(
        "data/problems.jsonl",
        [
            Problem(
                id=id,
                corpus="x",
                year=year,
                section=section,
                number="01",
                statement=f"Find {id}.",
                answer=answer,
                source=source,
                reading=reading,
            )
            for id, year, section, answer, *_ in CASES
        ],
    )
    write_records(
        "data/assignment.jsonl",
        [
            Assignment(problem_id=id, split=split, cluster=id, has_chain=chain)
            for id, _, _, _, split, chain, *_ in CASES
        ],
    )
    return tmp_path


def said(asked, adapter, generate, machine):
    """In the place of the model: what CASES says to a statement."""
    by_statement = {f"Find {case[0]}.": case for case in CASES}
    cases = [by_statement[one.messages[-1]["content"]] for one in asked]
    return [Response(case[6], len(case[6]), case[7]) for case in cases]


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["evaluate", *arguments])
    evaluate.main()


def test_every_number_of_the_metrics(project, monkeypatch):
    monkeypatch.setattr(exam, "respond", said)
    run(monkeypatch, "R1-r0")
    found = json.loads(Path("metrics/runs/R1-r0.json").read_text())
    none, one, half = (
        {"n": n, "correct": c, "accuracy": c / n, "low": low, "high": high}
        for n, c, low, high in ((1, 0, 0.0, 0.7935), (1, 1, 0.2065, 1.0), (2, 1, 0.0945, 0.9055))
    )
    assert found == {
        "level": "R1",
        "held_out": {"n": 4, "correct": 1, "accuracy": 0.25, "low": 0.0456, "high": 0.6994},
        "by_split": {
            "test": {"n": 4, "correct": 1, "accuracy": 0.25, "low": 0.0456, "high": 0.6994},
            "train": {"n": 2, "correct": 2, "accuracy": 1.0, "low": 0.3424, "high": 1.0},
        },
        "by_section": {"fs": half, "js": none, "tp": none},
        "by_year": {"2021": half, "2022": {"n": 2, "correct": 0, "accuracy": 0.0, "low": 0.0, "high": 0.6576}},
        "held_out_responses": {"mean_words": 2.5, "mean_tokens": 10.0, "truncated": 1, "blank": 2, "undecided": 0},
    }
    assert one["correct"] == 1
    predictions = read_records("data/predictions/R1-r0.jsonl", Prediction)
    assert [(p.problem_id, p.answer, p.verdict, p.split) for p in predictions] == [
        ("a", "0.5", "match", "test"),
        ("b", "4", "no", "test"),
        ("c", None, "no", "test"),
        ("d", None, "no", "test"),
        ("e", "7", "match", "train"),
        ("f", "8", "match", "train"),
    ]


def test_accuracy_on_all_problems_stands_beside_the_share_trained_on(project, monkeypatch):
    monkeypatch.setattr(exam, "respond", said)
    run(monkeypatch, "R1-r0")
    before = json.loads(Path("metrics/runs/R1-r0.json").read_text())
    tiny.params(project, generate=SMALL, machine={"workers": 1}, runs=ALL)
    run(monkeypatch, "R1-r0")
    found = json.loads(Path("metrics/runs/R1-r0.json").read_text())
    assert found.pop("all") == {
        "n": 7,
        "correct": 3,
        "accuracy": 0.4286,
        "low": 0.1582,
        "high": 0.7495,
        "trained_share": 0.1429,
    }
    assert found["by_split"].pop("valid")["n"] == 1
    assert found == before


def test_the_base_student_was_trained_on_nothing(project, monkeypatch):
    monkeypatch.setattr(exam, "respond", said)
    tiny.params(project, generate=SMALL | {"splits": ["train", "valid", "test"]}, machine={"workers": 1})
    run(monkeypatch, "base")
    found = json.loads(Path("metrics/runs/base.json").read_text())
    assert found["level"] is None
    assert found["all"]["trained_share"] == 0


def test_training_and_evaluation_ask_in_the_same_words(project, monkeypatch):
    """The dataset's rows begin with student_messages; so does what the model is asked here."""
    asked = []
    monkeypatch.setattr(exam, "respond", lambda questions, *rest: asked.extend(questions) or said(questions, *rest))
    run(monkeypatch, "base")
    assert asked[0] == ("test", student_messages("Find a."))


def test_a_real_student_gives_the_same_bytes_each_time(project, monkeypatch):
    tiny.make(project / "models/base")
    names = ["data/predictions/base.jsonl", "metrics/runs/base.json"]
    run(monkeypatch, "base")
    first = [Path(name).read_bytes() for name in names]
    run(monkeypatch, "base")
    assert [Path(name).read_bytes() for name in names] == first
    predictions = read_records("data/predictions/base.jsonl", Prediction)
    assert len(predictions) == 6
    assert all(0 <= one.tokens <= 6 for one in predictions)


@pytest.mark.parametrize(
    ("arguments", "break_it", "message"),
    [
        ([], None, "usage: python -m stages.evaluate RUN"),
        (["R1-r9"], None, r"runs\.R1-r9: no such run"),
        (["R1-r0"], None, r"models/adapters/R1-r0/adapters\.safetensors: no such file; run `dvc repro train@R1-r0`"),
        (["base"], None, "models/base: no student there; run `dvc repro student`"),
        (
            ["base"],
            lambda: Path("data/problems.jsonl").write_text(""),
            r"a: not in data/problems\.jsonl; run `dvc repro split`",
        ),
        (
            ["base"],
            lambda: Path("data/assignment.jsonl").write_text(""),
            "no problem in split 'test', which generate.splits",
        ),
        (["base"], lambda: Path("data/assignment.jsonl").unlink(), r"data/assignment\.jsonl: no such file"),
    ],
)
def test_bad_input(project, monkeypatch, arguments, break_it, message):
    if break_it:
        break_it()
    with pytest.raises(StudyError, match=message):
        run(monkeypatch, *arguments)
    assert not Path("metrics").exists()
