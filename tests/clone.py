"""A copy of the project with a git history of its own, in which a test runs the real pipeline on small parameters."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
OFFLINE_BUT_FOR_THE_INDEX = {
    "HF_HUB_OFFLINE": "1",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "GIT_AUTHOR_NAME": "test",
    "GIT_AUTHOR_EMAIL": "test@localhost",
    "GIT_COMMITTER_NAME": "test",
    "GIT_COMMITTER_EMAIL": "test@localhost",
}


class Clone:
    """A copy of the project under `path` with a git history of its own."""

    def __init__(self, path: Path):
        self.path = path

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command in the clone; stdout and stderr as one text."""
        env = {key: value for key, value in os.environ.items() if not key.startswith(("DVC_", "GIT_"))}
        done = subprocess.run(
            command,
            cwd=self.path,
            env=env | OFFLINE_BUT_FOR_THE_INDEX,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=600,
        )
        assert not check or done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-4000:]}"
        return done.stdout

    def metrics(self, name: str) -> dict:
        return json.loads((self.path / "metrics" / name).read_text(encoding="utf-8"))

    def records(self, name: str) -> list[dict]:
        """The lines of a JSON Lines file."""
        return [json.loads(line) for line in (self.path / name).read_text(encoding="utf-8").splitlines()]

    def contents(self, *folders: str) -> dict[str, bytes]:
        """Every file under the folders, by its path in the clone."""
        return {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for folder in folders
            for path in (self.path / folder).rglob("*")
            if path.is_file()
        }


def ran(output: str) -> set[str]:
    """Stages that DVC ran, not those it took from the run cache."""
    return set(re.findall(r"Running stage '([^']+)'", output))


def run(level: str, replicate: int = 0, fold: int = 0, **flags: bool) -> dict:
    """A row of the grid; flags that are not named are off."""
    off = {"long": False, "all_problems": False, "benchmark": False}
    return {"level": level, "replicate": replicate, "fold": fold, **off, **flags}


def copy_project(path: Path) -> Clone:
    """The project's sources without its results, under `path`; the student's wheel comes from the same `.cache/`."""
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, files.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("metrics/", "plots/")) and name != "dvc.lock":
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, path / name)
    (ROOT / ".cache").mkdir(exist_ok=True)
    (path / ".cache").symlink_to(ROOT / ".cache")
    return Clone(path)


def small_params(
    clone: Clone,
    corpus: str,
    benchmark: str,
    runs: dict[str, dict],
    variants: dict[str, dict] | None = None,
    **blocks: dict,
) -> None:
    """params.yaml with one profile, `small`: the sample's with few iterations and tokens, and `blocks` changed."""
    params = yaml.safe_load((clone.path / "params.yaml").read_text(encoding="utf-8"))
    profile = params["sample"]
    profile["train"] |= {"unit": "iterations", "length": 4, "long_length": 6, "batch_size": 4, "layers": 2}
    profile["train"]["validations"] = 2
    profile["generate"] |= {"max_tokens": 24, "batch_size": 8}
    profile["split"]["folds"] = 2
    for block, changes in blocks.items():
        profile[block] |= changes
    variants = {"base": {"student": "base", "benchmark": True}} | (variants or {})
    top = {"profile": "small", "corpus": corpus, "benchmarks": [benchmark], "seed": 1}
    top |= {"runs": runs, "variants": variants}
    text = yaml.safe_dump(
        top | {"machine": params["machine"], "small": profile, "paper": params["paper"]}, sort_keys=False
    )
    (clone.path / "params.yaml").write_text(text, encoding="utf-8")
