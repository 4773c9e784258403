"""`generate`: who is asked what, the same bytes whatever is killed, and errors that say what is wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
from mlx.utils import tree_flatten

from stages import generate
from stages.student import adapters, base
from stages.study import versions
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Assignment, Example, Problem, Reading, Response, Source

CONFIG = {"fine_tune_type": "lora", "num_layers": 2, "lora_parameters": {"rank": 4, "scale": 2.0, "dropout": 0.0}}
FOLDS = {"a": 0, "b": 1, "c": 0, "d": 1, "e": 0}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("STAGE_CORES", raising=False)
    tiny.params(tmp_path)
    tiny.make(base.BASE)
    versions.main()
    source, reading = Source(file="x.pdf", page=1, box=(0, 0, 1, 1)), Reading(engine="text", confidence=1)
    fixed = {"corpus": "x", "year": 2021, "section": "fs", "number": "01", "answer": "1"}
    problems = [
        Problem(id=id, statement=f"Find {id}.", source=source, reading=reading, usable=id in FOLDS, **fixed)
        for id in "xabcde"
    ]
    write_records("data/problems.jsonl", problems)
    write_records(
        "data/assignment.jsonl",
        [
            Assignment(problem_id=id, fold=fold, split="test" if fold == own else "train", cluster=id, has_chain=True)
            for id, own in FOLDS.items()
            for fold in (0, 1)
        ],
    )
    Path("data/benchmarks").mkdir()
    own = [{"id": f"p{place}", "statement": f"What is {place} + 1?", "answer": "2"} for place in range(3)]
    Path("data/benchmarks/own.jsonl").write_text("".join(json.dumps(one) + "\n" for one in own))
    return tmp_path


def adapter(key: str, seed: int = 3, **changes) -> None:
    """An adapter that changes a lot, as training would write it for the run."""
    model, _ = base.load()
    adapters.add_lora(model, CONFIG)
    mx.random.seed(seed)
    weights = {name: mx.random.normal(one.shape) for name, one in tree_flatten(model.trainable_parameters())}
    level, _, replicate = key.partition("-r")
    training = {
        "run": key,
        "level": level,
        "replicate": int(replicate),
        "fold": int(replicate),
        "seed": 1 + 1000 * int(replicate),
        "base_digest": base.base_digest(),
        "data_digest": "d" * 64,
        "kept_iteration": 3,
        "versions": {},
    }
    folder = Path("models/adapters") / key
    adapters.save(folder, weights, CONFIG, adapters.Training.model_validate(training | changes))


def run(monkeypatch, *arguments: str) -> list[Response]:
    monkeypatch.setattr(sys, "argv", ["generate", *arguments])
    generate.main()
    return read_records(f"data/responses/{arguments[0]}.jsonl", Response)


def asked(responses: list[Response]) -> list[str]:
    return [one.problem_id for one in responses]


def test_each_student_answers_what_it_is_to_answer(project, monkeypatch):
    assert asked(run(monkeypatch, "base")) == ["a", "b", "c", "d", "e", "p0", "p1", "p2"]
    for key in ("R1-r0", "R1-r1", "R2-r0"):
        adapter(key)
    assert asked(run(monkeypatch, "R1-r0")) == ["a", "c", "e", "p0", "p1", "p2"]
    assert asked(run(monkeypatch, "R1-r1")) == ["b", "d"]
    assert asked(run(monkeypatch, "R2-r0")) == ["a", "c", "e"]
    tiny.params(project, split={"protocol": "published"})
    assert asked(run(monkeypatch, "R1-r1")) == ["a", "b", "c", "d", "e"]


def test_a_run_that_answers_all_problems_says_the_same_to_those_held_out(project, monkeypatch):
    adapter("R1-r1")
    held_out = run(monkeypatch, "R1-r1")
    one = {"level": "R1", "replicate": 1, "fold": 1, "long": False, "all_problems": True, "benchmark": False}
    tiny.params(project, runs={"R1-r1": one})
    everything = run(monkeypatch, "R1-r1")
    assert asked(everything) == ["a", "b", "c", "d", "e"]
    assert [response for response in everything if FOLDS[response.problem_id] == 1] == held_out


def test_the_adapter_is_what_answers_and_the_responses_say_whose_they_are(project, monkeypatch):
    untrained = {one.problem_id: one for one in run(monkeypatch, "base")}
    adapter("R1-r0")
    tuned = run(monkeypatch, "R1-r0")
    assert any(one.text != untrained[one.problem_id].text for one in tuned)
    adapter("R1-r0", seed=4)
    other = run(monkeypatch, "R1-r0")
    assert [one.text for one in other] != [one.text for one in tuned]
    students = [found[0].student for found in (list(untrained.values()), tuned, other)]
    assert [one.run for one in students] == ["base", "R1-r0", "R1-r0"]
    assert students[0].adapter_digest == ""
    assert len({one.adapter_digest for one in students}) == 3
    assert {one.base_digest for one in students} == {base.base_digest()}
    assert len({one.prompt_digest for one in students}) == 1
    assert {one.budget for one in students} == {6}


def test_a_student_is_asked_in_another_way(project, monkeypatch):
    adapter("R1-r0")
    usual = run(monkeypatch, "R1-r0")
    shown = [Example(fold=fold, problem_id="x", statement=f"Worked {n}", text="t") for fold in (0, 1) for n in range(2)]
    write_records("data/examples.jsonl", shown)
    ways = {
        "long": {"student": "base", "budget": 3, "fold": 0},
        "shots": {"student": "base", "shots": 2},
        "batch": {"student": "adapters/R1-r0", "batch_size": 1},
        "drawn": {"student": "adapters/R1-r0", "temperature": 0.8, "samples": 2},
    }
    tiny.params(project, variants=ways)
    found = {key: run(monkeypatch, key) for key in ways}
    assert asked(found["long"]) == ["a", "c", "e"]
    assert max(one.tokens for one in found["long"]) > 6
    assert asked(found["shots"]) == ["a", "b", "c", "d", "e"]
    assert asked(found["drawn"]) == ["a", "a", "c", "c", "e", "e"]
    assert asked(found["batch"]) == ["a", "c", "e"]
    students = {key: one[0].student for key, one in found.items()}
    assert (students["long"].budget, students["long"].adapter_digest) == (18, "")
    assert students["shots"].prompt_digest != students["long"].prompt_digest == usual[0].student.prompt_digest
    assert (students["batch"].batch_size, students["batch"].run) == (1, "batch")
    assert students["drawn"].adapter_digest == usual[0].student.adapter_digest


def test_the_same_bytes_each_time_and_nothing_left_behind(project, monkeypatch):
    run(monkeypatch, "base")
    first = Path("data/responses/base.jsonl").read_bytes()
    run(monkeypatch, "base")
    assert Path("data/responses/base.jsonl").read_bytes() == first
    assert list(Path(".cache/generation").iterdir()) == []


def test_kill_9_leaves_whole_batches_and_the_next_one_ends_in_the_same_bytes(project, monkeypatch):
    tiny.params(project, generate={"max_tokens": 60, "batch_size": 1})
    run(monkeypatch, "base")
    path = Path("data/responses/base.jsonl")
    whole = path.read_bytes()
    path.unlink()
    root = str(Path(__file__).parents[1])
    command = [sys.executable, "-m", "stages.generate", "base"]
    started = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": root})
    while not list(Path(".cache/generation").rglob("[0-9a-f]*.jsonl")):
        assert started.poll() is None
        time.sleep(0.002)
    started.send_signal(signal.SIGKILL)
    started.wait()
    assert not path.exists()
    assert list(Path(".cache/generation").rglob("[0-9a-f]*.jsonl"))
    run(monkeypatch, "base")
    assert path.read_bytes() == whole


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the workers in /proc")
def test_workers_end_with_their_parent(project):
    tiny.params(project, generate={"max_tokens": 200, "batch_size": 1}, machine={"cores": 2})
    command = [sys.executable, "-m", "stages.generate", "base"]
    started = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])})

    def workers() -> list[int]:
        """The parent's processes that spawn has started."""
        try:
            children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        except FileNotFoundError:
            return []
        return [int(one) for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]

    while not list(Path(".cache/generation").rglob("[0-9a-f]*.jsonl")):
        assert started.poll() is None
        time.sleep(0.002)
    found = workers()
    started.send_signal(signal.SIGKILL)
    started.wait()
    assert len(found) == 2
    for _ in range(200):
        left = [one for one in found if "State:\tZ" not in status(one)]
        if not left:
            break
        time.sleep(0.05)
    assert not left


