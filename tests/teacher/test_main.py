"""python -m stages.teacher: what was paid, what it will cost, and a study frozen for others."""

import shutil
from pathlib import Path

import pytest
import yaml

from stages import compress, solve, verify
from stages.study.errors import StudyError
from stages.study.files import write_records
from stages.teacher import __main__ as command
from tests.clone import ROOT
from tests.teacher.faulty import Server, running, wordy_brain
from tests.teacher.scripted import problem

OUTS = (
    "data/solutions.jsonl",
    "data/verified.jsonl",
    "data/chains.jsonl",
    "metrics/teacher.json",
    "metrics/chains.json",
)
PROBLEMS = [problem(number, "2" if number < 5 else "7") for number in range(1, 7)]


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A project without a recording, a server that answers it, and a way to run commands in it."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv("TEACHER_API_KEY", "any")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    server = Server(wordy_brain(60))
    with running(server) as url:
        params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        params["sample"]["teacher"]["base_url"] = url
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        write_records("data/problems.jsonl", PROBLEMS)
        yield server


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["stages.teacher", *arguments])
    command.main()


def teach(monkeypatch) -> list[bytes]:
    monkeypatch.setattr("sys.argv", ["stage"])
    for stage in (solve, verify, compress):
        stage.main()
    return [Path(name).read_bytes() for name in OUTS]


def test_an_exported_study_buys_nothing_elsewhere(study, monkeypatch, capsys):
    outs = teach(monkeypatch)
    bought = len(study.seen)
    run(monkeypatch, "export")
    assert "data/recordings/sample.jsonl: " in capsys.readouterr().out
    frozen = Path("data/recordings/sample.jsonl").read_bytes()
    run(monkeypatch, "export")
    assert Path("data/recordings/sample.jsonl").read_bytes() == frozen
    shutil.rmtree(".cache")
    for name in OUTS:
        Path(name).unlink()
    monkeypatch.delenv("TEACHER_API_KEY")
    assert teach(monkeypatch) == outs
    assert len(study.seen) == bought
    assert not Path(".cache").exists()


def test_an_imported_recording_is_not_bought_again(study, monkeypatch, capsys):
    outs = teach(monkeypatch)
    bought = len(study.seen)
    run(monkeypatch, "export")
    Path("data/recordings/sample.jsonl").rename("replies.jsonl")
    shutil.rmtree(".cache")
    run(monkeypatch, "import", "replies.jsonl")
    assert f"{bought} replies of replies.jsonl are new" in capsys.readouterr().out
    assert teach(monkeypatch) == outs
    assert len(study.seen) == bought


def test_stats_and_estimate(study, monkeypatch, capsys):
    run(monkeypatch, "estimate")
    before = capsys.readouterr().out
    assert "assumptions" in before
    assert "6 problems: about $0." in before
    assert not Path(".cache").exists()
    assert not study.seen
    teach(monkeypatch)
    capsys.readouterr()
    run(monkeypatch, "stats")
    stats = capsys.readouterr().out
    assert "| solver     | deepseek-v4-pro | answered  |          6 |" in stats
    assert "paid in all" in stats
    run(monkeypatch, "estimate")
    assert "| solver     |       6 |" in (after := capsys.readouterr().out)
    assert "6 measured calls" in after


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "usage: python -m stages.teacher stats"),
        (("stats", "all"), "usage: "),
        (("import",), "usage: "),
        (("import", "absent.jsonl"), "absent.jsonl: no such file"),
        (("stats",), "there is no store yet"),
        (("export",), "there is no store yet"),
    ],
)
def test_what_cannot_be_done_is_said(study, monkeypatch, arguments, told):
    with pytest.raises(StudyError, match=told):
        run(monkeypatch, *arguments)
