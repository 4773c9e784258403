"""Hostile candidates against real keys: `python -m tests.answers.master_keys [EVERY]`, every EVERY-th key (default 1).

None of them is equal to the key: huge and tiny intermediates, cancellation, towers, near-integers, the key with an
error of 10^-k for k up to 200, the key and something that vanishes at the usual points only. A `match` is wrong.
"""

import json
import sys
from collections.abc import Iterator
from glob import glob
from pathlib import Path

from tqdm import tqdm

from stages.answers import compare

SHARED = Path("../shared")
FIXED = (
    r"\ln(200!)",
    r"\sqrt{200!}",
    r"\log_2(3^{1000})",
    r"\tanh 200",
    r"\tanh(e^{9})",
    r"e^{\pi\sqrt{163}}",
    r"\frac{\ln(640320^3+744)}{\sqrt{163}}",
    r"\sin(10^{50})",
    r"\cos 10^{-60}",
    r"e^{-1000}",
    r"e^{e^{e^{e}}}",
    r"2^{2^{2^{2^{2}}}}",
    r"2^{2^{2^{2^{2}}}}-2^{2^{2^{2^{2}}}}+10^{-99}",
    r"9^{9^{9}}",
    r"\arctan(10^{80})",
    r"\sqrt[1000]{10^{-300}}",
    r"\sqrt{10^{200}+1}-10^{100}",
    r"(10^{300}+1)-10^{300}-1+10^{-77}",
    r"\ln(\ln(\ln(10^{3000})))",
    r"\frac{1000!}{999!}-1000+10^{-30}",
    r"\sqrt{2}+\sqrt{3}-\sqrt{5+2\sqrt{6}}+10^{-120}",
    r"\pi+e+\sqrt{2}-\sqrt{3}\cdot 10^{40}+\sqrt{3}\cdot 10^{40}+10^{-55}",
    r"\cos(\ln(\pi+20))+1+10^{-9}",
)
ERRORS = (1, 7, 20, 40, 49, 50, 51, 70, 71, 99, 100, 101, 120, 150, 199, 200)
WITH_ERROR = (
    "({key})+10^{{-{k}}}",
    r"({key})\cdot(1+10^{{-{k}}})+\sqrt{{2}}\cdot 10^{{-{k}}}",
    r"({key})+\sin(10^{{-{k}}})",
    r"({key})+(10^{{{k}}}+10^{{-{k}}})-10^{{{k}}}",
    r"({key})+\sqrt{{10^{{{twice}}}+1}}-10^{{{k}}}",
    r"({key})+\ln(1+10^{{-{k}}})",
    r"\frac{{({key})\cdot 3^{{{k}}}+1}}{{3^{{{k}}}}}",
)
AT_USUAL_POINTS = (
    "({key})+|x|-x",
    "({key})+|x+10^6|-x-10^6",
    r"({key})+\sqrt{{(x+500)^2}}-x-500",
    "({key})+" + "".join(f"(x-{n})" for n in range(13)),
    r"({key})+10^{{-60}}\sin(\pi x)",
    r"({key})+|(x-5)(x-5-10^{{-30}})|-(x-5)(x-5-10^{{-30}})",
    r"({key})+\lfloor x \rfloor - x",
)


def keys() -> list[str]:
    """The distinct keys of MATH-500 and of the real exams."""
    names = [str(SHARED / "benchmarks/math-500.jsonl"), *sorted(glob(str(SHARED / "obryan*/truth/problems.jsonl")))]
    rows = [json.loads(line) for name in names for line in Path(name).read_text("utf-8").splitlines()]
    return sorted({row["answer"] for row in rows})


def hostile_candidates(key: str) -> Iterator[str]:
    """Texts that are not equal to the key, whatever the key is."""
    yield from FIXED
    for k in ERRORS:
        for form in WITH_ERROR:
            yield form.format(key=key, k=k, twice=2 * k)
    for form in AT_USUAL_POINTS:
        yield form.format(key=key)


def false_matches(chosen: list[str]) -> Iterator[tuple[str, str, str]]:
    """key, candidate and reason of each match."""
    for key in tqdm(chosen, disable=None):
        for candidate in hostile_candidates(key):
            result = compare(key, candidate)
            if result.verdict == "match":
                yield key, candidate, result.reason


def main() -> None:
    """Print how many comparisons were made, and every match."""
    chosen = keys()[:: int(sys.argv[1]) if len(sys.argv) > 1 else 1]
    found = list(false_matches(chosen))
    print(
        f"{len(chosen)} keys, {sum(len(list(hostile_candidates(key))) for key in chosen)} pairs, {len(found)} matches"
    )
    for row in found:
        print(*row, sep="\t")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
