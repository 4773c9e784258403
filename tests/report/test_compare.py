"""`python -m stages.report --compare`: two revisions of a real repository, and whatever of one cannot be read."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from stages.report.__main__ import COMPARED, main
from stages.report.compare import compare_page, read
from stages.study.errors import StudyError
from stages.study.files import read_json, write_json
from tests.report.html import Page
from tests.report.made_study import arguments


def git(*words: str) -> str:
    author = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *author, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def history(made, tmp_path, monkeypatch) -> Path:
    """A repository with a first study, a second one of another student without R6, and the tag `empty` before both."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "empty")
    git("tag", "empty")
    Path("metrics").mkdir()
    for name in ("metrics/summary.json", "params.yaml"):
        shutil.copyfile(made / name, name)
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    git("tag", "first")
    summary, params = read_json("metrics/summary.json"), yaml.safe_load(Path("params.yaml").read_text())
    summary["study"]["student"] = "<b>another</b>"
    summary["levels"].pop("R6")
    summary["levels"]["R1"]["held_out"]["accuracy"] += 0.1
    params["sample"]["train"]["rank"] = 32
    params["seed"] = 3
    write_json("metrics/summary.json", summary)
    Path("params.yaml").write_text(yaml.safe_dump(params))
    git("commit", "-aqm", "second")
    return tmp_path


def test_two_studies_stand_side_by_side(history):
    with arguments("report", "--compare", "first", "HEAD"):
        main()
    source = COMPARED.read_text(encoding="utf-8")
    assert "<b>another" not in source
    page = Page(source)
    summaries = [json.loads(git("show", f"{name}:metrics/summary.json")) for name in ("first", "HEAD")]
    levels = {row[0]: row[1:] for row in page.tables["By level, %"][1:]}
    one, other = (told["levels"]["R1"]["held_out"]["accuracy"] for told in summaries)
    assert levels["R1"][0].startswith(f"{100 * one:.1f} (")
    assert levels["R1"][1].startswith(f"{100 * other:.1f} (")
    assert levels["R1"][2] == "+10.0"
    assert levels["R6"][1:] == ["", ""]
    assert page.tables["Settings that differ"][1:] == [["seed", "1", "3"], ["train.rank", "8", "32"]]
    assert git("rev-parse", "HEAD")[:12] in page.text
    assert len(page.tables["Held-out accuracy"]) == 7


def test_an_experiment_of_dvc_is_found_by_its_name(history):
    git("update-ref", "refs/exps/ab/cdef/lucid-name", "first")
    assert read("lucid-name").commit == read("first").commit == git("rev-parse", "first")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("nowhere", "nowhere: neither a revision of git"),
        ("--all", "--all: neither a revision of git"),
        ("HEAD:params.yaml", "neither a revision of git"),
        ("empty", "empty: metrics/summary.json is not in commit"),
    ],
)
def test_a_revision_that_cannot_be_read_is_named(history, name, what):
    for pair in ((name, "HEAD"), ("HEAD", name)):
        with pytest.raises(StudyError, match=what):
            compare_page(*pair)


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("metrics/summary.json", "{", "cannot be read"),
        ("metrics/summary.json", "[]", "another version"),
        ("metrics/summary.json", "{}", "another version"),
        ("params.yaml", "a: [", "cannot be read"),
        ("params.yaml", "", "cannot be read"),
        ("params.yaml", "profile: none", "cannot be read"),
    ],
)
def test_a_study_of_another_form_is_an_error_that_can_be_read(history, path, text, what):
    Path(path).write_text(text)
    git("commit", "-aqm", "broken")
    with pytest.raises(StudyError, match=what):
        compare_page("first", "HEAD")


@pytest.mark.parametrize("words", [(), ("HEAD",), ("HEAD", "HEAD", "HEAD")])
def test_two_revisions_are_meant(history, words):
    with arguments("report", "--compare", *words), pytest.raises(StudyError, match="--compare REV REV"):
        main()
