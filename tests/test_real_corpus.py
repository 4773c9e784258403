"""The pipeline on the competition's own exams and the published chains, in a temporary clone with small parameters."""

import json
import shutil

import pytest

from tests.clone import ROOT, copy_project, ran, small_params

REAL = ROOT.parent / "shared/obryan"
# R1 is pages long, and its training takes minutes.
RUNS = {"R6-r0": {"level": "R6", "replicate": 0, "long": False, "all_problems": False}}


@pytest.mark.skipif(not REAL.exists(), reason="the real exams and chains are not in ../shared/obryan")
def test_real_exams_and_published_chains_go_from_pdf_to_report(tmp_path):
    clone = copy_project(tmp_path / "project")
    shutil.copytree(REAL / "pdf", clone.path / "data/raw/obryan")
    shutil.copyfile(REAL / "truth/problems.jsonl", clone.path / "data/raw/obryan/truth.jsonl")
    published = {"recording": "data/recordings/published.jsonl"}
    small_params(
        clone, "obryan", "sample", RUNS, teacher=published, compress={"attempts": 1}, train={"max_tokens": 4096}
    )
    clone.run("git", "init", "-q")
    clone.run("git", "commit", "-q", "--allow-empty", "-m", "a history, which curves are logged against")
    clone.run("dvc", "repro", "extract")
    clone.run("python", "-m", "stages.import_chains", str(REAL / "chains/published.jsonl"), published["recording"])
    assert "report" in ran(clone.run("dvc", "repro"))

    truth = [json.loads(line) for line in (REAL / "truth/problems.jsonl").read_text("utf-8").splitlines()]
    scored = clone.metrics("extract.json")["truth"]
    assert scored["questions"] == sum(not row.get("defect") for row in truth)
    assert scored["recall"] == 1.0
    split = [json.loads(line) for line in (clone.path / "data/assignment.jsonl").read_text("utf-8").splitlines()]
    assert all(row["problem_id"].startswith("obryan-") for row in split)
    held_out = [row["problem_id"] for row in split if row["split"] == "test"]
    for run in ("base", *RUNS):
        answered = (clone.path / f"data/predictions/{run}.jsonl").read_text("utf-8").splitlines()
        assert [json.loads(line)["problem_id"] for line in answered] == held_out
        assert clone.metrics(f"runs/{run}.json")["held_out"]["n"] == len(held_out)
    assert (clone.path / "plots/report.html").stat().st_size > 10_000
