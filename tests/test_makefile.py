"""The recipes of the Makefile run with Apple's make 3.81, which looks in the caller's PATH, not the exported one."""

import re
from pathlib import Path

MAKEFILE = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")
OURS = {"python", "pip", "dvc", "pytest", "ruff", "mypy", "pre-commit"}
CALLERS = {"rm", "touch", "uv", "$(PYTHON)", "$(MAKE)"}  # what a stock machine has, or a maintainer


def recipes() -> list[str]:
    """The command lines of all recipes, continued lines joined and the file's own variables put in."""
    text = MAKEFILE.replace("\\\n", " ")
    variables = dict(re.findall(r"^(\w+) :?= (.*)$", text, re.MULTILINE))
    lines = [line[1:] for line in text.splitlines() if line.startswith("\t")]
    for _ in range(3):
        for name in ("ONE", "SHARE", "PYTEST"):
            lines = [line.replace(f"$({name})", variables[name]) for line in lines]
    return lines


def test_every_recipe_names_the_folder_of_its_program():
    assert len(recipes()) > 15
    for line in recipes():
        words = re.sub(r"-m \S+|^uv pip", "", line).split()
        command = re.sub(r"\$\$\(.*?\)\)?'\)", "", line)  # what a shell substitution runs is looked at below
        first = next(word for word in command.split() if not re.match(r"[A-Z_]+=", word))
        assert first.startswith("$(BIN)/") or first in CALLERS, line
        bare = OURS & set(words)
        assert not bare, f"{line}: found by PATH: {bare}"


def test_programs_run_by_make_itself_name_their_folder():
    for command in re.findall(r"\$\(shell (\S+)", MAKEFILE):
        assert command.startswith("$(BIN)/"), command


def test_what_runs_side_by_side_is_asked_for_by_itself():
    """DVC locks what a stage reads and writes, and an error ends a process that reaches for a locked stage."""
    grid = MAKEFILE.partition("\ngrid:")[2].partition("\ntest:")[0]
    commands = re.findall(r"^\t(.+)$", grid, re.MULTILINE)
    assert len(commands) == 4
    for command in commands:
        assert command.startswith("$(ONE) --single-item "), command


def test_nothing_newer_than_make_3_81_is_used():
    assert not re.findall(r"\.ONESHELL|\$\(file |:::=|::=|!=|\$\(let |\$\(intcmp |&:", MAKEFILE)


def test_an_installation_is_finished_only_when_its_last_line_ran():
    """Each stamp is touched last, and the environment is begun anew where its own stamp is missing."""
    for target, recipe in re.findall(r"^(\$\(BIN\)/\.\S+):[^\n]*\n((?:\t[^\n]*\n)+)", MAKEFILE + "\n", re.MULTILINE):
        assert recipe.splitlines()[-1] == "\ttouch $@", target
    made = re.search(r"^\$\(BIN\)/\.made:\n((?:\t[^\n]*\n)+)", MAKEFILE, re.MULTILINE)[1]
    assert made.index("rm -rf .venv") < made.index("-m venv .venv")
