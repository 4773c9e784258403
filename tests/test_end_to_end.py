"""The real pipeline on a tiny profile in a temporary clone: what runs, what runs again, and what does not.

Two exam files of the sample, the recorded teacher, the real student, two folds, four runs of a few iterations. The only
thing that may come from the network is the student's wheel, and it is kept under `.cache/`.
"""

import json
import re
import shutil
import time

import pytest

from tests.clone import Clone, copy_project, ran, run, small_params

pytestmark = pytest.mark.slow

SECTIONS = ("2021 FR-SO", "2021 Two-Person")
RUNS = {
    "R1-r0": run("R1", fold=0, all_problems=True, benchmark=True),
    "R1-r1": run("R1", replicate=1, fold=1),
    "mix-r0": run("R6+answer", fold=0),
    "R1-long": run("R1", fold=0, long=True),
}
VARIANTS = {
    "base-shots": {"student": "base", "fold": 0, "shots": 1},
    "R1-r0-sampled": {"student": "adapters/R1-r0", "temperature": 0.8, "samples": 2},
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
    shutil.copyfile(project.path / "data/recordings/sample.jsonl", project.path / "data/recordings/tiny.jsonl")
    (project.path / "data/corrections/tiny.jsonl").touch()
    small_params(project, "tiny", "tiny", RUNS, VARIANTS)
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
    problems = clone.records("data/problems.jsonl")
    usable = sorted(row["id"] for row in problems if row["usable"])
    held_out = {}
    for name in ["base", *RUNS]:
        rows = [row for row in clone.records(f"data/grades/{name}.jsonl") if row["source"] == "exams"]
        test = [row for row in rows if row["split"] == "test"]
        metrics = clone.metrics(f"runs/{name}.json")
        assert metrics["held_out"]["n"] == len(test)
        assert metrics["held_out"]["correct"] == sum(row["verdict"] == "match" for row in test)
        held_out[name] = sorted(row["problem_id"] for row in test)
        assert (len(rows) > len(test)) == (name == "R1-r0") == ("all" in metrics)
        assert ("benchmarks" in metrics) == (name in ("base", "R1-r0"))
    assert held_out["base"] == usable == sorted(held_out["R1-r0"] + held_out["R1-r1"]), "each problem held out once"
    drawn = clone.metrics("runs/R1-r0-sampled.json")
    assert drawn["held_out"]["n"] == 2 * len(held_out["R1-r0"]) == 2 * drawn["sampling"]["majority"]["n"]
    assert clone.metrics("runs/base-shots.json")["held_out"]["n"] == len(held_out["R1-r0"])
    assert held_out["mix-r0"] == held_out["R1-long"] == held_out["R1-r0"]
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
    assert names <= {"train", "generate", "evaluate", "generate-variant", "evaluate-variant", "judge", "report"}
    assert not {stage for stage in ran(output) if "@base" in stage}
    assert {stage for stage in ran(output) if stage.startswith("train@")} == {f"train@{name}" for name in RUNS}
    after = clone.contents("metrics", "plots/training")
    changed = {name for name in before if after[name] != before[name]}
    assert {f"plots/training/{name}/plots/metrics/train/loss.tsv" for name in RUNS} <= changed
    diff = json.loads(clone.run("dvc", "metrics", "diff", "--json"))
    told = {name for name in changed if name.startswith("metrics/") and name.endswith(".json")}
    assert set(diff) == told  # looks.jsonl is a log and no metric
    back = clone.run("dvc", "exp", "run", "-S", "seed=1")
    assert not ran(back)
    again = clone.contents("metrics", "plots/training")
    looks = [files.pop("metrics/looks.jsonl") for files in (before, again)]
    assert again == before
    assert looks[1].startswith(looks[0])
    assert looks[1].count(b"\n") == 2, "the look at seed 3 stays on record"
    clone.run("git", "commit", "-q", "-m", "another look", "metrics/looks.jsonl")


def test_the_same_training_and_evaluation_give_the_same_bytes(clone):
    names = ["metrics/runs/R1-r0.json", "data/responses/R1-r0.jsonl", "models/adapters/R1-r0/adapters.safetensors"]
    before = [(clone.path / name).read_bytes() for name in names]
    again = ["train@R1-r0", "generate@R1-r0", "evaluate@R1-r0"]
    output = clone.run("dvc", "repro", "--force", "--single-item", *again)
    assert ran(output) == set(again)
    assert [(clone.path / name).read_bytes() for name in names] == before


def test_a_second_clone_pulls_everything_and_runs_nothing(clone, tmp_path):
    clone.run("dvc", "remote", "add", "--default", "--local", "shelf", str(tmp_path / "shelf"))
    clone.run("dvc", "push")
    second = Clone(tmp_path / "second")
    clone.run("git", "clone", "-q", str(clone.path), str(second.path))
    second.run("dvc", "remote", "add", "--default", "--local", "shelf", str(tmp_path / "shelf"))
    second.run("dvc", "pull")
    assert not ran(second.run("dvc", "repro"))
    assert second.contents("metrics", "data/grades") == clone.contents("metrics", "data/grades")


@pytest.mark.long
def test_two_queued_experiments_run_side_by_side(clone):
    """`--queue` and two workers: each experiment in a copy of its own, the workspace untouched."""
    before = clone.contents("metrics")
    for seed in (5, 7):
        clone.run("dvc", "exp", "run", "--queue", "-S", f"seed={seed}", "evaluate@mix-r0")
    clone.run("dvc", "queue", "start", "--jobs", "2")
    until = time.monotonic() + 300
    while re.search(r"Queued|Running", told := clone.run("dvc", "queue", "status")) and time.monotonic() < until:
        time.sleep(1)
    assert told.count("Success") == 2, told
    assert clone.contents("metrics") == before
    table = json.loads(clone.run("dvc", "exp", "show", "--json"))
    seeds = {
        run["revs"][0]["data"]["params"]["params.yaml"]["data"]["seed"]
        for commit in table
        for run in commit["experiments"] or []
    }
    assert seeds >= {5, 7}


def test_papers_of_ones_own_reach_a_temporary_copy(clone):
    """`--temp` copies what Git or DVC knows: papers that were `dvc add`ed are read there."""
    own = clone.path / "data/raw/own"
    own.mkdir()
    for pdf in (clone.path / "data/raw/tiny").glob("2021 FR-SO*.pdf"):
        shutil.copyfile(pdf, own / pdf.name)
    for folder in ("corrections", "recordings"):
        (clone.path / f"data/{folder}/own.jsonl").touch()
    clone.run("dvc", "add", "data/raw/own")
    clone.run("git", "add", "data/raw/own.dvc", "data/raw/.gitignore", "data/corrections", "data/recordings")
    clone.run("git", "commit", "-q", "-m", "own papers")
    before = clone.contents("metrics", "data/crops")
    output = clone.run("dvc", "exp", "run", "--temp", "-S", "corpus=own", "extract")
    assert "extract" in ran(output)
    assert clone.contents("metrics", "data/crops") == before
    name = re.search(r"Ran experiment\(s\): (\S+)", output)[1]
    experiment = clone.run("git", "for-each-ref", "--format=%(refname)", f"refs/exps/*/*/{name}").strip()
    found = json.loads(clone.run("git", "show", f"{experiment}:metrics/extract.json"))
    assert set(found["outcomes"]) == {pdf.name for pdf in own.iterdir()}
    assert found["questions"] == 20
    assert found["usable"] == 20 - sum(found["unusable"].values()) > 0


def test_a_failure_keeps_earlier_results(clone):
    """A corpus without PDFs stops the run with a message; metrics and predictions stay as they were."""
    (clone.path / "data/raw/empty").mkdir()
    (clone.path / "data/raw/empty/notes.txt").write_text("no exam here", encoding="utf-8")
    (clone.path / "data/corrections/empty.jsonl").touch()
    (clone.path / "data/recordings/empty.jsonl").touch()
    before = (clone.path / "metrics/summary.json").read_bytes()
    params = (clone.path / "params.yaml").read_text(encoding="utf-8")
    (clone.path / "params.yaml").write_text(params.replace("corpus: tiny", "corpus: empty"), encoding="utf-8")
    output = clone.run("dvc", "repro", check=False)
    (clone.path / "params.yaml").write_text(params, encoding="utf-8")
    assert "error: " in output
    assert "PDF" in output
    assert (clone.path / "metrics/summary.json").read_bytes() == before
    assert not ran(clone.run("dvc", "repro"))
