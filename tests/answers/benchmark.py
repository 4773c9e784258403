"""This checker beside math-verify, in one run: `python -m tests.answers.benchmark [EVERY]`, with the extra `bench`.

Two sets: the open cases with every EVERY-th (default 1) re-writing and near miss of the MATH-500 and exam keys, and the
pairs in the styles of models and people (`styles.tsv`), as far as they are labelled `match` or `no`.
math-verify gets both answers boxed, and unicode turned to LaTeX. Each pair is timed with both checkers one after the
other, the one that goes first alternating, so that a busy machine slows both alike; the ratio is what counts.
"""

import json
import logging
import re
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from math_verify import parse, verify
from tabulate import tabulate
from tqdm import tqdm

from stages.answers import compare
from tests.answers.rewrites import near_misses, rewritings
from tests.answers.styles import pairs

SHARED = Path("../shared")
Case = tuple[str, str, bool]
_LATEX = {
    "π": "\\pi ",
    "∞": "\\infty ",
    "≤": "\\le ",
    "≥": "\\ge ",
    "°": "^\\circ ",
    "±": "\\pm ",
    "∪": "\\cup ",
    "∈": "\\in ",
    "−": "-",
    "·": "\\cdot ",
    "×": "\\times ",
    "½": "\\frac{1}{2}",
    "¾": "\\frac{3}{4}",
    "∛": "\\sqrt[3]",
} | {digit: f"^{n}" for n, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}


def keys() -> list[str]:
    """The distinct keys of MATH-500 and of the real exams."""
    rows = (SHARED / "benchmarks/math-500.jsonl").read_text("utf-8").splitlines()
    rows += (SHARED / "obryan/truth/problems.jsonl").read_text("utf-8").splitlines()
    return sorted({json.loads(row)["answer"] for row in rows})


def cases(every: int = 1) -> list[Case]:
    """(key, candidate, equal?) of all sets."""
    found = []
    for line in (SHARED / "answers/open-cases.tsv").read_text("utf-8").splitlines()[1:]:
        truth, candidate, expected = line.split("\t")
        found.append((truth, candidate, expected == "match"))
    made = [(key, text, True) for key in keys() for _, text in rewritings(key)]
    made += [(key, text, False) for key in keys() for _, text in near_misses(key)]
    return found + made[::every]


def styles() -> list[Case]:
    """(key, candidate, equal?) of the pairs in the styles of models and people."""
    return [(truth, candidate, expected == "match") for truth, candidate, expected in pairs() if "-" not in expected]


def to_latex(text: str) -> str:
    """Unicode as LaTeX, for math-verify."""
    text = re.sub(r"√\(([^()]*)\)|√(\w+)", lambda root: f"\\sqrt{{{root[1] or root[2]}}}", text)
    for sign, latex in _LATEX.items():
        text = text.replace(sign, latex)
    return text.strip("*")


def ours(truth: str, candidate: str) -> bool:
    """Whether this checker accepts."""
    return compare(truth, candidate).verdict == "match"


def theirs(truth: str, candidate: str) -> bool:
    """Whether math-verify accepts."""
    one, other = (text if "\\boxed" in text else f"\\boxed{{{to_latex(text)}}}" for text in (truth, candidate))
    return bool(verify(parse(one), parse(other)))


def timed(check: Callable[[str, str], bool], truth: str, candidate: str) -> tuple[bool, float]:
    """The verdict and the seconds it took."""
    start = time.perf_counter()
    verdict = check(truth, candidate)
    return verdict, time.perf_counter() - start


def main() -> None:
    """Print recall, false accepts and time of both, set by set."""
    logging.disable(logging.CRITICAL)
    for check in (ours, theirs):  # imports and caches
        check("\\frac{1}{2}", "0.5")
    for title, chosen in (("old", cases(int(sys.argv[1]) if len(sys.argv) > 1 else 1)), ("new", styles())):
        print(f"\n## {title} set")
        run(chosen)


def run(chosen: list[Case]) -> None:
    """Both checkers on one set."""
    names = ("this checker", f"math-verify {version('math-verify')}")
    accepted: dict[str, list[bool]] = {name: [] for name in names}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    wrong: dict[str, list[Case]] = {name: [] for name in names}
    for number, (truth, candidate, equal) in enumerate(tqdm(chosen, disable=None)):
        order = list(zip(names, (ours, theirs), strict=True))
        for name, check in order if number % 2 else order[::-1]:
            verdict, took = timed(check, truth, candidate)
            accepted[name].append(verdict)
            seconds[name].append(took)
            if verdict and not equal:
                wrong[name].append((truth, candidate, equal))
    same = [equal for _, _, equal in chosen]
    rows = []
    for name in names:
        hits = sum(verdict for verdict, equal in zip(accepted[name], same, strict=True) if equal)
        milliseconds = [1000 * took for took in seconds[name]]
        rows.append(
            [
                name,
                f"{hits / sum(same):.1%}",
                len(wrong[name]),
                f"{statistics.mean(milliseconds):.2f}",
                f"{statistics.median(milliseconds):.2f}",
                f"{max(milliseconds):.0f}",
            ]
        )
    print(f"{sum(same)} pairs that are equal, {len(same) - sum(same)} that are not")
    print(tabulate(rows, ["checker", "recall", "false accepts", "mean ms", "median ms", "max ms"], "github"))
    ratios = [theirs / ours for ours, theirs in zip(*(seconds[name] for name in names), strict=True)]
    total = sum(seconds[names[1]]) / sum(seconds[names[0]])
    print(
        f"\nmath-verify takes {total:.1f} times as long in all, {statistics.median(ratios):.1f} times per pair (median)"
    )
    for name in names:
        print(f"\nFalse accepts of {name}:" + "".join(f"\n  {a!r} = {b!r}" for a, b, _ in wrong[name][:40]))


if __name__ == "__main__":
    main()
