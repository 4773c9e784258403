"""stages.study.params: the committed file loads, and every wrong key is refused by its path."""

import os
from pathlib import Path

import pytest
import yaml
from pydantic import Field

from stages.folds.settings import SplitSettings
from stages.study.errors import StudyError
from stages.study.params import SHARED, Block, Machine, Params, load, no_arguments, single_argument
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
    raw = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
    assert params.blocks == raw[params.profile]
    assert {run.level for run in params.runs.values()} == set(Level)
    assert params.recording == Path(f"data/recordings/{params.corpus}.jsonl")


def test_every_profile_and_every_block_is_fit_for_its_room():
    raw = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
    for profile in ("sample", "paper"):
        shared = {key: raw[key] for key in SHARED} | {"profile": profile, "blocks": raw[profile]}
        settings = Params.model_validate(shared)
        assert settings.block("split", SplitSettings).folds == 5
        assert settings.blocks.keys() == raw["sample"].keys()


def test_a_runs_seed_is_the_studys_plus_a_thousand_a_replicate(tmp_path):
    params = load(edited(tmp_path, "seed", 3))
    assert [params.run_seed(f"R1-r{n}") for n in range(6)] == [3, 1003, 2003, 3003, 4003, 5003]
    assert params.run_seed("R6-r0") == params.run_seed("R1-long") == 3


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("sede", 3, r"sede: unknown key \(a profile would be a block of blocks"),
        ("seed", -1, "seed: .*greater than or equal to 0"),
        ("seed", "one", "seed: .*integer"),
        ("seed", ..., "seed: Field required"),
        ("profile", "papr", "profile: no block named 'papr'; there are (sample, paper|paper, sample)"),
        ("profile", ..., "profile: Field required"),
        ("runs.R1-r0.level", "R7", "runs.R1-r0.level: .*'R1'"),
        ("runs.R1-r0.replicate", -1, "runs.R1-r0.replicate"),
        ("runs.R1-r0.fold", -1, "runs.R1-r0.fold"),
        ("runs.R1-r0.fold", ..., "runs.R1-r0.fold: Field required"),
        ("runs.R1-r0.benchmark", "some", "runs.R1-r0.benchmark: .*boolean"),
        ("runs.R1-r0.lvl", "R1", "runs.R1-r0.lvl: unknown key"),
        ("runs.base", {"level": "R1"}, "runs.base: the name of the student before training"),
        ("benchmarks", ["a", "b", "a"], "benchmarks: a: named twice"),
        ("variants.R1-r0", {"student": "base"}, "variants.R1-r0: a run has this name"),
        ("variants.x", {"student": "R1-r0"}, "variants.x.student: `base`, or `adapters/` and a key of `runs` is meant"),
        ("variants.x", {"student": "adapters/R9"}, "variants.x.student: `base`, or"),
        ("variants.x", {"student": "base", "samples": 2}, "variants.x: .*greedy responses are all the same"),
        ("variants.x", {"student": "base", "shots": 2, "benchmark": True}, "variants.x: .*not from a benchmark's"),
        ("variants.x", {"student": "base", "shots": 9}, "variants.x.shots"),
        ("variants.x", {"student": "base", "tempreature": 1.0}, "variants.x.tempreature: unknown key"),
        ("variants.base", ..., "variants.base: the student before training, asked as every run is"),
        ("variants.base", {"student": "base", "budget": 2}, "variants.base: the student before training, asked as"),
        ("variants.base", {"student": "adapters/R1-r0"}, "variants.base: the student before training, asked as"),
        ("machine.cores", -1, "machine.cores: "),
        ("machine.threads", 2, "machine.threads: unknown key"),
        ("machine.teacher", 3, "machine.teacher: "),
    ],
)
def test_a_wrong_key_is_named_by_its_path(tmp_path, key, value, message):
    with pytest.raises(StudyError, match=f"params.yaml: .*({message})"):
        load(edited(tmp_path, key, value))


