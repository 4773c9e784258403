"""What every table is made of: cells as text, accuracies, intervals and paired comparisons in words.

Here, and nowhere earlier, numbers are rounded: once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

Numbers = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Cells as text. The first `text` columns are words and stand left; the others are numbers and stand right."""

    title: str
    cells: pd.DataFrame
    note: str
    text: int = 1

    def write(self, stem: Path) -> None:
        """The table as a Markdown and as a CSV file, beside each other."""
        stem.with_suffix(".md").write_text(f"{self.title}\n\n{self.markdown()}\n\n{self.note}\n", encoding="utf-8")
        self.cells.to_csv(stem.with_suffix(".csv"), index=False, lineterminator="\n")

    def markdown(self) -> str:
        """As a Markdown table, without title and note."""
        align = ["left"] * self.text + ["right"] * (len(self.cells.columns) - self.text)
        return str(self.cells.to_markdown(index=False, disable_numparse=True, colalign=align))


def percent(share: float) -> str:
    """A share as per cent with one digit."""
    return f"{100 * share:.1f}"


def interval(numbers: Numbers) -> str:
    """The 95 % interval in per cent."""
    return f"{percent(numbers['low'])} – {percent(numbers['high'])}"


def p_value(p: float) -> str:
    """A p value that is never rounded to zero."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def finished(numbers: Numbers) -> str:
    """The accuracy of responses that were not cut off, beside their number."""
    return f"{percent(numbers['accuracy'])}\u00a0% of {numbers['n']}" if numbers["n"] else "none of 0"


def points(gain: float) -> str:
    """A difference of two accuracies in percentage points, with its sign."""
    return f"{100 * gain:+.1f}".replace("-", "−")


def detectable(gains: Mapping[str, float | None]) -> str:
    """The smallest gain that a paired test would show, in words."""
    told = [f"{points(gain)} points at {share}" if gain else f"none at {share}" for share, gain in gains.items()]
    return "Smallest gain that the exact McNemar test shows with 80 % power: " + ", ".join(told) + "."


def scored(name: str, numbers: Numbers) -> dict[str, str]:
    """The cells that every table of accuracies has."""
    return {
        "trained on": name,
        "correct": str(numbers["correct"]),
        "accuracy, %": percent(numbers["accuracy"]),
        "95 % interval": interval(numbers),
        "cut off": str(numbers["truncated"]),
        "blank": str(numbers["blank"]),
        "undecided": str(numbers["undecided"]),
        "words": f"{numbers['words']:.0f}",
    }


def paired_cells(numbers: Numbers | None) -> dict[str, str]:
    """A paired comparison with another student; empty cells for the student itself."""
    names = ("gain", "its interval", "gained", "lost", "p")
    if numbers is None:
        return dict.fromkeys(names, "")
    interval_of_gain = f"{points(numbers['low'])} – {points(numbers['high'])}"
    counts = (f"+{numbers['gained']}", f"−{numbers['lost']}", p_value(numbers["p"]))
    return dict(zip(names, (points(numbers["difference"]), interval_of_gain, *counts), strict=True))


PAIRED = (
    "gain, in points: difference of the two accuracies, with its 95 % bootstrap interval (near-duplicates drawn"
    " together); gained and lost: problems that only this student, or only the other one, got right; p: exact two-sided"
    " McNemar test of the two"
)
INTERVAL = "Interval: Wilson's 95 %, near-duplicates taken together."
