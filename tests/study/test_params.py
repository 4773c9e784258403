"""stages.study.params: the committed file loads, and every wrong key is refused by its path."""

from pathlib import Path

import pytest
import yaml

from stages.study.errors import StudyError
from stages.study.params import load
from stages.study.records import Level

COMMITTED = Path(__file__).parents[2] / "params.yaml"


def edited(tmp_path: Path, key: str, value: object) -> Path:
    """A copy of params.yaml with the dotted `key` set to `value`, or removed where `value` is ..."""
    raw = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
    *parents, last = key.split(".")
    block = raw
    for name in parents:
        block = block[name]
    if value is ...:
        del block[last]
    else:
        block[last] = value
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


def test_the_committed_file_loads():
    params = load(COMMITTED)
    assert params.profiles.keys() >= {"sample", "paper"}
    assert params.active is params.profiles[params.profile]
    assert {run.level for run in params.runs.values()} == set(Level)


def test_a_runs_seed_is_the_studys_plus_a_thousand_a_replicate(tmp_path):
    params = load(edited(tmp_path, "seed", 3))
    assert [params.run_seed(f"R1-r{n}") for n in range(5)] == [3, 1003, 2003, 3003, 4003]
    assert params.run_seed("R6-r0") == params.run_seed("R1-long") == 3


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("sede", 3, r"sede: unknown key \(a profile would be a block with extract"),
        ("seed", -1, "seed: .*greater than or equal to 0"),
        ("seed", "one", "seed: .*integer"),
        ("seed", ..., "seed: Field required"),
        ("profile", "papr", "profile: no block named 'papr'; there are sample, paper|paper, sample"),
        ("runs.R1-r0.level", "R7", "runs.R1-r0.level: .*'R1'"),
        ("runs.R1-r0.replicate", -1, "runs.R1-r0.replicate"),
        ("runs.R1-r0.lvl", "R1", "runs.R1-r0.lvl: unknown key"),
        ("sample.train.iteration", 4, "sample.train.iteration: unknown key"),
        ("sample.train.iterations", 0, "sample.train.iterations: "),
        ("sample.train.iterations", ..., "sample.train.iterations: Field required"),
        ("paper.generate.splits", ["exam"], "paper.generate.splits.0: "),
        ("sample.split.test", 1.0, "sample.split.test: "),
        ("sample.split.valid", 0.8, r"sample.split: .*test \+ valid must be under 1"),
        ("sample.student.source", "ftp", "sample.student.source: "),
        ("machine.threads", 0, "machine.threads: "),
    ],
)
def test_a_wrong_key_is_named_by_its_path(tmp_path, key, value, message):
    with pytest.raises(StudyError, match=f"params.yaml: .*({message})"):
        load(edited(tmp_path, key, value))


def test_all_faults_at_once(tmp_path):
    edited(tmp_path, "sample.train.rank", 0)
    raw = yaml.safe_load((tmp_path / "params.yaml").read_text(encoding="utf-8"))
    raw["sample"]["solve"]["attempts"] = 0
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(StudyError, match=r"sample.solve.attempts: .*; sample.train.rank: "):
        load(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "expected keys"), ("- 1", "expected keys"), ("a: [", "not YAML: .*line 1"), (None, "no such file")],
)
def test_no_params_at_all(tmp_path, content, message):
    path = tmp_path / "params.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match=f"params.yaml: {message}"):
        load(path)


def test_an_unknown_run_lists_the_known_ones():
    with pytest.raises(StudyError, match=r"runs.R9-r0: no such run; there are R1-r0, "):
        load(COMMITTED).run("R9-r0")
