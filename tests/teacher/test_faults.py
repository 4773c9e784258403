"""What may happen to a stage from outside: Ctrl-C, a full disk, a store that cannot be written, `kill -9`."""

import ctypes
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from stages.study.errors import StudyError
from stages.teacher import buyer
from tests.clone import ROOT
from tests.teacher.conftest import KEY, Bench

ASK = """
import sys; from pathlib import Path
from stages.study.errors import run_stage
from stages.teacher import Request, connect
from stages.teacher.settings import TeacherMachine, TeacherSettings
from tests.teacher.conftest import body
def main():
    settings, machine = (model.model_validate_json(text) for model, text in
                         zip((TeacherSettings, TeacherMachine), sys.argv[1:], strict=False))
    with connect(settings, machine, Path("none")) as ask:
        count = int(sys.argv[3])
        for name, reply in ask("solver", (Request(str(n), body(str(n))) for n in range(count)), count):
            print(name, reply.text)
run_stage(main)
"""


def start(bench: Bench, count: int, **changes) -> subprocess.Popen:
    """Another process that asks `count` requests of a bench's server, with its store."""
    command = [sys.executable, "-c", ASK, bench.settings.model_dump_json(), bench.machine.model_dump_json(), str(count)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=bench.folder, **changes
    )


def wait_for(bench: Bench, under_way: int) -> None:
    until = time.monotonic() + 20
    while bench.server.under_way < under_way:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_ctrl_c_tells_at_once_what_it_waits_for_and_loses_nothing(bench):
    made = bench(delay=1.5)
    with start(made, 20) as process:
        wait_for(made, 4)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        assert process.stderr.readline().strip() == ""
        told = process.stderr.readline()
        assert time.monotonic() - begun < 1
        assert told.startswith("stopping: waiting for 4 replies on their way")
        rest = process.stderr.read()
    assert process.returncode == 1
    assert "stopped: what was finished is kept" in rest
    assert len(made.server.seen) == 4
    made.server._delay = 0
    made.ask(*(str(number) for number in range(20)))
    assert len(made.server.seen) == 20


def test_a_second_ctrl_c_waits_for_nobody(bench):
    made = bench(delay=30)
    with start(made, 20) as process:
        wait_for(made, 4)
        process.send_signal(signal.SIGINT)
        process.stderr.readline()
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        process.wait(timeout=10)
        assert time.monotonic() - begun < 2


def test_kill_repeats_no_more_than_what_was_under_way(bench):
    made = bench(delay=0.05)
    for number in range(4):
        with start(made, 60) as process:
            wait_for(made, 3)
            time.sleep(0.06 * number)
            process.kill()
    made.ask(*(str(number) for number in range(60)))
    assert made.server.bought_twice() <= 4 * 4


def test_a_full_disk_loses_nothing_and_stops_before_the_next_call(bench):
    """No file may grow over a limit that the store reaches after some replies."""
    made = bench(lambda sent: {**_long(sent)}, machine={"concurrency": 2})
    limit = 1_200_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    with start(made, 30, preexec_fn=limited) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "teacher.sqlite" in err
    assert "make room on the disk" in err
    assert "Traceback" not in err
    bought = len(made.server.seen)
    assert 3 < bought < 30
    replies = made.ask(*(str(number) for number in range(30)))
    assert len(made.server.seen) == 30, "what was bought on a full disk is not bought again"
    assert all(reply.text == f"Answer: {name}" for name, reply in replies.items())


def _long(sent: dict) -> dict:
    from tests.teacher.faulty import completion

    return completion(f"Answer: {sent['messages'][0]['content']}", "x" * 100_000, model=sent["model"])


def test_without_room_for_replies_nothing_is_asked(bench, monkeypatch):
    made = bench()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(buyer.os, "fsync", full)
    with pytest.raises(StudyError, match=r"teacher\.ballast: No space left on device; .*make room for"):
        made.ask("a")
    assert not made.server.seen
    assert not list((made.folder / ".cache").glob("*.ballast"))


def heed_permissions() -> None:
    """Take from a child of root what lets root write to any file: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    if os.geteuid() == 0:
        for capability in (1, 2):
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.mark.skipif(not sys.platform.startswith("linux") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_cannot_be_written_still_answers_and_nothing_new_is_bought(bench):
    made = bench()
    made.ask("0", "1")
    folder = made.folder / ".cache"
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    try:
        with start(made, 2, preexec_fn=heed_permissions) as process:
            out, err = process.communicate(timeout=60)
        assert (out.split("\n")[:2], process.returncode) == (["0 Answer: 0", "1 Answer: 1"], 0), err
        with start(made, 3, preexec_fn=heed_permissions) as process:
            _, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "cannot be written" in err
        assert len(made.server.seen) == 2
    finally:
        folder.chmod(0o755)


def test_a_damaged_store_stops_before_the_first_call(bench):
    made = bench()
    made.ask("a")
    (made.folder / ".cache" / "teacher.sqlite").write_bytes(b"no database " * 1000)
    with pytest.raises(StudyError, match="damaged"):
        made.ask("b")
    assert len(made.server.seen) == 1


def test_no_key_in_the_store(bench):
    made = bench()
    made.ask("a")
    with sqlite3.connect(made.folder / ".cache" / "teacher.sqlite") as db:
        assert KEY not in "".join(db.iterdump())
