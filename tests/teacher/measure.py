"""Whole stages and long asks against the misbehaving server, measured by its own log.

    python -m tests.teacher.measure faults [FAULT ...]    (all that pass, one by one and mixed, without names)
    python -m tests.teacher.measure kills | speed | memory | limit

Prints one table: each figure beside the bound that is asked of it; the exit code is 1 where one is missed. `faults` and
`kills` run solve, verify and compress on data/problems.jsonl of this repository, so extract has to have run.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tabulate import tabulate

from stages.teacher import Request, connect, prompts
from stages.teacher.settings import TeacherMachine, TeacherSettings
from tests.clone import ROOT
from tests.teacher.conftest import KEY
from tests.teacher.faulty import PASSING, SPOILT
from tests.teacher.processes import STAGES, finish, run, server, settings, start, study, written

RATE = 0.15  # of faults
KILLS = 20
PROBLEMS, CALLS, DELAY, AT_ONCE = 651, 3, 0.2, 64  # of `speed`
MANY, WORDS = 10_000, 3000  # of `memory`
A_MINUTE = 100  # of `limit`


class Figure(NamedTuple):
    what: str
    measured: object
    asked: str
    held: bool


def key_left(folder: Path) -> int:
    """Files in which the key stands."""
    return sum(KEY.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def faults(folder: Path, names: Sequence[str]) -> Iterator[Figure]:
    with server(folder) as log:
        whole = run(study(folder / "whole", log.url))
        needed = len(log.rows())
    kinds = [*PASSING, *SPOILT]
    for name in names or [*kinds, "mixed"]:
        rates = {name: RATE} if name != "mixed" else dict.fromkeys(kinds, RATE / len(kinds))
        options = [part for fault, rate in rates.items() for part in ("--fault", f"{fault}:{rate}")]
        with server(folder, "--silence", "20", *options) as log:
            same = run(study(folder / name, log.url, silence=5.0)) == whole
            met, twice = Counter(row["met"] for row in log.rows()), log.bought_twice()
        own = met["answered"] + met["answered in part"]
        injected, ratio = met.total() - own, own / needed
        told = f"{injected} faults: same files {same}, {ratio:.3f} requests a needed one, {twice} bought twice"
        yield Figure(f"{RATE:.0%} {name}", told, "same, at most 1.3, 0", same and ratio <= 1.3 and not twice)
    yield Figure("files with the key in them", key_left(folder), "0", not key_left(folder))


def kills(folder: Path, _: Sequence[str]) -> Iterator[Figure]:
    with server(folder) as log:
        whole = run(study(folder / "whole", log.url))
    chance, killed = random.Random(5), 0
    with server(folder, "--delay", "0.1") as log:
        one = study(folder / "killed", log.url)
        for stage in STAGES:
            while True:
                begun, process = len(log.rows()), start(one, stage)
                while process.poll() is None and len(log.rows()) == begun:
                    time.sleep(0.02)
                time.sleep(chance.uniform(0, 0.6) if killed < KILLS else 0)
                if killed == KILLS or process.poll() is not None:
                    finish(process)
                    break
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
        same, twice, most = (
            written(one) == whole,
            log.bought_twice(),
            killed * settings("")["machine"]["teacher"]["concurrency"],
        )
    yield Figure(f"kill -9 at {killed} moments", f"same files {same}, {twice} bought twice", f"same, at most {most}",
                 same and twice <= most and killed == KILLS)  # fmt: skip
    with server(folder, "--delay", "0.05") as log:
        two = [study(folder / name, log.url) for name in ("first", "second")]
        for stage in STAGES:
            finish(*[start(one, stage, store=two[0]) for one in two])
        same, twice = all(written(one) == whole for one in two), log.bought_twice()
    yield Figure("two processes at once", f"same files {same}, {twice} bought twice", "same, 0", same and not twice)


def ask_all(folder: Path, url: str, asks: int, each: int, **machine: object) -> None:
    """Ask the solver `asks` times about `each` things, with a store in `folder`."""
    told = settings(url, **machine)
    teacher = TeacherSettings(**told[told["profile"]]["teacher"])
    os.environ |= {"DVC_ROOT": str(folder), "TEACHER_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
    with connect(teacher, TeacherMachine(**told["machine"]["teacher"]), folder / "none.jsonl") as ask:
        for number in range(asks):
            texts = (f"Ask {number}: what is {item} + {item}? " * 10 for item in range(each))
            sent = (Request(text[:20], prompts.body(teacher.solver, prompts.solve(text, 1), 100)) for text in texts)
            assert sum(1 for _ in ask("solver", sent, each)) == each


def speed(folder: Path, _: Sequence[str]) -> Iterator[Figure]:
    """From the first request that the server sees to its last answer, so without the start of Python."""
    ideal = PROBLEMS * CALLS * DELAY / AT_ONCE
    for what, asks, each, asked in (("one ask", 1, PROBLEMS * CALLS, 1.15), ("three asks", CALLS, PROBLEMS, 1.15)):
        with server(folder, "--delay", str(DELAY), "--words", "30") as log:
            began = time.process_time()
            ask_all(folder / what, log.url, asks, each, concurrency=AT_ONCE)
            cpu, rows = time.process_time() - began, log.rows()
        ratio = (max(row["ended"] for row in rows) - min(row["began"] for row in rows)) / ideal
        told = f"{ratio:.3f} of the ideal {ideal:.2f} s; {1000 * cpu / len(rows):.2f} ms of processor time a request"
        yield Figure(f"{PROBLEMS} x {CALLS}, {AT_ONCE} at once, {what}", told, f"at most {asked}", ratio <= asked)
    with server(folder, "--delay", str(DELAY), "--words", "30") as log:
        ask_all(folder / "single", log.url, 1, 30, concurrency=1)
        rows = log.rows()
    slow = (rows[-1]["ended"] - rows[0]["began"]) / len(rows) * PROBLEMS * CALLS
    yield Figure("one after the other (from 30)", f"{slow:.0f} s, {slow / ideal:.0f} times the ideal", "-", True)


def memory(folder: Path, _: Sequence[str]) -> Iterator[Figure]:
    usable = next(row for row in map(json.loads, (ROOT / "data/problems.jsonl").open()) if row["usable"])
    with (folder / "many.jsonl").open("w") as file:
        for number in range(MANY):
            one = {
                "id": f"sample-2021-fs-{number:05d}",
                "answer": "2",
                "statement": f"What is {number + 2} - {number}?",
            }
            file.write(json.dumps(usable | one) + "\n")
    with server(folder, "--words", str(WORDS)) as log:
        one = study(folder / "many", log.url, folder / "many.jsonl", concurrency=32)
        for stage in STAGES:
            process = start(one, stage)
            _, status, used = os.wait4(process.pid, 0)
            mebibytes = used.ru_maxrss / 1024
            told = f"{mebibytes:.0f} MiB, {used.ru_utime + used.ru_stime:.0f} s of processor time"
            yield Figure(f"{stage}, {MANY} x {WORDS} words", told, "at most 500 MiB", not status and mebibytes <= 500)


def limit(folder: Path, _: Sequence[str]) -> Iterator[Figure]:
    for what, told in (("given", A_MINUTE), ("learnt from 429s", 0)):
        with server(folder, "--per-minute", str(A_MINUTE), "--words", "30", "--delay", "0.05") as log:
            began = time.monotonic()
            ask_all(folder / what, log.url, 1, 2 * A_MINUTE + 20, requests_per_minute=told)
            seconds = time.monotonic() - began
            refused = sorted(row["ended"] for row in log.rows() if row["met"] == "429")
        later = sum(moment > refused[0] + 60 for moment in refused) if refused else 0
        yield Figure(f"{A_MINUTE} a minute, {what}",
                     f"{len(refused)} times 429, {later} of them after the first minute of it; {seconds:.0f} s",
                     "0 after the first", not later and not (told and refused))  # fmt: skip


def main() -> None:
    tools = {tool.__name__: tool for tool in (faults, kills, speed, memory, limit)}
    if sys.argv[1:2] == [] or sys.argv[1] not in tools:
        raise SystemExit(f"usage: python -m tests.teacher.measure {' | '.join(tools)}")
    with tempfile.TemporaryDirectory() as folder:
        figures = list(tools[sys.argv[1]](Path(folder), sys.argv[2:]))
    print(tabulate([figure._replace(held="yes" if figure.held else "NO") for figure in figures], headers="keys"))
    sys.exit(not all(figure.held for figure in figures))


if __name__ == "__main__":
    main()
