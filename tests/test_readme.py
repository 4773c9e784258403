"""What the README says of the project is so; its results are generated, see tests/report/test_offline.py."""

import re
from pathlib import Path

import yaml

from stages.study.params import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_stages_is_the_pipeline():
    table = README.split("\n| stage | does | metrics |", 1)[1].split("\n\n", 1)[0]
    told = re.findall(r"^\| `([\w-]+)(@run)?`", table, re.MULTILINE)
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert [name for name, _ in told] == [name for name in stages if not name.endswith("-base")]
    assert {name for name, each in told if each} == {name for name, stage in stages.items() if "foreach" in stage}


def test_the_grid_is_told():
    runs = load(ROOT / "params.yaml").runs
    assert len(runs) == 15
    assert "The grid has fifteen runs." in README
    for run in ("R1-r0", "R1-r4", "R1-r5", "R2-r0", "R6-r0", "R1-long", "answer-r0", "cut-r0", "mix-r0"):
        assert run in runs
        assert f"`{run}`" in README


def test_commands_and_files_that_are_named_exist():
    for module in re.findall(r"python -m ((?:stages|data|tests)[\w.]*)", README):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
    for target in re.findall(r"`?make ([a-z][\w-]*)", README):
        assert re.search(rf"^{target}:|^\.PHONY:.*\b{target}\b", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for link in re.findall(r"\]\((?!http|#)([^)]+)\)", README):
        assert (ROOT / link).exists(), link
