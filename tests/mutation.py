"""Do the tests notice? Makes one small wrong change at a time, runs tests, and lists the changes that none noticed.

    python -m tests.mutation PATH... [--tests TEST...] [--sample N] [--seed S] [--limit SECONDS]

The changes go into a temporary copy of the working tree, never into the tree itself. Without --tests a module of a room
is held against the room's tests: stages/grading/judge.py against tests/grading and tests/test_grading.py. Each change
gets a pytest process of its own, so that code that is loaded once (MLX, module constants, decorators) is tested too; a
tool that forks one loaded process would hang in MLX and count that as caught. The same arguments give the same changes.
PYTEST_ADDOPTS="-m 'not slow'" in the environment leaves slow tests out.
"""

import argparse
import ast
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from stages.study.errors import StudyError, run_stage

ROOT = Path(__file__).parent.parent
SHOWN = 70  # characters of a changed expression in the list
SLACK = (3, 20.0)  # a changed run may take so many times as long as an unchanged one, and so many seconds more

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
# Keyword arguments of messages and progress bars, and those that change nothing on correct input.
COSMETIC = {"description", "desc", "disable", "unit", "encoding", "newline", "strict"}
# Fields of nodes in which nothing is changed: types, and decorators' options such as frozen=True.
UNTOUCHED = {"annotation", "returns", "decorator_list"}


@dataclass(frozen=True)
class Mutant:
    """A module's source with one change, at `line` of the original."""

    line: int
    before: str
    after: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """All changes of a module, one at a time, without those that come to the same source."""
    tree = ast.parse(source)
    seen, found = {ast.unparse(tree)}, []
    for parent, field, place, node in _slots(tree):
        for other in _alternatives(node):
            _put(parent, field, place, other)
            changed = ast.unparse(ast.fix_missing_locations(tree))
            _put(parent, field, place, node)
            if changed not in seen:
                seen.add(changed)
                found.append(Mutant(_line(node, parent), _shown(node), _shown(other), changed))
    return found


Slot = tuple[ast.AST, str, int | None, ast.AST]


def _slots(parent: ast.AST) -> Iterator[Slot]:
    """Every node that may be changed, with its place in its parent: parent, field, index in a list or None, node."""
    for field, value in ast.iter_fields(parent):
        if field in UNTOUCHED:
            continue
        for place, node in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(node, ast.AST) and not _is_text(node, parent):
                yield parent, field, place, node
                yield from _slots(node)


def _is_text(node: ast.AST, parent: ast.AST) -> bool:
    """Docstrings, what an error says, parts of f-strings, cosmetic arguments; and what only runs as a command."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Raise():
            return True
        case ast.Constant() if isinstance(parent, ast.JoinedStr):
            return True
        case ast.keyword(arg=str(name)) if name in COSMETIC:
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
    return False


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in a node's place by mistake."""
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            yield ast.BinOp(node.left, OPERATORS[type(op)](), node.right)
        case ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield ast.AugAssign(node.target, OPERATORS[type(op)](), node.value)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for rest in _each_left_out(values):
                yield ast.BoolOp(op, rest) if len(rest) > 1 else rest[0]
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.If():
            yield from (ast.If(ast.Constant(value), node.body, node.orelse) for value in (True, False))
        case ast.While():
            yield ast.While(ast.Constant(False), node.body, node.orelse)
        case ast.comprehension(ifs=ifs):
            for rest in _each_left_out(ifs):
                yield ast.comprehension(node.target, node.iter, rest, node.is_async)
        case ast.Call():
            yield from _calls(node)
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Return(value=ast.expr()):
            yield ast.Return(ast.Constant(None))
        case ast.Constant(value=value):
            yield from map(ast.Constant, _constants(value))
        case ast.Slice():
            if node.lower:
                yield ast.Slice(None, node.upper, node.step)
            if node.upper:
                yield ast.Slice(node.lower, None, node.step)
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def _comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for place, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Neighbouring arguments swapped, a keyword argument forgotten, another function of the same kind."""
    args = node.args
    kin = NAMES.get(node.func.id) if isinstance(node.func, ast.Name) else None
    for place, (one, two) in enumerate(itertools.pairwise(args)):
        if not kin and not isinstance(one, ast.Starred) and not isinstance(two, ast.Starred):
            yield ast.Call(node.func, [*args[:place], two, one, *args[place + 2 :]], node.keywords)
    for place, keyword in enumerate(node.keywords):
        if keyword.arg not in COSMETIC:
            yield ast.Call(node.func, args, [*node.keywords[:place], *node.keywords[place + 1 :]])
    if kin:
        yield ast.Call(ast.Name(kin, ast.Load()), args, node.keywords)


def _constants(value: object) -> tuple[bool | int | float | str | bytes, ...]:
    match value:
        case bool():
            return (not value,)
        case int() | float():
            return (value + 1, value - 1)
        case str():
            return ("XX" + value,)
        case bytes():
            return (b"XX" + value,)
    return ()  # None and ... have no small change


def _each_left_out(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for place in range(len(items)):
        yield items[:place] + items[place + 1 :]


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _line(node: ast.AST, parent: ast.AST) -> int:
    """A comprehension has no line of its own."""
    return int(getattr(node, "lineno", 0) or getattr(parent, "lineno", 0))


def _shown(node: ast.AST) -> str:
    """A node in one line; of a block only its head."""
    text = ast.unparse(node)
    if isinstance(node, ast.If | ast.While):
        text = text.partition("\n")[0]
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 4]} ..."


def tests_of(path: Path) -> list[str]:
    """The tests of the room or stage that a module of `stages/` or `data/` belongs to, relative to the project."""
    name = Path(path.parts[1]).stem if len(path.parts) > 1 else path.stem
    found = [test for test in (f"tests/{name}", f"tests/test_{name}.py") if (ROOT / test).exists()]
    if not found:
        raise StudyError(f"{path}: there is neither tests/{name} nor tests/test_{name}.py; name its tests with --tests")
    return found


def copy_tree(target: Path) -> None:
    """Copy what git knows of, or would add, as it stands in the working tree."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def run_tests(tree: Path, tests: Iterable[str], limit: float | None) -> tuple[bool | None, str]:
    """Whether the tests pass in `tree` (None: not within `limit` seconds), and what pytest printed."""
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "1",  # a changed file of the same size and second would be taken for the old one
        "PYTHONPATH": str(tree),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--failed-first", *tests]
    with subprocess.Popen(
        command,
        cwd=tree,
        env=environment,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)  # the tests' own processes too
            if isinstance(error, subprocess.TimeoutExpired):
                return None, ""
            raise
    return process.returncode == 0, output


