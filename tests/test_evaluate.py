"""stages.evaluate: responses to grades and metrics, the same bytes each time; faults are named and change nothing."""

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from stages import evaluate
from stages.grading.statistics import effective_size, wilson
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Assignment, Grade, Problem, Response, Row
from tests.report.made_study import grid_row, write_params, write_study


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_params({"R1-r0": grid_row("R1", fold=1, whole=True), "R4-r0": grid_row("R4", fold=2, benchmark=False)})
    write_study()
    return tmp_path


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["evaluate", *arguments])
    evaluate.main()


def metrics(key: str) -> dict:
    return json.loads(Path(f"metrics/runs/{key}.json").read_text(encoding="utf-8"))


def say(key: str, *texts: tuple[str, str]) -> list[Response]:
    """The first responses of a run to read so, the others to hold no answer; `KEY` stands for what the key says."""
    keys = {one.id: one.answer for one in read_records("data/problems.jsonl", Problem)}
    said = read_records(f"data/responses/{key}.jsonl", Response)
    changed = []
    for number, one in enumerate(said):
        text, finish = texts[number] if number < len(texts) else ("", "stop")
        text = text.replace("KEY", keys.get(one.problem_id, "?"))
        changes = {"text": text, "finish_reason": finish, "words": len(text.split()), "tokens": 5}
        changed.append(one.model_copy(update=changes))
    write_records(f"data/responses/{key}.jsonl", changed)
    return changed


def test_every_number_of_the_held_out_problems(project, monkeypatch):
    texts = [("So\nAnswer: KEY", "stop")] * 3 + [("Answer: KEY", "length"), ("Answer: 12345", "stop")]
    said = say("R4-r0", *texts)
    run(monkeypatch, "R4-r0")
    found = metrics("R4-r0")
    cluster_of = {
        one.problem_id: one.cluster
        for one in read_records("data/assignment.jsonl", Assignment)
        if (one.fold, one.split) == (2, "test")
    }
    right = Counter(cluster_of[one.problem_id] for one in said[:3])
    twins = Counter(cluster_of.values())
    size = effective_size([right[one] for one in twins], [*twins.values()])
    low, high = wilson(3 / 50 * size, size)
    assert list(found)[:3] == ["level", "fold", "held_out"]  # the headline first, as `dvc metrics show` prints it
    assert (found["level"], found["fold"]) == ("R4", 2)
    assert found["held_out"] == {"n": 50, "correct": 3, "accuracy": 3 / 50, "low": low, "high": high}
    told = found["held_out_responses"]
    assert (told["truncated"], told["blank"], told["undecided"]) == (1, 46, 0)
    assert told["words"] == pytest.approx(sum(one.words for one in said) / 50)
    assert told["tokens"] == 5
    assert sum(group["n"] for group in found["by_section"].values()) == 50
    assert sum(group["correct"] for group in found["by_year"].values()) == 3
    assert not {"all", "benchmarks"} & found.keys()
    grades = read_records("data/grades/R4-r0.jsonl", Grade)
    assert [one.verdict for one in grades[:5]] == ["match", "match", "match", "no", "no"]
    assert {(one.split, one.fold, one.student.run) for one in grades} == {("test", 2, "R4-r0")}


def test_all_problems_stand_beside_the_share_trained_on(project, monkeypatch):
    run(monkeypatch, "R1-r0")
    found = metrics("R1-r0")
    everything = found["all"]
    assert everything["n"] == 250
    assert {name: told["n"] for name, told in everything["by_split"].items()}.keys() == {"test", "train", "valid"}
    with_chains = {one.problem_id for one in read_records("data/datasets/R1/fold-1/train.jsonl", Row)}
    assert everything["trained_share"] == len(with_chains) / 250
    assert found["held_out"]["n"] == everything["by_split"]["test"]["n"] == 50
    assert {name: told["n"] for name, told in found["benchmarks"].items()} == {"made": 60}


def test_the_base_student_answers_everything_unseen(project, monkeypatch):
    run(monkeypatch, "base")
    found = metrics("base")
    assert (found["level"], found["fold"], found["held_out"]["n"]) == (None, None, 250)
    assert "all" not in found


def test_the_same_bytes_each_time_and_in_any_order(project, monkeypatch):
    names = ["data/grades/R1-r0.jsonl", "metrics/runs/R1-r0.json"]
    before = [Path(name).read_bytes() for name in names]
    said = read_records("data/responses/R1-r0.jsonl", Response)
    write_records("data/responses/R1-r0.jsonl", said[::-1])
    run(monkeypatch, "R1-r0")
    assert [Path(name).read_bytes() for name in names] == before


@pytest.mark.parametrize(
    ("arguments", "fault", "message"),
    [
        ([], None, r"usage: python -m stages.evaluate NAME"),
        (["R1-r0", "base"], None, r"usage: python -m stages.evaluate NAME"),
        (["R1-r9"], None, r"params.yaml: R1-r9: neither a run nor a variant; there are R1-r0, R4-r0, base"),
        (["R1-r0"], lambda: Path("data/responses/R1-r0.jsonl").unlink(), r"data/responses/R1-r0.jsonl: no such file"),
        (["R1-r0"], lambda: Path("data/responses/R1-r0.jsonl").write_text(""), r"310 of 310 responses missing"),
        (["R1-r0"], lambda: Path("data/problems.jsonl").unlink(), r"data/problems.jsonl: no such file"),
        (
            ["R1-r0"],
            lambda: Path("data/problems.jsonl").write_text(""),
            r"assignment.jsonl: made-\S+: each usable",
        ),
    ],
)
def test_a_fault_is_named_and_changes_nothing(project, monkeypatch, arguments, fault, message):
    before = Path("metrics/runs/R1-r0.json").read_bytes(), Path("data/grades/R1-r0.jsonl").read_bytes()
    if fault:
        fault()
    with pytest.raises(StudyError, match=message):
        run(monkeypatch, *arguments)
    assert (Path("metrics/runs/R1-r0.json").read_bytes(), Path("data/grades/R1-r0.jsonl").read_bytes()) == before
