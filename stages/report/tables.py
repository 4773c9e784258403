"""The report's tables, from metrics/summary.json alone. Here, and nowhere earlier, numbers are rounded: once.

A table has one denominator, named in its note, and says beside each accuracy how many answers were cut off or blank.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from stages.study.params import BASE

Numbers = Mapping[str, Any]
REFERENCES = (BASE, "teacher")  # rows that are no run


@dataclass(frozen=True)
class Table:
    """Cells as text. The first `text` columns are words and stand left; the others are numbers and stand right."""

    title: str
    cells: pd.DataFrame
    note: str
    text: int = 1

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


def points(gain: float) -> str:
    """A difference of two accuracies in percentage points, with its sign."""
    return f"{100 * gain:+.1f}".replace("-", "−")


def detectable(gains: Mapping[str, float | None]) -> str:
    """The smallest gain that a paired test would show, in words."""
    told = [f"{points(gain)} points at {share}" if gain else f"none at {share}" for share, gain in gains.items()]
    return "Smallest gain that the exact McNemar test shows with 80 % power: " + ", ".join(told) + "."


def tables(summary: Numbers) -> dict[str, Table]:
    """The report's tables by name, in the order in which they are printed; those without a row are left out."""
    made = {
        "pooled": pooled_table(summary),
        "sections": groups_table(summary, "section"),
        "years": groups_table(summary, "year"),
        "compared": compared_table(summary),
        "compared_sections": compared_sections_table(summary),
        **{f"fold-{fold}": fold_table(summary, fold) for fold in summary["folds"]},
        "all": all_table(summary),
        "benchmark": benchmark_table(summary),
    }
    return {name: table for name, table in made.items() if table is not None}


def _scored(name: str, numbers: Numbers) -> dict[str, str]:
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


def _versus(numbers: Numbers | None, against: str = "base") -> dict[str, str]:
    """Gained and lost problems and p against another student; empty cells for the student itself."""
    if numbers is None:
        return {f"gained on {against}": "", f"lost on {against}": "", f"p, {against}": ""}
    return {
        f"gained on {against}": f"+{numbers['gained']}",
        f"lost on {against}": f"−{numbers['lost']}",
        f"p, {against}": p_value(numbers["p"]),
    }


PAIRED = (
    "Gained and lost: problems that only this student, or only the other one, got right; p: exact two-sided McNemar"
    " test of the two, one test a row, not corrected for their number."
)
INTERVAL = "Interval: Wilson's 95 %, near-duplicates counted as one problem."


def complete(summary: Numbers) -> dict[str, Numbers]:
    """The levels whose runs hold out all problems, each once."""
    return {level: told for level, told in summary["levels"].items() if told["complete"]}


def pooled_table(summary: Numbers) -> Table | None:
    """Every problem of the study, each answered by the run that holds it out."""
    levels = complete(summary)
    if not levels:
        return None
    rows = [{**_scored(BASE, summary["base"]["held_out"]), **_versus(None)}]
    for level, told in levels.items():
        rows.append({**_scored(level, told["held_out"]), **_versus(told["versus_base"])})
    rows.append({**_scored("teacher", summary["teacher"]["held_out"]), **_versus(None)})
    return Table(
        "Held-out accuracy over all problems",
        pd.DataFrame(rows),
        f"All rows: the same {summary['problems']['all']} problems, each answered by the run of the level that holds it"
        f" out, so by one that was not trained on it. {INTERVAL} {PAIRED} {detectable(summary['detectable_gain'])}",
    )


def groups_table(summary: Numbers, by: str) -> Table | None:
    """Accuracy over all problems by section or year."""
    levels = complete(summary)
    if not levels:
        return None
    of = {BASE: summary["base"], **levels, "teacher": summary["teacher"]}
    rows = {name: told["held_out"][f"by_{by}"] for name, told in of.items()}
    counts = ", ".join(f"{group} {told['n']}" for group, told in rows[BASE].items())
    cells = [
        {
            "trained on": name,
            **{group: f"{percent(told['accuracy'])} ({interval(told)})" for group, told in groups.items()},
            "cut off": str(of[name]["held_out"]["truncated"]),
            "blank": str(of[name]["held_out"]["blank"]),
        }
        for name, groups in rows.items()
    ]
    return Table(
        f"Held-out accuracy by {by}, %",
        pd.DataFrame(cells),
        f"All rows: the same {summary['problems']['all']} problems ({counts}), each held out by the run that answers"
        f" it. In brackets the interval. {INTERVAL}",
    )


def _on_folds(compared: Numbers) -> str:
    """The denominator of the tables that compare levels."""
    folds = ", ".join(map(str, compared["folds"]))
    return (
        f"All rows: the same {compared['n']} problems, held out by fold{'s' if len(compared['folds']) > 1 else ''}"
        f" {folds}: those that runs of every level hold out."
    )


