"""This checker beside sympy on pairs made by rule: `python -m tests.answers.differential [PAIRS [SEED]]` (2000, 0).

A pair is a random expression and either another form of it (expanded, factored, put over one denominator, rewritten in
other functions) or something near it. sympy decides with `simplify` and `equals`, and may take up to 10 seconds a pair.
Disagreements are listed, as are the pairs that either leaves open.
"""

import random
import signal
import sys
from collections import Counter
from collections.abc import Callable

import sympy as sp
from tqdm import tqdm

from stages.answers import compare

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


def sympy_says(one: sp.Expr, other: sp.Expr) -> bool | None:
    """Whether sympy finds the two equal; None where it does not know, or not in time."""

    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        difference = sp.simplify(one - other)
        return True if difference == 0 else difference.equals(0)
    except Exception:  # whatever sympy fails with, it has no verdict
        return None
    finally:
        signal.alarm(0)


def pairs(count: int, seed: int) -> list[tuple[sp.Expr, sp.Expr]]:
    """Pairs whose LaTeX is short enough for an answer."""
    dice = random.Random(seed)
    found: list[tuple[sp.Expr, sp.Expr]] = []
    while len(found) < count:
        leaves = CONSTANTS if dice.random() < 0.5 else (X, X, Y, *CONSTANTS[:8])
        one = expression(dice, 3, leaves)
        try:
            other = dice.choice(FORMS if dice.random() < 0.6 else NEAR)(one)
        except Exception:  # a form that sympy cannot make
            continue
        if one.has(sp.zoo, sp.nan, sp.oo) or other.has(sp.zoo, sp.nan, sp.oo, sp.I) or one == other:
            continue
        if max(len(sp.latex(one)), len(sp.latex(other))) < 300:
            found.append((one, other))
    return found


def main() -> None:
    """Print the counts and the disagreements."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    counts: Counter[str] = Counter()
    for one, other in tqdm(pairs(count, int(sys.argv[2]) if len(sys.argv) > 2 else 0), disable=None):
        ours = compare(sp.latex(one, ln_notation=True), sp.latex(other, ln_notation=True))
        theirs = {True: "match", False: "no", None: "undecided"}[sympy_says(one, other)]
        counts[f"{ours.verdict}, sympy {theirs}"] += 1
        if ours.verdict != theirs:
            print(f"{ours.verdict}, sympy {theirs}\t{one}\t{other}\t{ours.reason}", flush=True)
    for name, number in sorted(counts.items()):
        print(f"{number:6} {name}")


if __name__ == "__main__":
    main()
