"""stages.study.files and errors: whole files or none, faults named by file, line and key."""

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, replace, write_json, write_records
from stages.study.records import Assignment, BenchmarkProblem

ONE = Assignment(problem_id="p1", split="test", cluster="p1", has_chain=True)
LINE = '{"problem_id": "p1", "split": "test", "cluster": "p1", "has_chain": true}\n'


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