def compared_table(summary: Numbers) -> Table | None:
    """All levels on the problems that runs of every level hold out, paired with base and the first level."""
    compared = summary["compared"]
    if compared is None:
        return None
    first = compared["first"]
    rows = [{**_scored(BASE, compared["base"]), "chain words": "", **_versus(None), **_versus(None, first)}]
    for level, told in compared["levels"].items():
        words = f"{summary['levels'][level]['chain_words']:.0f}"
        versus = {**_versus(told["versus_base"]), **_versus(told["versus_first"], first)}
        rows.append({**_scored(level, told), "chain words": words, **versus})
    rows.append({**_scored("teacher", compared["teacher"]), "chain words": "", **_versus(None), **_versus(None, first)})
    return Table(
        "Levels on the same held-out problems",
        pd.DataFrame(rows),
        f"{_on_folds(compared)} {INTERVAL} {PAIRED} {detectable(compared['detectable_gain'])}",
    )


def compared_sections_table(summary: Numbers) -> Table | None:
    """The levels by section, on the problems that runs of every level hold out."""
    compared = summary["compared"]
    if compared is None:
        return None
    of = {BASE: compared["base"], **compared["levels"], "teacher": compared["teacher"]}
    counts = ", ".join(f"{section} {told['n']}" for section, told in compared["base"]["by_section"].items())
    cells = [
        {
            "trained on": name,
            **{section: percent(group["accuracy"]) for section, group in told["by_section"].items()},
            "cut off": str(told["truncated"]),
            "blank": str(told["blank"]),
        }
        for name, told in of.items()
    ]
    return Table(
        "Levels by section, %",
        pd.DataFrame(cells),
        f"{_on_folds(compared)} Problems: {counts}; a difference of a few points is one or two problems.",
    )


def fold_table(summary: Numbers, fold: str) -> Table | None:
    """The runs of one fold on the problems that it holds out."""
    told = summary["folds"][fold]
    if not told["runs"]:
        return None
    rows = [{"run": BASE, "level": "–", "seed": "", **_scored("", told["base"]), **_versus(None)}]
    for key in told["runs"]:
        run = summary["runs"][key]
        named = {"run": key, "level": run["level"], "seed": str(run["seed"])}
        rows.append({**named, **_scored("", run["held_out"]), **_versus(run["versus_base"])})
    rows.append({"run": "teacher", "level": "–", "seed": "", **_scored("", told["teacher"]), **_versus(None)})
    return Table(
        f"Runs of fold {fold}",
        pd.DataFrame(rows).drop(columns="trained on"),
        f"All rows: the same {told['base']['n']} problems that fold {fold} holds out. {INTERVAL} {PAIRED}",
        text=2,
    )


def all_table(summary: Numbers) -> Table | None:
    """The students that were asked all problems, those that they were trained on among them."""
    runs = {key: told["all"] for key, told in summary["runs"].items() if "all" in told}
    if not runs:
        return None
    base = summary["base"]["held_out"]
    splits = [
        one for one in ("train", "valid", "excluded", "test") if any(one in run["by_split"] for run in runs.values())
    ]
    rows = [
        {"run": BASE, "all, %": percent(base["accuracy"]), "trained on, %": "0.0"}
        | dict.fromkeys((f"{split}, %" for split in splits), "")
        | {"test, %": percent(base["accuracy"]), "cut off": str(base["truncated"]), "blank": str(base["blank"])}
    ]
    for key, told in runs.items():
        row = {"run": key, "all, %": percent(told["accuracy"]), "trained on, %": percent(told["trained_share"])}
        for split in splits:
            group = told["by_split"].get(split, {"n": 0})
            row[f"{split}, %"] = percent(group["accuracy"]) if group["n"] else ""
        rows.append(row | {"cut off": str(told["truncated"]), "blank": str(told["blank"])})
    leaked = ", ".join(f"fold {fold} {count}" for fold, count in summary["leaks"].items())
    return Table(
        "All problems, with the share that was trained on",
        pd.DataFrame(rows).rename(columns={"test, %": "held-out, %"}),
        f"All rows: the same {summary['problems']['all']} problems in the column `all`; what is trained on and held out"
        " differs from fold to fold. Rows: the students that were asked them all. Only for comparison with studies that"
        " report accuracy on all problems. Held-out problems that stand in the fold's training data, themselves or as a"
        f" near-duplicate: {leaked}.",
    )


def benchmark_table(summary: Numbers) -> Table | None:
    """The students that answered the benchmark."""
    runs = {BASE: summary["base"]["benchmark"]}
    runs |= {key: told["benchmark"] for key, told in summary["runs"].items() if "benchmark" in told}
    cells = [{"run": key, **_scored("", told)} for key, told in runs.items()]
    return Table(
        "Benchmark from outside the exams",
        pd.DataFrame(cells).drop(columns="trained on"),
        f"All rows: the same {summary['problems']['benchmark']} problems of the benchmark. Interval: Wilson's 95 %.",
    )
