"""The pipeline on the competition's own exams and the published chains, in a temporary clone with small parameters."""

import json
import shutil

import pytest

from tests.clone import ROOT, copy_project, ran, run, small_params

REAL = ROOT.parent / "shared/obryan"
# R1 is pages long, and its training takes minutes.
RUNS = {"R6-r0": run("R6"), "R6-r1": run("R6", replicate=1, fold=1)}


@pytest.mark.long
@pytest.mark.skipif(not REAL.exists(), reason="the real exams and chains are not in ../shared/obryan")
def test_real_exams_and_published_chains_go_from_pdf_to_report(tmp_path):
    clone = copy_project(tmp_path / "project")
    shutil.copytree(REAL / "pdf", clone.path / "data/raw/obryan")
    shutil.copyfile(REAL / "truth/problems.jsonl", clone.path / "data/raw/obryan/truth.jsonl")
    recording = clone.path / "data/recordings/obryan.jsonl"
    recording.touch()
    (clone.path / "data/corrections/obryan.jsonl").touch()
    small_params(clone, "obryan", "sample", RUNS, compress={"attempts": 1}, train={"max_tokens": 4096})
    clone.run("git", "init", "-q")
    clone.run("git", "commit", "-q", "--allow-empty", "-m", "a history, which curves are logged against")
    clone.run("dvc", "repro", "extract")
    clone.run("python", "-m", "stages.import_chains", str(REAL / "chains/published.jsonl"), str(recording))
    assert "report" in ran(clone.run("dvc", "repro"))

    truth = [json.loads(line) for line in (REAL / "truth/problems.jsonl").read_text("utf-8").splitlines()]
    scored = clone.metrics("extract.json")["truth"]
    assert scored["questions"] == sum(not row.get("defect") for row in truth)
    assert scored["recall"] == 1.0
    split = [json.loads(line) for line in (clone.path / "data/assignment.jsonl").read_text("utf-8").splitlines()]
    assert all(row["problem_id"].startswith("obryan-") for row in split)
    held_out = {
        fold: {row["problem_id"] for row in split if (row["fold"], row["split"]) == (fold, "test")} for fold in (0, 1)
    }
    asked = {"R6-r0": held_out[0], "R6-r1": held_out[1], "base": held_out[0] | held_out[1]}
    for name, problems in asked.items():
        grades = [row for row in clone.records(f"data/grades/{name}.jsonl") if row["source"] == "exams"]
        assert {row["problem_id"] for row in grades} == problems
        assert clone.metrics(f"runs/{name}.json")["held_out"]["n"] == len(grades) == len(problems)
    assert (clone.path / "plots/report.html").stat().st_size > 10_000
