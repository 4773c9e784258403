"""The misbehaving server and the stages of a study as processes of their own, for measurements."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from stages.study.files import digest
from tests.clone import ROOT
from tests.teacher.conftest import KEY

STAGES = ("solve", "verify", "compress")
OUTS = ("data/solutions.jsonl", "data/verified.jsonl", "data/chains.jsonl", "metrics/teacher.json",
        "metrics/chains.json")  # fmt: skip


class Log(NamedTuple):
    """A server's URL, and what it has written down."""

    url: str
    path: Path

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def bought_twice(self) -> int:
        counts = Counter(row["request"] for row in self.rows() if row["met"] == "answered")
        return counts.total() - len(counts)


@contextmanager
def server(folder: Path, *options: str) -> Iterator[Log]:
    """The misbehaving server in a process of its own, on any free port."""
    log = folder / "server.jsonl"
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.teacher.faulty", "--log", str(log), "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Log(process.stdout.readline().strip(), log)
        finally:
            process.terminate()


def settings(url: str, **machine: object) -> dict[str, Any]:
    """This repository's params with another server."""
    told: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    told[told["profile"]]["teacher"]["base_url"] = url
    told["machine"]["teacher"].update(machine)
    return told


def study(folder: Path, url: str, problems: Path = ROOT / "data/problems.jsonl", **machine: object) -> Path:
    """A study's folder with problems and an empty recording."""
    (folder / "data/recordings").mkdir(parents=True)
    told = settings(url, **machine)
    (folder / "params.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    (folder / "data/recordings" / f"{told['corpus']}.jsonl").touch()
    shutil.copy(problems, folder / "data/problems.jsonl")
    return folder


def start(folder: Path, stage: str, store: Path | None = None) -> subprocess.Popen[bytes]:
    """A stage of a study, with its store in the folder `store` (None: the study's own)."""
    told = {"TEACHER_API_KEY": KEY, "DVC_ROOT": str(store or folder), "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    return subprocess.Popen([sys.executable, "-m", f"stages.{stage}"], cwd=folder, env=os.environ | told,
                            stdout=subprocess.DEVNULL, stderr=(folder / "stderr").open("ab"))  # fmt: skip


def finish(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        if process.wait():
            raise SystemExit(f"{process.args} failed; see the file stderr in its folder")


def run(folder: Path) -> str:
    """Run all three stages; the digest of what they write."""
    for stage in STAGES:
        finish(start(folder, stage))
    return written(folder)


def written(folder: Path) -> str:
    """The digest of what the three stages have written."""
    return digest(*(folder / name for name in OUTS))
