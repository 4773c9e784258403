"""The real pipeline on a tiny profile in a temporary clone: what runs, what runs again, and what does not.

Two exam files of the sample, the recorded teacher, the real student, three runs of a few iterations. The only
thing that may come from the network is the student's wheel, and it is kept under `.cache/`.
"""

import json
import re
import shutil

import pytest

from tests.clone import Clone, copy_project, ran, small_params

SECTIONS = ("2021 FR-SO", "2021 Two-Person")
RUNS = {
    "R1-r0": {"level": "R1", "replicate": 0, "long": False, "all_problems": True},
    "R6-r0": {"level": "R6", "replicate": 0, "long": False, "all_problems": False},
    "R1-long": {"level": "R1", "replicate": 0, "long": True, "all_problems": False},
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    project = copy_project(tmp_path_factory.mktemp("clone") / "project")
    tiny = project.path / "data/raw/tiny"
    tiny.mkdir()
    for pdf in sorted((project.path / "data/raw/sample").glob("*.pdf")):
        if pdf.name.startswith(SECTIONS):
            shutil.copyfile(pdf, tiny / pdf.name)
    benchmark = (project.path / "data/benchmarks/sample.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (project.path / "data/benchmarks/tiny.jsonl").write_text("".join(benchmark[:4]), encoding="utf-8")
    small_params(project, "tiny", "tiny", RUNS)
    project.run("git", "init", "-q")
    project.run("git", "add", "-A")
    project.run("git", "commit", "-q", "-m", "tiny")
    project.first = project.run("dvc", "repro")
    project.run("git", "add", "-A")
    project.run("git", "commit", "-q", "-m", "first results")
    return project


def test_every_stage_runs_and_the_numbers_agree(clone):
    stages = set(clone.run("dvc", "stage", "list", "--name-only").split())
    assert ran(clone.first) == stages
    held_out = set()
    for run in ["base", *RUNS]:
        lines = (clone.path / f"data/predictions/{run}.jsonl").read_text(encoding="utf-8").splitlines()
        predictions = [json.loads(line) for line in lines]
        test = [row for row in predictions if row["split"] == "test"]
        metrics = clone.metrics(f"runs/{run}.json")
        assert metrics["held_out"]["n"] == len(test)
        assert metrics["held_out"]["correct"] == sum(row["verdict"] == "match" for row in test)
        held_out.add(tuple(row["problem_id"] for row in test))
        everything = run == "R1-r0"
        assert {row["split"] for row in predictions} == ({"train", "valid", "test"} if everything else {"test"})
        assert ("all" in metrics) == everything
    assert len(held_out) == 1, "all runs answer the same held-out problems"
    page = (clone.path / "plots/report.html").read_text(encoding="utf-8")
    assert "R6" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="?\s*https?:|url\(\s*.?https?:|@import', page), (
        "the page loads nothing from elsewhere"
    )


def test_nothing_generated_is_left_for_git_to_add(clone):
    assert clone.run("git", "status", "--short") == ""


def test_a_second_repro_runs_nothing(clone):
    output = clone.run("dvc", "repro")
    assert not ran(output)
    assert "up to date" in output


def test_another_seed_runs_training_and_what_follows_and_the_way_back_runs_nothing(clone):
    before = clone.contents("metrics", "plots/training")
    output = clone.run("dvc", "exp", "run", "-S", "seed=3")
    names = {stage.split("@")[0] for stage in ran(output)}
    assert names >= {"train", "report"}
    assert names <= {"train", "evaluate", "benchmark", "report"}
    assert {stage for stage in ran(output) if stage.startswith("train@")} == {f"train@{run}" for run in RUNS}
    after = clone.contents("metrics", "plots/training")
    changed = {name for name in before if after[name] != before[name]}
    assert {f"plots/training/{run}/plots/metrics/train/loss.tsv" for run in RUNS} <= changed
    diff = json.loads(clone.run("dvc", "metrics", "diff", "--json"))
    assert set(diff) == {name for name in changed if name.startswith("metrics/")}
    back = clone.run("dvc", "exp", "run", "-S", "seed=1")
    assert not ran(back)
    assert clone.contents("metrics", "plots/training") == before


def test_the_same_training_and_evaluation_give_the_same_bytes(clone):
    names = ["metrics/runs/R1-r0.json", "data/predictions/R1-r0.jsonl", "models/adapters/R1-r0/adapters.safetensors"]
    before = [(clone.path / name).read_bytes() for name in names]
    output = clone.run("dvc", "repro", "--force", "--single-item", "train@R1-r0", "evaluate@R1-r0")
    assert ran(output) == {"train@R1-r0", "evaluate@R1-r0"}
    assert [(clone.path / name).read_bytes() for name in names] == before


def test_a_failure_keeps_earlier_results(clone):
    """A corpus without PDFs stops the run with a message; metrics and predictions stay as they were."""
    (clone.path / "data/raw/empty").mkdir()
    (clone.path / "data/raw/empty/notes.txt").write_text("no exam here", encoding="utf-8")
    before = (clone.path / "metrics/summary.json").read_bytes()
    params = (clone.path / "params.yaml").read_text(encoding="utf-8")
    (clone.path / "params.yaml").write_text(params.replace("corpus: tiny", "corpus: empty"), encoding="utf-8")
    output = clone.run("dvc", "repro", check=False)
    (clone.path / "params.yaml").write_text(params, encoding="utf-8")
    assert "error: " in output
    assert "PDF" in output
    assert (clone.path / "metrics/summary.json").read_bytes() == before
    assert not ran(clone.run("dvc", "repro"))
