"""CONTRIBUTING.md is held against the project: its map, the paths it names, its commands, its glossary."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[str]:
    """First cells of the table under a heading, its head left out."""
    table = re.findall(r"^\| (.+?) \|", TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0], re.MULTILINE)
    return table[1:]


def test_the_map_names_every_room_and_nothing_else():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"].values()
    deps = {dep for stage in stages for dep in stage.get("do", stage)["deps"] if dep.startswith("stages/")}
    rooms = {f"`{dep}`" for dep in deps if not dep.endswith(".py")}
    assert sorted(rows("The house")) == sorted(rooms | {"`stages/proofreading`", "`data/sample`"})  # of no stage


def test_every_path_in_the_text_is_there():
    named = set(re.findall(r"`((?:stages|tests|data|metrics)/[\w./-]+)`", TEXT)) | {"CHANGELOG.md"}
    assert len(named) > 20
    missing = [name for name in sorted(named) if not (ROOT / name).exists()]
    assert not missing


def test_every_make_target_exists():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make ([\w-]+)|`make ([\w-]+)`", TEXT, re.MULTILINE))
    assert {one or other for one, other in named} <= targets
    assert {"test", "test-fast", "sample"} <= {one or other for one, other in named}


def test_the_glossary_is_sorted_and_says_each_term_once():
    terms = rows("Glossary")
    assert terms == sorted(set(terms))
    assert {"level", "chain", "linear form", "replicate", "fold", "held out", "cluster", "run", "adapter"} < set(terms)


def test_no_line_is_too_long():
    assert not [line for line in TEXT.splitlines() if len(line) > 120 and not line.startswith("|")]
