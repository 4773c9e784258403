"""stages.report.inputs: one set of problems for all rows, and files that fit each other."""

import json
from pathlib import Path

import pytest

from stages.report.inputs import load
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Prediction, Verified
from tests.report.made_study import recount


def predictions(run: str) -> list[Prediction]:
    return read_records(f"data/predictions/{run}.jsonl", Prediction)


def test_a_study_loads(study):
    loaded = load(study.runs)
    assert list(loaded.exams) == list(loaded.benchmark) == ["base", *study.runs]
    assert len(loaded.held_out) == 75
    assert all(loaded.assignment[one].split == "test" for one in loaded.held_out)
    assert all(loaded.assignment[one].split == "train" for one in loaded.trained)
    assert set(loaded.trained) <= loaded.chains.keys()
    assert loaded.curves["R1-long"].valid.keys() == set(range(0, 161, 10))
    assert loaded.curves["R1-long"].train.keys() == set(range(1, 161))


def drop_one(run):
    write_records(f"data/predictions/{run}.jsonl", predictions(run)[1:])


def almost_whole(runs):
    """R1-r0 alone is asked for all problems, and one that it was trained on is lost."""
    for run in runs:
        if run != "R1-r0":
            write_records(f"data/predictions/{run}.jsonl", [one for one in predictions(run) if one.split == "test"])
    lost = next(one for one in predictions("R1-r0") if one.split == "train")
    write_records("data/predictions/R1-r0.jsonl", [one for one in predictions("R1-r0") if one != lost])


def drop_benchmark():
    path = Path("data/predictions/benchmark/R4-r0.jsonl")
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")


def repeat_one():
    write_records("data/predictions/R2-r0.jsonl", [*predictions("R2-r0"), predictions("R2-r0")[0]])


def move_to_test():
    moved = [one.model_copy(update={"split": "test"}) if one.split == "train" else one for one in predictions("R2-r0")]
    write_records("data/predictions/R2-r0.jsonl", moved)


def flip_without_recount():
    first, *others = [one for one in predictions("R3-r0") if one.split == "test"]
    rest = [one for one in predictions("R3-r0") if one.split != "test"]
    flipped = first.model_copy(update={"verdict": "no" if first.correct else "match"})
    write_records("data/predictions/R3-r0.jsonl", [flipped, *others, *rest])


def no_held_out(runs):
    for run in runs:
        write_records(f"data/predictions/{run}.jsonl", [one for one in predictions(run) if one.split != "test"])
        recount(run)


def forget_verdicts():
    write_records("data/verified.jsonl", read_records("data/verified.jsonl", Verified)[:1])


def remove(path):
    Path(path).unlink()


def write(path, content):
    Path(path).write_text(content, encoding="utf-8")


LOSS = "plots/training/R5-r0/plots/metrics/valid/loss.tsv"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda _: drop_one("R1-r2"), r"predictions/R1-r2.jsonl: 249 problems, base.jsonl 250; .*made-\d+"),
        (lambda _: drop_one("base"), r"predictions/R1-r0.jsonl: 250 problems, base.jsonl 249"),
        (almost_whole, r"predictions/R1-r0.jsonl: 249 of all 250 problems; made-\S+ is missing; .*evaluate@R1-r0"),
        (lambda _: write("data/predictions/benchmark/R4-r0.jsonl", ""), r"benchmark/R4-r0.jsonl: 0 problems, base.*60"),
        (lambda _: drop_benchmark(), r"benchmark/R4-r0.jsonl: 59 problems, base.jsonl 60"),
        (lambda _: repeat_one(), r"R2-r0.jsonl: a problem is answered twice"),
        (lambda _: move_to_test(), r"R2-r0.jsonl: made-\S+: split 'test', but .*assignment.jsonl has 'train'"),
        (lambda _: flip_without_recount(), r"metrics/runs/R3-r0.json: held_out: .*; run `dvc repro`"),
        (no_held_out, "no held-out problem is answered; add test to generate.splits"),
        (lambda _: forget_verdicts(), r"data/verified.jsonl: no verdict on made-"),
        (lambda _: remove("data/predictions/R6-r0.jsonl"), r"data/predictions/R6-r0.jsonl: no such file"),
        (lambda _: remove("metrics/runs/R6-r0.json"), r"metrics/runs/R6-r0.json: no such file"),
        (lambda _: remove("metrics/extract.json"), r"metrics/extract.json: no such file"),
        (lambda _: write("metrics/teacher.json", "{\n'"), r"metrics/teacher.json:2: not JSON"),
        (lambda _: remove(LOSS), r"R5-r0/.*loss.tsv: no such file; run `dvc repro train@R5-r0`"),
        (lambda _: write(LOSS, "step\tloss\n"), r"loss.tsv: no losses in it"),
        (lambda _: write(LOSS, "step\tloss\n1\tlow\n"), r"loss.tsv: not a loss by step: .*low"),
        (lambda _: write(LOSS, "a\tb\n1\t2\n"), r"loss.tsv: not a loss by step: .*step"),
    ],
)
def test_what_does_not_fit_is_named(study, fault, message):
    fault(["base", *study.runs])
    with pytest.raises(StudyError, match=message):
        load(study.runs)


def test_a_held_out_problem_missing_everywhere_is_no_error(study):
    """Fewer problems are fine as long as all rows answer the same ones."""
    for run in ["base", *study.runs]:
        drop_one(run)
        recount(run)
    assert len(load(study.runs).exams["base"]) == 249


def test_metrics_in_the_made_up_study_fit_its_predictions(study):
    told = json.loads(Path("metrics/runs/R1-r0.json").read_text(encoding="utf-8"))["held_out"]
    held_out = [one for one in predictions("R1-r0") if one.split == "test"]
    assert told == {"n": len(held_out), "correct": sum(one.correct for one in held_out)}
