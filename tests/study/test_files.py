"""stages.study.files and errors: whole files or none, faults named by file, line and key."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.errors import StudyError, run_stage
from stages.study.files import (
    cache_folder,
    digest,
    read_json,
    read_records,
    replace,
    replace_folder,
    write_json,
    write_records,
)
from stages.study.records import Assignment, BenchmarkProblem

ONE = Assignment(problem_id="p1", fold=0, split="test", cluster="p1", has_chain=True)
LINE = '{"problem_id": "p1", "fold": 0, "split": "test", "cluster": "p1", "has_chain": true}\n'


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=5))
def test_records_come_back_as_they_went(tmp_path_factory, texts):
    """Line separators, quotes, control characters and all."""
    path = tmp_path_factory.mktemp("records") / "records.jsonl"
    records = [BenchmarkProblem(id=str(number), statement=text, answer=text) for number, text in enumerate(texts)]
    write_records(path, records)
    assert read_records(path, BenchmarkProblem) == records
    assert path.read_bytes().count(b"\n") == len(records)


def test_written_plainly(tmp_path):
    write_records(tmp_path / "deep" / "er" / "records.jsonl", [ONE])
    assert (tmp_path / "deep/er/records.jsonl").read_text(encoding="utf-8") == LINE
    write_json(tmp_path / "metrics.json", {"b": 1, "a": "π"})
    assert (tmp_path / "metrics.json").read_text(encoding="utf-8") == '{\n  "b": 1,\n  "a": "π"\n}\n'
    assert (tmp_path / "metrics.json").stat().st_mode & 0o777 == 0o644


def stop_midway(path):
    def records():
        yield ONE
        raise RuntimeError("killed")

    write_records(path, records())


def interrupt(path):
    with replace(path) as file:
        file.write("half")
        raise KeyboardInterrupt


def not_a_number(path):
    write_json(path, {"accuracy": float("nan")})


@pytest.mark.parametrize(
    ("fault", "error"), [(stop_midway, RuntimeError), (interrupt, KeyboardInterrupt), (not_a_number, ValueError)]
)
def test_a_fault_leaves_the_earlier_file_and_no_litter(tmp_path, fault, error):
    path = tmp_path / "records.jsonl"
    write_records(path, [ONE])
    with pytest.raises(error):
        fault(path)
    assert path.read_text(encoding="utf-8") == LINE
    assert os.listdir(tmp_path) == ["records.jsonl"]


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_full_disk_leaves_the_earlier_file_and_is_told(tmp_path, monkeypatch, call):
    path = tmp_path / "records.jsonl"
    write_records(path, [ONE])

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(SystemExit, match="No space left on device; earlier results"):
        run_stage(lambda: write_records(path, [ONE, ONE]))
    assert path.read_text(encoding="utf-8") == LINE
    assert os.listdir(tmp_path) == ["records.jsonl"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LINE + "{", r"records.jsonl:2: \(line\): Invalid JSON"),
        (LINE + "\n" + LINE.replace("test", "exam"), r"records.jsonl:3: split: Input should be 'train'"),
        (LINE.replace('"cluster": "p1", ', ""), r":1: cluster: Field required"),
        (LINE.replace("cluster", "klaster"), r":1: cluster: Field required \(and 1 more\)"),
        (LINE.replace("{", '{"extra": 1, '), r":1: extra: Extra inputs are not permitted"),
        ("[]\n", r":1: \(line\): "),
        (b"\xff\xfe", "not UTF-8 text .* at byte 0"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path, content, message):
    path = tmp_path / "records.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(StudyError, match=message):
        read_records(path, Assignment)


def test_a_missing_file_says_which_and_what_to_do(tmp_path):
    with pytest.raises(StudyError, match=r"absent.jsonl: no such file; .*dvc repro"):
        read_records(tmp_path / "absent.jsonl", Assignment)


def test_blank_lines_are_no_records(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text("\n" + LINE + "  \n", encoding="utf-8")
    assert read_records(path, Assignment) == [ONE]


def failing(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (StudyError("params.yaml: seed: no"), "error: params.yaml: seed: no"),
        (KeyboardInterrupt(), "stopped: .*run the same command again"),
        (PermissionError(errno.EACCES, "denied", "data/x"), "error: data/x: Permission denied"),
    ],
)
def test_a_stage_ends_with_one_line(error, message):
    with pytest.raises(SystemExit, match=message) as stopped:
        run_stage(failing(error))
    assert "\n" not in str(stopped.value)


@pytest.mark.parametrize("error", [ZeroDivisionError(), OSError("of a library, without a number")])
def test_a_defect_keeps_its_traceback(error):
    with pytest.raises(type(error)):
        run_stage(failing(error))


def test_json_is_what_dvc_reads(tmp_path):
    write_json(tmp_path / "metrics.json", {"accuracy": 0.25, "n": None})
    assert json.loads(Path(tmp_path / "metrics.json").read_bytes()) == {"accuracy": 0.25, "n": None}


def test_json_that_is_missing_or_broken_is_named(tmp_path):
    with pytest.raises(StudyError, match=r"absent.json: no such file; .*dvc repro"):
        read_json(tmp_path / "absent.json")
    (tmp_path / "broken.json").write_text('{\n "a": }', encoding="utf-8")
    with pytest.raises(StudyError, match=r"broken.json:2: not JSON: Expecting value"):
        read_json(tmp_path / "broken.json")
    write_json(tmp_path / "fine.json", {"a": [1, "π"]})
    assert read_json(tmp_path / "fine.json") == {"a": [1, "π"]}


def test_a_digest_is_of_contents_in_their_order(tmp_path):
    one, other, same = (tmp_path / name for name in "abc")
    for path, text in ((one, "x"), (other, "y"), (same, "x")):
        path.write_text(text, encoding="utf-8")
    assert digest(one) == digest(same) != digest(other)
    assert digest(one, other) == digest(same, other) != digest(other, one)
    assert digest(one, other) != digest(one)
    with pytest.raises(StudyError, match=r"absent: no such file; .*dvc repro"):
        digest(one, tmp_path / "absent")


def test_the_cache_is_the_main_repositorys(monkeypatch):
    monkeypatch.delenv("DVC_ROOT", raising=False)
    assert cache_folder() == Path(".cache")
    monkeypatch.setenv("DVC_ROOT", "/some/where")
    assert cache_folder() == Path("/some/where/.cache")


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def fill(folder: Path, version: int) -> None:
    for name in ("a", "deep/b"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"{name} {version}")


OLD, NEW = ({"a": f"a {version}", "deep/b": f"deep/b {version}"} for version in (1, 2))


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(path: str | Path, version: int) -> None:
    with replace_folder(path) as folder:
        assert contents(folder) == {}
        fill(folder, version)


@pytest.mark.parametrize("absolute", [True, False])
def test_a_folder_is_replaced_as_a_whole(workplace, absolute):
    path = workplace / "out/x" if absolute else Path("out/x")
    make(path, 1)
    assert contents(workplace / "out/x") == OLD
    (workplace / "out/x/left over").write_text("")
    make(path, 2)
    assert contents(workplace / "out/x") == NEW
    assert os.listdir("out") == ["x"]  # nothing beside it, at any time that is not within
    assert os.listdir(".cache/making") == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, StudyError])
def test_a_fault_leaves_the_earlier_folder(workplace, error):
    make("x", 1)
    fail_to_make("x", error)
    assert contents(Path("x")) == OLD
    assert os.listdir(".cache/making") == []


def test_what_is_being_made_stands_under_the_cache(workplace):
    make("x", 1)
    with replace_folder("x") as folder:
        assert folder.is_relative_to(workplace / ".cache/making")
        assert contents(Path("x")) == OLD
        with replace_folder("y") as other:
            assert other != folder
            fill(other, 2)
        fill(folder, 2)
    assert contents(Path("x")) == contents(Path("y")) == NEW


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_a_folder_is_replaced_where_the_cache_is_on_another_disk(workplace):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        Path(".cache").symlink_to(elsewhere)
        if Path(".cache").stat().st_dev == workplace.stat().st_dev:
            pytest.skip("the tests' folder is on /dev/shm too")
        make("out/x", 1)
        make("out/x", 2)
    assert contents(Path("out/x")) == NEW


def test_a_rename_that_fails_gives_the_earlier_folder_back(workplace, monkeypatch):
    make("x", 1)
    real = Path.rename

    def rename(self, target):
        if Path(target).name == "x" and not self.name.endswith(".earlier"):
            raise OSError(errno.ENOSPC, "full")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="full"):
        make("x", 2)
    assert contents(Path("x")) == OLD
    assert os.listdir(".cache/making") == []


KILLED = """
import os, signal, sys
from stages.study.files import replace_folder