HOSTILE = ["a/b", "../x", "/abs", "a\\b", ".x", "-x", "", "é", "a b", "a\n", "'", '"']
HOSTILE += ["a;b", "$(x)", "`x`", "a|b", "a&b", "a>b", "a*", "$x", "a#b", "~", "a{b}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_would_not_be_one_in_a_path_or_a_shell_is_refused(tmp_path, name):
    for key, value in (("corpus", name), ("benchmarks", [name])):
        with pytest.raises(StudyError, match=rf"params.yaml: {key}(\.0)?: .*may hold letters, digits"):
            load(edited(tmp_path, key, value))
    raw = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
    raw["runs"] |= {name: raw["runs"]["R1-r0"]}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(StudyError, match=r"params.yaml: runs(.|\n)*may hold letters, digits"):
        load(tmp_path / "params.yaml")


@pytest.mark.parametrize("name", ["a", "R1-r0", "math_500", "v1.2", "0"])
def test_a_plain_name_is_fine(tmp_path, name):
    assert load(edited(tmp_path, "corpus", name)).corpus == name
    assert load(edited(tmp_path, "benchmarks", [name, "sample"])).benchmarks == [name, "sample"]


def test_all_faults_at_once(tmp_path):
    edited(tmp_path, "seed", -1)
    raw = yaml.safe_load((tmp_path / "params.yaml").read_text(encoding="utf-8"))
    raw["runs"]["R2-r0"]["fold"] = "zero"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(StudyError, match=r"seed: .*; runs.R2-r0.fold: "):
        load(tmp_path / "params.yaml")


class Toy(Block):
    """A room's settings."""

    size: int = Field(ge=1)
    secret: str = Field(default="", max_length=3)


def with_toy(tmp_path: Path, **toy: object) -> Params:
    return load(edited(tmp_path, "sample.toy", toy))


def test_a_room_checks_its_own_block(tmp_path):
    assert with_toy(tmp_path, size=2).block("toy", Toy) == Toy(size=2)
    with pytest.raises(StudyError, match=r"params.yaml: sample.toy.size: .*greater than or equal to 1"):
        with_toy(tmp_path, size=0).block("toy", Toy)
    with pytest.raises(StudyError, match=r"params.yaml: sample.toy.sise: unknown key"):
        with_toy(tmp_path, size=1, sise=2).block("toy", Toy)
    with pytest.raises(StudyError, match=r"params.yaml: sample.absent: missing"):
        with_toy(tmp_path, size=1).block("absent", Toy)


def test_a_value_that_is_refused_is_not_repeated(tmp_path):
    with pytest.raises(StudyError) as refused:
        with_toy(tmp_path, size=1, secret="sk-abcdef").block("toy", Toy)
    assert "sample.toy.secret" in str(refused.value)
    assert "sk-abcdef" not in str(refused.value)


@pytest.mark.parametrize(
    ("protocol", "published"), [("published", True), ("held_out", False), (None, False), ("Published", False)]
)
def test_the_protocol_that_all_stages_ask_for(tmp_path, protocol, published):
    split = None if protocol is None else {"protocol": protocol}
    assert load(edited(tmp_path, "sample.split", split)).published == published


@pytest.mark.parametrize(
    ("cores", "told", "jobs", "expected"),
    [
        (4, "", 8, (4, 1)),
        (4, "", 2, (2, 2)),
        (4, "", 1, (1, 4)),
        (4, "", 0, (1, 4)),
        (5, "", 2, (2, 2)),  # 2 x 2 of 5: never more than there are
        (4, "2", 8, (2, 1)),
        (1, "", 3, (1, 1)),
        (0, "3", 2, (2, 1)),
    ],
)
def test_processes_times_threads_never_exceed_the_cores(monkeypatch, cores, told, jobs, expected):
    monkeypatch.setenv("STAGE_CORES", told)
    machine = Machine(cores=cores, teacher={})
    processes, threads = machine.processes(jobs)
    assert (processes, threads) == expected
    assert processes * threads <= machine.usable_cores()


def test_all_cores_where_nothing_is_told(monkeypatch):
    monkeypatch.delenv("STAGE_CORES", raising=False)
    assert Machine(cores=0, teacher={}).usable_cores() == os.cpu_count()


@pytest.mark.parametrize("told", ["0", "two", "-1", "1.5", "2 "])
def test_cores_that_are_no_number_are_refused(monkeypatch, told):
    monkeypatch.setenv("STAGE_CORES", told)
    with pytest.raises(StudyError, match=f"STAGE_CORES={told}: a whole number from 1 on"):
        Machine(cores=0, teacher={}).usable_cores()


def test_a_stages_command_line():
    assert single_argument(["R1-r0"], "stages.train RUN") == "R1-r0"
    assert no_arguments([], "stages.split") is None
    for arguments in ([], ["a", "b"], ["--help"]):
        with pytest.raises(StudyError, match=r"usage: python -m stages\.train RUN"):
            single_argument(arguments, "stages.train RUN")
    with pytest.raises(StudyError, match=r"-x y: unknown argument; usage: python -m stages\.split"):
        no_arguments(["-x", "y"], "stages.split")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected keys"),
        ("- 1", "expected keys"),
        ("a: [", "not YAML: .*line 1"),
        ("x: 1", "x: unknown key"),
        (None, "no such file"),
    ],
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