def check(paths: list[Path], tests: list[str], chosen: list[tuple[Path, Mutant]], limit: float | None) -> None:
    """Run the tests once unchanged and once for each change; print the changes that they let through."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        tree = Path(name)
        copy_tree(tree)
        sources = {path: (ROOT / path).read_text(encoding="utf-8") for path in paths}
        # As Python prints it, so that a test that reads the source fails here and not for every change.
        for path, source in sources.items():
            (tree / path).write_text(ast.unparse(ast.parse(source)), encoding="utf-8")
        start = time.monotonic()
        passed, output = run_tests(tree, tests, None)
        if not passed:
            raise StudyError(f"{' '.join(tests)}: does not pass on unchanged code:\n{output[-2000:]}")
        seconds = time.monotonic() - start
        limit = limit or SLACK[0] * seconds + SLACK[1]
        tqdm.write(f"{len(chosen)} changes, {seconds:.1f} s a run, at most {limit:.0f} s, against {' '.join(tests)}")
        survived = endless = 0
        for path, mutant in tqdm(chosen, unit="change", disable=None):
            (tree / path).write_text(mutant.source, encoding="utf-8")
            passed, _ = run_tests(tree, tests, limit)
            (tree / path).write_text(sources[path], encoding="utf-8")
            survived += passed is True
            endless += passed is None
            if passed is not False:
                what = "" if passed else "does not end: "
                tqdm.write(f"{path}:{mutant.line}: {what}{mutant.before}  ->  {mutant.after}")
                sys.stdout.flush()  # a long run is read while it goes on
    caught = len(chosen) - survived
    share = f"{100 * caught / len(chosen):.1f} %" if chosen else "nothing to change"
    print(f"{caught} of {len(chosen)} caught ({share}), {endless} of them by never ending; {survived} survived")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="modules, or folders of them")
    parser.add_argument("--tests", nargs="+", help="what pytest is to run; default: the tests of the modules' rooms")
    parser.add_argument("--sample", type=int, metavar="N", help="so many changes, chosen at random, instead of all")
    parser.add_argument("--seed", type=int, default=1, help="of the choice (default: 1)")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="for one run (default: by an unchanged run)")
    options = parser.parse_args()
    os.nice(10)
    paths = []
    for path in options.paths:
        full = path.resolve()
        if not full.is_relative_to(ROOT) or not full.exists():
            raise StudyError(f"{path}: no file or folder of this project")
        paths += [file.relative_to(ROOT) for file in (sorted(full.rglob("*.py")) if full.is_dir() else [full])]
    tests = options.tests or sorted({test for path in paths for test in tests_of(path)})
    found = [(path, mutant) for path in paths for mutant in mutants((ROOT / path).read_text(encoding="utf-8"))]
    if options.sample is not None and options.sample < len(found):
        places = sorted(random.Random(options.seed).sample(range(len(found)), options.sample))
        found = [found[place] for place in places]
    check(paths, tests, found, options.limit)


if __name__ == "__main__":
    run_stage(main)