left = int(sys.argv[1])

def hook(event, arguments):  # called before each step, by the interpreter itself
    global left
    if event in ("os.mkdir", "os.rename", "os.rmdir", "os.remove"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
with replace_folder("x") as folder:
    for name in ("a", "deep/b"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"{name} 2")
"""
ROOT = Path(__file__).parents[2]


def run_killed(step: int) -> int:
    """Replace the folder `x` in a process that is killed (SIGKILL) before its `step`th change on disk; exit code."""
    command = [sys.executable, "-c", KILLED, str(step)]
    return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE).returncode


def test_a_kill_between_any_two_steps_loses_nothing(workplace):
    """At no moment are both copies gone or is `x` half a folder, and whoever comes next finds the one or the other."""
    for step in range(1, 100):
        shutil.rmtree("x", ignore_errors=True)
        shutil.rmtree(".cache", ignore_errors=True)
        make("x", 1)
        killed = run_killed(step)
        assert killed in (0, -signal.SIGKILL)
        if not killed:
            break
        whole = [contents(path) for path in (Path("x"), *Path(".cache/making").glob("*")) if path.exists()]
        assert OLD in whole or NEW in whole, f"step {step}: neither the earlier nor the new folder is whole"
        assert not Path("x").exists() or contents(Path("x")) in (OLD, NEW), f"step {step}: half a folder"
        fail_to_make("x")
        assert contents(Path("x")) in (OLD, NEW), f"step {step}: lost"
        make("x", 2)
        assert contents(Path("x")) == NEW
        assert os.listdir(".cache/making") == []
    assert step > 10  # the last one ran to its end
    assert contents(Path("x")) == NEW


def fail_to_make(path: str, error: type[BaseException] = RuntimeError) -> None:
    with pytest.raises(error):
        fill_and_raise(path, error)


def fill_and_raise(path: str, error: type[BaseException]) -> None:
    with replace_folder(path) as folder:
        fill(folder, 2)
        raise error


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (LINE.replace('"fold": 0', '"fold": -1'), r"fold: Input should be greater than or equal to 0$"),
        ("{}", r"problem_id: Field required \(and 4 more\)$"),
        ("3", r"\(line\): "),
    ],
)
def test_one_fault_is_told_and_the_number_of_the_others(tmp_path, line, message):
    (tmp_path / "rows.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        read_records(tmp_path / "rows.jsonl", Assignment)