def status(process: int) -> str:
    """Of /proc; a process that is gone is as good as a zombie."""
    try:
        return Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "State:\tZ"


@pytest.mark.long
def test_killed_at_ten_moments_it_repeats_no_finished_batch_and_ends_in_the_same_bytes(project, monkeypatch):
    drawn = {"student": "base", "benchmark": True, "temperature": 0.8, "samples": 4, "batch_size": 1}
    tiny.params(project, generate={"max_tokens": 60}, variants={"drawn": drawn})
    run(monkeypatch, "drawn")
    path = Path("data/responses/drawn.jsonl")
    whole = path.read_bytes()
    path.unlink()
    command = [sys.executable, "-m", "stages.generate", "drawn"]

    def kept() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in Path(".cache/generation").rglob("[0-9a-f]*.jsonl")}

    for moment in range(10):
        before = kept()
        started = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])})
        while len(kept()) < len(before) + 1 + moment % 2:
            assert started.poll() is None
            time.sleep(0.001)
        started.send_signal(signal.SIGKILL)
        started.wait()
        assert before.items() <= kept().items()  # none was written again
        assert not path.exists()
    assert 15 <= len(kept()) < 32
    run(monkeypatch, "drawn")
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "break_it", "message"),
    [
        ([], None, "usage: python -m stages.generate NAME"),
        (["base", "--fast"], None, "usage: python -m stages.generate NAME"),
        (["R1-r9"], None, r"params.yaml: R1-r9: neither a run nor a variant"),
        (["R1-r0"], None, r"models/adapters/R1-r0/adapters\.safetensors: no such file; run `dvc repro train@R1-r0`"),
        (["R1-r0"], lambda: adapter("R1-r0", run="R1-r1"), "R1-r0/adapter_config.json: of another run: .*R1-r1"),
        (["R1-r0"], lambda: adapter("R1-r0", base_digest="0" * 64), "trained on another base student"),
        (["base"], lambda: Path("models/base/config.json").unlink(), "models/base: no student there"),
        (
            ["base"],
            lambda: Path("data/problems.jsonl").write_text(""),
            "a: each usable problem of data/problems.jsonl is to be held out once",
        ),
        (["base"], lambda: Path("data/assignment.jsonl").unlink(), r"data/assignment\.jsonl: no such file"),
        (["base"], lambda: Path("data/benchmarks/own.jsonl").write_text(""), r"own\.jsonl: no problems in it"),
        (["base"], lambda: Path("data/versions.yaml").unlink(), r"data/versions\.yaml: missing"),
    ],
)
def test_bad_input(project, monkeypatch, arguments, break_it, message):
    if break_it:
        break_it()
    with pytest.raises(StudyError, match=message):
        run(monkeypatch, *arguments)
    assert not Path("data/responses").exists()
