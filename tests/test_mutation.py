"""The tool that changes code by mistake on purpose: which changes it makes, and that it tells caught from survived."""

import ast
import subprocess
import sys

import pytest

from stages.study.errors import StudyError
from tests import mutation


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a <= b < c", ["a < b < c", "a > b < c", "a <= b <= c", "a <= b >= c"]),
        ("a == b", ["a != b"]),
        ("a not in b", ["a in b"]),
        ("a is None", ["a is not None"]),
        ("a + b", ["a - b"]),
        ("a & b", ["a | b"]),
        ("a += b", ["a -= b"]),
        ("a and b", ["a or b", "b", "a"]),
        ("not a", ["a"]),
        ("-a", ["a"]),
        ("a if b else c", ["a", "c"]),
        ("if a:\n    b", ["if True:\n    b", "if False:\n    b"]),
        ("while a:\n    break", ["while False:\n    break", "while a:\n    continue"]),
        ("[a for a in b if a]", ["[a for a in b]"]),
        ("x = f(a, b)", ["x = f(b, a)"]),
        ("x = f(a, *b)", []),
        ("x = f(a, b=c)", ["x = f(a)"]),
        ("x = min(a, b)", ["x = max(a, b)"]),
        ("f()", ["pass"]),
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("1", []),
        ("x = 1", ["x = 2", "x = 0"]),
        ("x = True", ["x = False"]),
        ("x = ''", ["x = 'XX'"]),
        ("x = a[b:]", ["x = a[:]"]),
        ("x = None", []),
        # What says something and does nothing is left alone.
        ("def f():\n    'Say {1}.'", []),
        ("raise E(f'{a + b}: not 1')", []),
        ("x = f'a {b}'", []),
        ("x = f'{a + b:>3}'", ["x = f'{a - b:>3}'"]),
        ("x: Literal['a']", []),
        ("@d(frozen=True)\nclass A:\n    pass", []),
        ("x = f(description='a', strict=True)", []),
        ("if __name__ == '__main__':\n    main()", []),
    ],
)
def test_the_changes_of_a_source(source, changes):
    found = [mutant.source for mutant in mutation.mutants(source)]
    assert found == [ast.unparse(ast.parse(change)) for change in changes]


def test_a_change_is_listed_once_with_its_line_and_the_tree_is_left_as_it_was():
    source = "def f(a):\n    return [x\n            for x in a\n            if x > 0]\n"
    first, again = mutation.mutants(source), mutation.mutants(source)
    assert first == again
    assert [mutant.line for mutant in first] == [2, 2, 4, 4, 4, 4]
    assert len({mutant.source for mutant in first}) == len(first)
    assert (first[-1].before, first[-1].after) == ("0", "-1")


MODULE = """
def runs_out(n):
    while n > 0:
        n -= 1
    return n == 0
"""
TESTS = """
from stages.toy import runs_out


def test_runs_out():
    assert runs_out(2)
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a module, tests of it, and the tool pointed at it."""
    files = {"stages/toy.py": MODULE, "tests/test_toy.py": TESTS, "stages/bare.py": "x = 1\n", "ignored.txt": "no\n"}
    for name, text in files.items() | {(".gitignore", "ignored.txt\n")}:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    monkeypatch.setattr(mutation.os, "nice", lambda _: 0)
    return tmp_path


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["mutation", *arguments])
    mutation.main()


@pytest.mark.long
def test_what_no_test_notices_is_named_and_the_tree_is_not_touched(project, monkeypatch, capsys):
    run(monkeypatch, "stages/toy.py", "--limit", "6")
    lines = capsys.readouterr().out.splitlines()
    assert "against tests/test_toy.py" in lines[0]
    assert lines[1:] == [
        "stages/toy.py:4: does not end: n -= 1  ->  n += 1",
        "stages/toy.py:4: 1  ->  2",
        "stages/toy.py:4: does not end: 1  ->  0",
        "11 of 12 caught (91.7 %), 2 of them by never ending; 1 survived",
    ]
    assert (project / "stages/toy.py").read_text() == MODULE


def test_the_copy_holds_what_git_would_hold(project, tmp_path_factory):
    target = tmp_path_factory.mktemp("copy")
    mutation.copy_tree(target)
    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert found == {".gitignore", "stages/toy.py", "stages/bare.py", "tests/test_toy.py"}


def test_the_same_seed_chooses_the_same_changes(project, monkeypatch):
    chosen = []
    monkeypatch.setattr(mutation, "check", lambda paths, tests, found, limit: chosen.append(found))
    for seed in ("1", "1", "2"):
        run(monkeypatch, "stages", "--tests", "tests", "--sample", "4", "--seed", seed)
    assert chosen[0] == chosen[1] != chosen[2]
    assert [len(found) for found in chosen] == [4, 4, 4]
    run(monkeypatch, "stages", "--tests", "tests")
    assert {path.as_posix() for path, _ in chosen[-1]} == {"stages/toy.py", "stages/bare.py"}


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["stages/none.py"], "stages/none.py: no file or folder of this project"),
        (["../elsewhere.py"], "no file or folder of this project"),
        (["stages/bare.py"], "name its tests with --tests"),
        (["stages/toy.py", "--tests", "tests/no.py"], "does not pass on unchanged code"),
    ],
)
def test_what_it_refuses(project, monkeypatch, arguments, fault):
    with pytest.raises(StudyError, match=fault):
        run(monkeypatch, *arguments)
