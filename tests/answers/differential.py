"""This checker beside sympy on pairs made by rule: `python -m tests.answers.differential [PAIRS [SEED]]` (2000, 0).

A pair is a random expression and either another form of it (expanded, factored, put over one denominator, rewritten in
other functions) or something near it. sympy decides with `simplify` and `equals`, and may take up to 6 seconds a pair.
Disagreements are listed, as are the pairs that either leaves open.
"""

import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

import sympy as sp
from tqdm import tqdm

from stages.answers import compare

Result = TypeVar("Result")
ODD = (sp.zoo, sp.nan, sp.oo, sp.I)
X, Y = sp.symbols("x y", real=True)
CONSTANTS = (
    sp.Integer(2),
    sp.Integer(3),
    sp.Integer(-5),
    sp.Rational(1, 2),
    sp.Rational(-7, 3),
    sp.sqrt(2),
    sp.sqrt(3),
    sp.sqrt(6),
    sp.cbrt(2),
    sp.pi,
    sp.E,
    sp.log(2),
    sp.log(6),
    sp.sin(sp.pi / 5),
    sp.cos(sp.pi / 12),
    sp.sin(1),
    sp.atan(2),
)
UNARY: tuple[Callable[[sp.Expr], sp.Expr], ...] = (
    lambda a: a**2,
    lambda a: sp.sqrt(a**2 + 1),
    lambda a: 1 / (a**2 + 2),
    sp.sin,
    sp.cos,
    sp.exp,
    lambda a: sp.log(a**2 + 1),
    sp.Abs,
    lambda a: -a,
)
BINARY: tuple[Callable[[sp.Expr, sp.Expr], sp.Expr], ...] = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (b**2 + 3),
)
FORMS: tuple[Callable[[sp.Expr], sp.Expr], ...] = (
    sp.expand,
    sp.factor,
    sp.together,
    sp.apart,
    sp.simplify,
    sp.expand_trig,
    sp.expand_log,
    sp.radsimp,
    lambda e: e.rewrite(sp.tan),
    lambda e: e.rewrite(sp.exp),
    lambda e: sp.expand(e * 3) / 3,
)
NEAR: tuple[Callable[[sp.Expr], sp.Expr], ...] = (
    lambda e: -e,
    lambda e: e + sp.Rational(1, 10**12),
    lambda e: e * 2,
    lambda e: e.subs(X, -X),
    lambda e: sp.Abs(e),
    lambda e: e.subs(sp.sqrt(2), sp.sqrt(3)),
    lambda e: e.subs(X, Y),
    lambda e: sp.sqrt(e**2),
)


def expression(dice: random.Random, depth: int, leaves: tuple[sp.Expr, ...]) -> sp.Expr:
    """A random expression over the leaves."""
    if depth == 0 or dice.random() < 0.2:
        return dice.choice(leaves)
    if dice.random() < 0.35:
        return dice.choice(UNARY)(expression(dice, depth - 1, leaves))
    return dice.choice(BINARY)(expression(dice, depth - 1, leaves), expression(dice, depth - 1, leaves))


def in_time(work: Callable[[], Result], seconds: int = 3) -> Result | None:
    """What `work` returns; None where it fails or takes too long."""

    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        return work()
    except Exception:  # whatever sympy fails with, it has no result
        return None
    finally:
        signal.alarm(0)


def sympy_says(one: sp.Expr, other: sp.Expr) -> bool | None:
    """Whether sympy finds the two equal; None where it does not know, or not in time."""
    difference = in_time(lambda: sp.simplify(one - other))
    if difference == 0:
        return True
    return in_time(lambda: (one - other if difference is None else difference).equals(0))


def pairs(count: int, seed: int) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Pairs whose LaTeX is short enough for an answer."""
    dice = random.Random(seed)
    found = 0
    while found < count:
        leaves = CONSTANTS if dice.random() < 0.5 else (X, X, Y, *CONSTANTS[:8])
        one = expression(dice, 3, leaves)
        form = dice.choice(FORMS if dice.random() < 0.6 else NEAR)
        other = in_time(lambda form=form, one=one: form(one), 1)  # type: ignore[misc]
        if other is None or one == other or one.has(*ODD) or other.has(*ODD):
            continue
        if max(len(sp.latex(one)), len(sp.latex(other))) < 300:
            found += 1
            yield one, other


def main() -> None:
    """Print the counts and the disagreements."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    counts: Counter[str] = Counter()
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for one, other in tqdm(pairs(count, seed), total=count, disable=None):
        ours = compare(sp.latex(one, ln_notation=True), sp.latex(other, ln_notation=True))
        theirs = {True: "match", False: "no", None: "undecided"}[sympy_says(one, other)]
        counts[f"{ours.verdict}, sympy {theirs}"] += 1
        if ours.verdict != theirs:
            print(f"{ours.verdict}, sympy {theirs}\t{one}\t{other}\t{ours.reason}", flush=True)
    for name, number in sorted(counts.items()):
        print(f"{number:6} {name}")


if __name__ == "__main__":
    main()
