"""dvc.yaml says what each stage reads; here that is held against what the code imports and the params it uses."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from stages.study.params import Profile, load

ROOT = Path(__file__).parent.parent
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE.items()}


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


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_declares_exactly_the_params_it_reads(name):
    """A profile's block is read as `params.active.<block>`, a shared key as `params.<key>`."""
    stage = STAGES[name]
    source = "\n".join(entry(command).read_text(encoding="utf-8") for command in commands(stage))
    blocks = set(re.findall(r"\.active\.(\w+)", source)) & set(Profile.model_fields)
    declared = {str(key) for key in stage.get("params", [])}
    assert {f"${{profile}}.{block}" for block in blocks} == {key for key in declared if key.startswith("${profile}")}
    if "${key}" in str(stage["cmd"]):  # the base student has no run to read
        read = set(re.findall(r"\brun(?:\(key\))?\.(level|replicate|long|all_problems)\b", source))
        read |= {"replicate"} if "run_seed(key)" in source else set()
        assert {f"runs.${{key}}.{field}" for field in read} == {key for key in declared if key.startswith("runs.")}
    patterns = {"seed": r"params\.(run_)?seed", "benchmark": r"params\.benchmark", "corpus": r"params\.corpus"}
    for key, pattern in patterns.items():
        assert (re.search(pattern, source) is not None) == (key in declared), key


def test_no_room_and_no_stage_imports_a_stage():
    stage_files = {entry(command) for stage in STAGES.values() for command in commands(stage)}
    for path in sorted((ROOT / "stages").rglob("*.py")):
        others = {file for file in reads(path) if file in stage_files and file != path}
        assert not others, f"{path} imports a stage: {sorted(map(str, others))}"
        imports = [node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
        assert not any(name.split(".")[0] == "data" for name in imports), f"{path} imports what makes the sample"


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
    levels = [f"R1-r{i}" for i in range(5)] + [f"R{i}-r0" for i in range(2, 7)] + ["R1-long"]
    assert list(params.runs) == levels
    assert params.run_seed("R1-r0") == params.seed
    assert params.run_seed("R1-r4") == params.seed + 4000
