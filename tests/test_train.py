"""`train`: the same bytes each time, whatever interrupts it, and errors that say what is wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np

from stages import train
from stages.questions.prompt import student_messages
from stages.student import adapters, base
from stages.study import versions
from stages.study.errors import StudyError
from stages.study.files import write_records
from stages.study.records import Row


def rows(n: int, split: str) -> list[Row]:
    found = []
    for i in range(n):
        chain = {"role": "assistant", "content": f"{i} + 1 = {i + 1}.\nAnswer: {i + 1}"}
        found.append(Row(messages=[*student_messages(f"What is {i} + 1?"), chain], problem_id=f"{split}-{i}"))
    return found


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.make(tmp_path / "models/base")
    tiny.params(tmp_path)
    versions.main()
    for fold in (0, 1):
        for split, n in (("train", 5), ("valid", 3)):
            write_records(f"data/datasets/R1/fold-{fold}/{split}.jsonl", rows(n, split))
    return tmp_path


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    train.main()


def outputs() -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for top in ("models/adapters", "plots", "metrics")
        for path in Path(top).rglob("*.*")
    }


def steps(path: str) -> list[str]:
    return [line.split()[0] for line in Path(path).read_text().splitlines()]


def test_adapters_and_curves_the_same_bytes_each_time(project, monkeypatch, capsys):
    run(monkeypatch, "R1-r0")
    first = outputs()
    curves = "plots/training/R1-r0/plots/metrics"
    assert sorted(first) == [
        "metrics/training/R1-r0.json",
        "models/adapters/R1-r0/adapter_config.json",
        "models/adapters/R1-r0/adapters.safetensors",
        f"{curves}/train/loss.tsv",
        f"{curves}/valid/loss.tsv",
    ]
    assert steps(f"{curves}/train/loss.tsv") == ["step", "2", "3"]
    assert steps(f"{curves}/valid/loss.tsv") == ["step", "0", "2", "3"]
    run(monkeypatch, "R1-r0")
    assert outputs() == first
    shown = capsys.readouterr()
    assert re.search(r"R1-r0: \d+ trained tokens a second, \d+ s, \d+\.\d\d GiB\n", shown.out)
    assert "iteration/s" not in shown.err  # no bars when not on a terminal
    assert list(Path(".cache/training").iterdir()) == []


def test_the_metrics_say_what_was_kept_and_hold_no_measured_time(project, monkeypatch):
    run(monkeypatch, "R1-r1")
    found = json.loads(Path("metrics/training/R1-r1.json").read_text())
    config = json.loads(Path("models/adapters/R1-r1/adapter_config.json").read_text())
    assert {key: found[key] for key in config["study"]} == config["study"]
    assert found.keys() - config["study"].keys() == {
        "adapter_digest",
        "kept_loss",
        "last_loss",
        "last_iteration",
        "trained_tokens",
    }
    assert (found["run"], found["level"], found["replicate"], found["fold"], found["seed"]) == (
        "R1-r1",
        "R1",
        1,
        1,
        1001,
    )
    assert found["adapter_digest"] == adapters.adapter_digest(Path("models/adapters/R1-r1"))
    assert found["base_digest"] == base.base_digest()
    curve = Path("plots/training/R1-r1/plots/metrics/valid/loss.tsv").read_text().splitlines()[1:]
    losses = {int(line.split()[0]): float(line.split()[1]) for line in curve}
    assert losses[found["kept_iteration"]] == pytest.approx(found["kept_loss"])
    assert found["kept_loss"] == pytest.approx(min(losses.values()))
    assert losses[found["last_iteration"]] == pytest.approx(found["last_loss"])


def test_replicates_differ_by_their_seed_and_a_long_run_goes_on(project, monkeypatch):
    tiny.params(project, train={"validations": 10})
    for run_key in ("R1-r0", "R1-r1", "R1-long"):
        run(monkeypatch, run_key)
    losses = {
        key: Path(f"plots/training/{key}/plots/metrics/train/loss.tsv").read_text().splitlines()
        for key in ("R1-r0", "R1-r1", "R1-long")
    }
    assert losses["R1-long"][:4] == losses["R1-r0"]
    assert len(losses["R1-long"]) == 6
    assert losses["R1-r1"] != losses["R1-r0"]
    weights = [mx.load(f"models/adapters/{key}/adapters.safetensors") for key in ("R1-r0", "R1-r1")]
    assert weights[0].keys() == weights[1].keys()
    assert not all(mx.array_equal(weights[0][name], weights[1][name]) for name in weights[0])


def saved() -> list[int]:
    return [path.stat().st_mtime_ns for path in Path(".cache/training").glob("*/state.safetensors")]


@pytest.mark.slow
def test_kill_9_at_any_moment_ends_in_the_same_adapter(project, monkeypatch):
    tiny.params(project, train={"length": 60, "dropout": 0.2, "validations": 3})
    run(monkeypatch, "R1-r0")
    whole = {name: data for name, data in outputs().items() if "R1-r0" in name}
    for top in ("models/adapters", "plots", "metrics"):
        shutil.rmtree(top)
    script = "from stages.tuning import training; training.SAVE_EVERY = 0; from stages import train; train.main()"
    script = "import sys; sys.argv = ['train', 'R1-r0']; from stages.student import cpu; cpu.prepare(1); " + script
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    random, kills = np.random.default_rng(0), 0
    while not Path("metrics/training/R1-r0.json").exists():
        before = saved()
        process = subprocess.Popen([sys.executable, "-c", script], env=env)
        while process.poll() is None and saved() == before:
            time.sleep(0.002)  # until it has taken a step
        try:
            process.wait(random.random() * 0.4 if kills < 4 else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills
    assert {name: data for name, data in outputs().items() if "R1-r0" in name} == whole


@pytest.mark.parametrize(
    ("arguments", "break_it", "message"),
    [
        ([], None, "usage: python -m stages.train RUN"),
        (["R1-r9"], None, r"runs\.R1-r9: no such run; there are .*R1-r0"),
        (["R2-r0"], None, r"data/datasets/R2/fold-0/train\.jsonl: no such file"),
        (
            ["R1-r0"],
            lambda: write_records("data/datasets/R1/fold-0/valid.jsonl", []),
            r"R1/fold-0/valid\.jsonl: no rows",
        ),
        (
            ["R1-r0"],
            lambda: write_records("data/datasets/R1/fold-0/train.jsonl", []),
            r"R1/fold-0/train\.jsonl: no rows",
        ),
        (["R1-r0"], lambda: Path("models/base/config.json").unlink(), "models/base: no student there"),
        (
            ["R1-r0"],
            lambda: tiny.params(Path(), train={"max_tokens": 20}),
            r"R1/fold-0/train\.jsonl: 5 of 5 rows have more tokens than train\.max_tokens = 20",
        ),
        (
            ["R1-r0"],
            lambda: tiny.params(Path(), train={"layers": 9}),
            r"train\.layers: 9 of a student that has 4",
        ),
    ],
)
def test_bad_input(project, monkeypatch, arguments, break_it, message):
    run(monkeypatch, "R1-r0")
    before = outputs()
    if break_it:
        break_it()
    with pytest.raises(StudyError, match=message):
        run(monkeypatch, *arguments)
    assert {name: data for name, data in outputs().items() if name.startswith("models")} == {
        name: data for name, data in before.items() if name.startswith("models")
    }
