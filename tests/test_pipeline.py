"""dvc.yaml says what each stage reads; here that is held against what the code imports and the params it uses."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo
from dvc.utils.serialize import modify_yaml

from stages.study.params import load
from stages.study.versions import READING, STUDENT
from tests.clone import ROOT, copy_project

PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE.items()}
ENTRIES = sorted(set((ROOT / "stages").glob("*.py")) - {ROOT / "stages/__init__.py"})


def commands(stage: dict) -> list[str]:
    return [stage["cmd"]] if isinstance(stage["cmd"], str) else stage["cmd"]


def entry(command: str) -> Path:
    """The file that `python -m stages.x ...` runs."""
    module = ROOT / re.match(r"python -m (\S+)", command)[1].replace(".", "/")
    return module / "__main__.py" if module.is_dir() else module.with_suffix(".py")


def imported(name: str) -> list[Path]:
    """The files of ours that `import name` runs, `name` being a module or a module and a name in it."""
    found, path = [], ROOT
    for part in name.split("."):
        path = path / part
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                found.append(file)
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def reads(path: Path, seen: set[Path] | None = None) -> set[Path]:
    """`path` and every file of ours it imports, at any depth, data files beside packages left out."""
    seen = set() if seen is None else seen
    if path in seen:
        return seen
    seen.add(path)
    for node in ast.walk(tree(path)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.split(".")[0] == "stages":
                for file in imported(name):
                    reads(file, seen)
    return seen


def has_code(path: Path) -> bool:
    """False for a package's `__init__.py` that holds its docstring only."""
    body = tree(path).body
    return not all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_declares_exactly_the_code_it_reads(name):
    stage = STAGES[name]
    read = {file for command in commands(stage) for file in reads(entry(command)) if has_code(file)}
    declared = {ROOT / dep for dep in stage["deps"] if dep.startswith("stages/")}
    covered = {dep: {file for file in read if file == dep or dep in file.parents} for dep in declared}
    missing = read - set().union(*covered.values())
    assert not missing, f"dvc.yaml: {name}: reads but does not declare {sorted(map(str, missing))}"
    needless = [str(dep) for dep, files in covered.items() if not files]
    assert not needless, f"dvc.yaml: {name}: declares but does not read {needless}"


VERSIONS = {"STUDENT": STUDENT, "READING": READING}
RUN_FIELDS = {  # what training reads of its run, by what its entry module calls; other stages depend on the whole run
    r"params\.run\(key\)": {"level", "fold", "long"},
    r"run_seed\(key\)": {"replicate"},
}
SHARED = {  # key: what its readers call
    "seed": r"\brun_seed\(",
    "corpus": r"\.(corpus|recording)\b",
    "benchmarks": r"\bread_exam\(|params\.benchmarks\b",
    "runs": r"params\.(levels|runs)\b",
    "${profile}.split.protocol": r"\bread_exam\(",
    "${profile}.train.max_tokens": r"params\.max_tokens\b",
}


@pytest.mark.parametrize("name", [name for name in STAGES if name != "report"])
def test_a_stage_declares_exactly_the_params_it_reads(name):
    """A profile's block is read as `.block("name", ...)`; the report, which shows all params, depends on all."""
    stage = STAGES[name]
    source = "\n".join(entry(command).read_text(encoding="utf-8") for command in commands(stage))
    declared = {key for key in stage["params"] if isinstance(key, str)}
    blocks = {f"${{profile}}.{block}" for block in re.findall(r"\.block\(\s*\"(\w+)\"", source)}
    assert {key for key in declared if re.fullmatch(r"\$\{profile\}\.\w+", key)} == blocks
    for key, pattern in SHARED.items():
        assert (re.search(pattern, source) is not None) == (key in declared), key
    if ".asked(key)" in source and "foreach" in PIPELINE[name]:
        assert f"{PIPELINE[name]['foreach'].strip('${}')}.${{key}}" in declared
    elif "${key}" in str(stage["cmd"]):
        read = {field for pattern, fields in RUN_FIELDS.items() if re.search(pattern, source) for field in fields}
        assert {f"runs.${{key}}.{field}" for field in read} == {key for key in declared if key.startswith("runs.")}
    versions = next((key["data/versions.yaml"] for key in stage["params"] if isinstance(key, dict)), [])
    checked = re.search(r"check_versions\((\w+)\)", source)
    assert versions == (list(VERSIONS[checked[1]]) if checked else [])


