"""Pages in processes of their own: limits, deaths, and going on after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stages.exams import isolated
from stages.exams.isolated import PageJob, load_page, page_job, run_jobs
from stages.exams.settings import ExtractSettings
from tests.exams.papers import typeset

ROOT = Path(__file__).parents[2]
SETTINGS = ExtractSettings(dpi=100, min_confidence=0.5, sections={}, second_reader="network")
LOKY = {"backend": "loky"}


def jobs_of(path: Path, pages: int) -> list[PageJob]:
    return [page_job(path, "digest", page, "reader") for page in range(1, pages + 1)]


def test_a_page_over_its_time_is_put_down_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault is in the child: a stand-in for Python that burns time, dies, or reads, by the page at hand."""
    path = typeset("One\n#pagebreak()\nTwo\n#pagebreak()\nThree\n#pagebreak()\nFour", tmp_path / "a.pdf")
    stand_in = tmp_path / "python"
    stand_in.write_text(
        f"#!{sys.executable}\n"
        "import sys, os, signal\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from stages.exams import isolated\n"
        "work = isolated._work\n"
        "def faulty(job, settings):\n"
        "    if job.page == 2:\n"
        "        while True: pass\n"
        "    if job.page == 3: os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    return work(job, settings)\n"
        "isolated._work = faulty\n"
        "isolated.main()\n",
        encoding="utf-8",
    )
    stand_in.chmod(0o755)
    monkeypatch.setattr(isolated.sys, "executable", str(stand_in))
    jobs = jobs_of(path, 4)
    settings = SETTINGS.model_copy(update={"page_seconds": 2})
    run_jobs(jobs, tmp_path / "pages", settings, 1, {"backend": "sequential"}, "pages")
    failures = [load_page(tmp_path / "pages", job).failure for job in jobs]
    assert failures[0] == failures[3] == ""
    assert failures[1] == "took more than 2 s of processor time"
    assert failures[2] == "the reading process died (SIGSEGV)"


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed at ten moments, the run ends in the same results, and finished pages are not read again."""
    source = "\n#pagebreak()\n".join("#lorem(15)" for _ in range(12))
    path = typeset(source, tmp_path / "a.pdf", scan=0.2)
    jobs = jobs_of(path, 12)
    task = (
        "import json, sys; from pathlib import Path; from stages.exams.isolated import *\n"
        "jobs = [PageJob.model_validate(job) for job in json.loads(sys.argv[1])]\n"
        f"settings = ExtractSettings.model_validate_json({SETTINGS.model_dump_json()!r})\n"
        "run_jobs(jobs, Path(sys.argv[2]), settings, 1, {'backend': 'sequential'}, 'pages')\n"
    )

    def start(folder: Path) -> subprocess.Popen:
        told = json.dumps([job.model_dump() for job in jobs])
        command = [sys.executable, "-c", task, told, str(folder)]
        return subprocess.Popen(
            command, env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True, stderr=subprocess.DEVNULL
        )

    def stamps() -> dict[str, int]:
        return {p.name: p.stat().st_mtime_ns for p in killed.glob("*.json")} if killed.exists() else {}

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait() == 0
    for finished in range(10):  # a moment after so many pages, wherever the run then is
        before = stamps()
        run = start(killed)
        while len(stamps()) < finished and run.poll() is None:
            time.sleep(0.01)
        time.sleep(0.03 * finished)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        assert before.items() <= stamps().items()
    before = stamps()
    assert 9 <= len(before) <= 12
    assert start(killed).wait() == 0
    for kind in ("*.json", "*.png"):
        assert {p.name: p.read_bytes() for p in killed.glob(kind)} == {p.name: p.read_bytes() for p in whole.glob(kind)}
    assert before.items() <= stamps().items()


def test_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no PDF")
    job = page_job(tmp_path / "a.pdf", "digest", 0, "reader")
    run_jobs([job], tmp_path / "pages", SETTINGS, 1, LOKY, "files")
    assert "not a PDF" in isolated.load_count(tmp_path / "pages", job).failure