def test_no_room_and_no_stage_imports_a_stage():
    stage_files = {entry(command) for stage in STAGES.values() for command in commands(stage)} | set(ENTRIES)
    for path in sorted((ROOT / "stages").rglob("*.py")):
        others = {file for file in reads(path) if file in stage_files and file != path}
        assert not others, f"{path} imports a stage: {sorted(map(str, others))}"
        imports = [node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
        assert not any(name.split(".")[0] == "data" for name in imports), f"{path} imports what makes the sample"


def test_params_yaml_stands_in_the_form_that_dvc_writes(tmp_path):
    """So `-S seed=3` changes one line of it."""
    path = tmp_path / "params.yaml"
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    with modify_yaml(str(path)) as values:
        values["seed"] = 3
    assert path.read_text(encoding="utf-8") == text.replace("\nseed: 1 #", "\nseed: 3 #")


def test_every_param_has_a_comment():
    """On its own line or on its block's, in the first profile; the second repeats its keys."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8").split("\npaper:")[0].split("\nmachine:", 1)[1]
    parents: list[tuple[int, bool]] = []
    for line in filter(str.strip, text.splitlines()[1:]):
        indent, commented = len(line) - len(line.lstrip()), "#" in line
        parents = [parent for parent in parents if parent[0] < indent]
        is_block = line.split("#")[0].rstrip().endswith(":")
        if not is_block and not line.lstrip().startswith(("-", "#")):
            assert commented or any(parent[1] for parent in parents), f"params.yaml: no comment: {line.strip()}"
        parents.append((indent, commented))


def test_the_grid_is_the_design():
    params = load(ROOT / "params.yaml")
    levels = [f"R1-r{i}" for i in range(6)] + [f"R{i}-r0" for i in range(2, 7)] + ["R1-long"]
    assert list(params.runs) == [*levels, "answer-r0", "cut-r0", "mix-r0"]
    assert [params.runs[f"R1-r{i}"].fold for i in range(6)] == [0, 1, 2, 3, 4, 0]
    assert params.run_seed("R1-r0") == params.seed
    assert params.run_seed("R1-r4") == params.seed + 4000


def test_dvc_yaml_reads_like_a_method_section():
    lines = (ROOT / "dvc.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 270
    assert sum(bool(re.search(r"[-,\[] stages/|^ +stages/", line)) for line in lines) <= 60


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_entry_modules_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 100


def test_no_module_is_long():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "stages").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert not long


RUNS, VARIANTS = (list(grid) for grid in (load(ROOT / "params.yaml").runs, load(ROOT / "params.yaml").variants))


def keys(name: str) -> list[str]:
    """Of a stage that the grid or the variants multiply; one empty key for another."""
    grid = PIPELINE[name].get("foreach")
    return {"${runs}": RUNS, "${variants}": VARIANTS, None: [""]}[grid]


def each(*names: str) -> set[str]:
    """`train@` stands for all its runs, `evaluate-variant@` for all its variants."""
    return {
        full for name in names for full in ([name + key for key in keys(name[:-1])] if name.endswith("@") else [name])
    }


MEASURED = {"generate@", "generate-variant@", "evaluate@", "evaluate-variant@"}
AFTER_EDIT = [  # what is edited -> the stages that read it, which then run again, and those that their results change
    (
        "stages/answers/compare.py",
        {"extract", "solve", "verify", "compress", "evaluate@", "evaluate-variant@", "judge", "report"},
    ),
    ("stages/grading/judge.py", {"solve", "verify", "split", "evaluate@", "evaluate-variant@", "report"}),
    ("stages/tuning/training.py", {"train@"}),
    ("stages/generation/decoding.py", {"generate@", "generate-variant@", "contaminate"}),
    ("stages/student/rows.py", {"verify", "split", "train@", "generate@", "generate-variant@", "contaminate"}),
    ("stages/sources/wheel.py", {"fetch"}),
    ("models/base/made-up", {"verify", "split", "train@", "generate@", "generate-variant@", "contaminate"}),
    ("stages/exams/ink.py", {"extract"}),
    ("stages/teacher/client.py", {"extract", "solve", "verify", "compress", "judge"}),
    ("stages/chains/rules.py", {"compress", "split", "report"}),
    ("stages/folds/trained.py", {"split", "report"}),
    ("stages/folds/clusters.py", {"split", "report"}),
    ("stages/report/tables.py", {"report"}),
    ("stages/mathematics/formulas.py", {"report"}),
    ("stages/proofreading/desk.py", set()),
    ("stages/review.py", set()),
    (
        "stages/questions/exam.py",
        {"verify", "split", *MEASURED, "contaminate", "judge", "report"},
    ),
    ("data/recordings/sample.jsonl", {"extract", "solve", "verify", "compress", "judge"}),
    ("data/recordings/other.jsonl", set()),
    ("data/corrections/sample.jsonl", {"extract"}),
    ("data/datasets/R1/fold-0/train.jsonl", {"train@R1-r0", "train@R1-r5", "train@R1-long", "report"}),
    ("params.yaml: seed", {"train@", "report"}),
    ("params.yaml: sample.train.rank", {"train@", "report"}),
    ("params.yaml: sample.generate.max_tokens", {"generate@", "generate-variant@", "contaminate", "report"}),
    ("params.yaml: runs.R1-r1.long", {"split", "judge", "train@R1-r1", "generate@R1-r1", "evaluate@R1-r1", "report"}),
    ("params.yaml: runs.R1-r1.all_problems", {"split", "judge", "generate@R1-r1", "evaluate@R1-r1", "report"}),
    (
        "params.yaml: variants.base-long.budget",
        {"generate-variant@base-long", "evaluate-variant@base-long", "judge", "report"},
    ),
    ("data/examples.jsonl", {"generate-variant@"}),
    ("data/benchmarks/sample.jsonl", {"split", *MEASURED, "contaminate", "judge", "report"}),
    ("params.yaml: machine.cores", set()),
    ("params.yaml: machine.teacher.concurrency", set()),
    ("data/versions.yaml: mlx", {"verify", "train@", "generate@", "generate-variant@", "contaminate", "report"}),
    ("data/versions.yaml: rapidocr", {"extract", "report"}),
]


@pytest.fixture(scope="module")
def settled(tmp_path_factory) -> Path:
    """The project with a made-up file for each output, all of them recorded as up to date."""
    clone = copy_project(tmp_path_factory.mktemp("settled") / "project")
    clone.run("git", "init", "-q")
    for name, stage in STAGES.items():
        for run in keys(name):
            for out in [*stage.get("outs", []), *stage.get("metrics", []), *stage.get("plots", [])]:
                path = clone.path / (out if isinstance(out, str) else next(iter(out))).replace("${key}", run)
                path = path if path.suffix else path / "made-up"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"made up {path.name}\n", encoding="utf-8")
    for level in load(ROOT / "params.yaml").levels:
        for fold in range(5):
            path = clone.path / f"data/datasets/{level}/fold-{fold}/train.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{level} {fold}\n", encoding="utf-8")
    clone.run("dvc", "commit", "--force", "--quiet")
    return clone.path


def changed_dependencies(project: Path) -> set[str]:
    with Repo(str(project)) as repo:
        status = repo.status()
    return {
        target.rpartition(":")[2]  # a path to dvc.yaml may stand before it
        for target, changes in status.items()
        if any(isinstance(change, dict) and "changed deps" in change for change in changes)
    }


@pytest.mark.slow
@pytest.mark.parametrize(("edited", "stages"), AFTER_EDIT, ids=[edited for edited, _ in AFTER_EDIT])
def test_an_edit_runs_exactly_these_stages_again(settled, edited, stages):
    name, _, key = edited.partition(": ")
    path = settled / name
    before = path.read_text(encoding="utf-8") if path.exists() else None
    if key:
        values = yaml.safe_load(before)
        *parents, last = key.split(".")
        block = values
        for parent in parents:
            block = block[parent]
        block[last] = {bool: lambda old: not old, str: lambda old: old + ".1"}.get(type(block[last]), lambda _: 77)(
            block[last]
        )
        path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    else:
        path.write_text((before or "") + "\n", encoding="utf-8")
    try:
        assert changed_dependencies(settled) == each(*stages)
    finally:
        path.write_text(before, encoding="utf-8") if before is not None else path.unlink()
