"""The report's tables, from metrics/summary.json and the published study's figures alone.

A table has one denominator, named in its note, and says beside each accuracy how many answers were cut off or blank.
"""

import pandas as pd

from stages.report.asked import baselines_table, sampling_table, variants_table
from stages.report.cells import (
    INTERVAL,
    PAIRED,
    Numbers,
    Table,
    detectable,
    finished,
    interval,
    p_value,
    paired_cells,
    percent,
    points,
    scored,
)
from stages.report.published import (
    published_others_table,
    published_sections_table,
    published_table,
    published_years_table,
)
from stages.report.summary import headline
from stages.study.params import BASE

REFERENCES = (BASE, "teacher")  # rows that are no run
QUARTERS = ("shortest", "2nd", "3rd", "longest")


def effect(summary: Numbers) -> str:
    """Did distillation help, by how much, how sure: a sentence without its end."""
    level = headline(summary)
    told = summary["levels"][level]
    held, base, versus, best = told["held_out"], told["base"], told["versus_base"], BASE
    if "baselines" in summary:
        best = summary["baselines"]["best"]
        found = summary["baselines"]["of"][best]
        held, base, versus = found["level"], found["held_out"], found["versus"]
    over = "the student before training" if best == BASE else f"the best baseline, {best}"
    helped = "helped" if versus["low"] > 0 else "did harm" if versus["high"] < 0 else "cannot be told to have helped"
    p = p_value(versus["p"])
    equal = "" if p.startswith("<") else "= "
    return (
        f"Distillation {helped}: {points(versus['difference'])} points over {over} (95 % interval"
        f" {points(versus['low'])} to {points(versus['high'])}, exact McNemar p {equal}{p}),"
        f" from {percent(base['accuracy'])} % to {percent(held['accuracy'])} % of {held['n']} held-out problems, in"
        f" {held['words']:.0f} words a response instead of {base['words']:.0f}"
    )


def verdict(summary: Numbers) -> str:
    """`effect`, and at what cost."""
    told = summary["levels"][headline(summary)]
    trainings = f"{len(told['runs'])} trainings, each" if len(told["runs"]) > 1 else "one training"
    return (
        f"{effect(summary)}, at the cost of {summary['cost']['total']:.2f} US dollars for the teacher’s tokens and of"
        f" {trainings} on {told['trained_tokens']:,.0f} tokens."
    )


def tables(summary: Numbers) -> dict[str, Table]:
    """The report's tables by name, in the order in which they are printed; those without a row are left out."""
    made = {
        "pooled": pooled_table(summary),
        "baselines": baselines_table(summary),
        "variants": variants_table(summary),
        "sampling": sampling_table(summary),
        "sections": groups_table(summary, "section"),
        "years": groups_table(summary, "year"),
        "compared": compared_table(summary),
        "pairs": pairs_table(summary),
        "compared_sections": compared_sections_table(summary),
        **{f"fold-{fold}": fold_table(summary, fold) for fold in summary["folds"]},
        "all": all_table(summary),
        "length": length_table(summary),
        "benchmark": benchmark_table(summary),
        "benchmark_groups": benchmark_groups_table(summary),
        "published": published_table(summary),
        "published_sections": published_sections_table(summary),
        "published_years": published_years_table(summary),
        "published_others": published_others_table(summary),
    }
    return {name: table for name, table in made.items() if table is not None}


def complete(summary: Numbers) -> dict[str, Numbers]:
    """The levels whose runs hold out all problems, each once."""
    return {level: told for level, told in summary["levels"].items() if told["complete"]}


def pooled_table(summary: Numbers) -> Table | None:
    """Every problem of the study, each answered by the run that holds it out."""
    levels = complete(summary)
    if not levels:
        return None
    rows = [{**scored(BASE, summary["base"]["held_out"]), **paired_cells(None)}]
    for level, told in levels.items():
        rows.append({**scored(level, told["held_out"]), **paired_cells(told["versus_base"])})
    rows.append({**scored("teacher", summary["teacher"]["held_out"]), **paired_cells(None)})
    return Table(
        "Held-out accuracy over all problems",
        pd.DataFrame(rows),
        f"All rows: the same {summary['problems']['all']} problems, each answered by the run of the level that holds it"
        f" out, so by one that was not trained on it. {INTERVAL} Against base: {PAIRED}."
        f" {detectable(summary['detectable_gain'])}",
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
    """All levels on the problems that runs of every level hold out."""
    compared = summary["compared"]
    if compared is None:
        return None
    of = {BASE: compared["base"], **compared["levels"], "teacher": compared["teacher"]}
    rows = []
    for name, told in of.items():
        words = f"{summary['levels'][name]['chain_words']:.0f}" if name in compared["levels"] else ""
        rows.append({**scored(name, told), "chain words": words})
    return Table("Levels on the same held-out problems", pd.DataFrame(rows), f"{_on_folds(compared)} {INTERVAL}")


def pairs_table(summary: Numbers) -> Table | None:
    """The levels paired with base and with the first level, on the same problems."""
    compared = summary["compared"]
    if compared is None:
        return None
    rows = []
    for against, key in ((BASE, "versus_base"), (compared["first"], "versus_first")):
        for level, told in compared["levels"].items():
            if told[key] is not None:
                pair = {**paired_cells(told[key]), "p, Holm": p_value(told[key]["holm"])}
                failed = {"cut off": str(told["truncated"]), "blank": str(told["blank"])}
                rows.append({"trained on": level, "against": against, **pair, **failed})
    return Table(
        "Levels paired, problem by problem",
        pd.DataFrame(rows),
        f"{_on_folds(compared)} Columns: {PAIRED}; the last p is corrected by Holm for all {compared['tests']} tests"
        f" of the table. {detectable(compared['detectable_gain'])}",
        text=2,
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
    rows = [{"run": BASE, "level": "–", "seed": "", **scored("", told["base"]), **paired_cells(None)}]
    for key in told["runs"]:
        run = summary["runs"][key]
        named = {"run": key, "level": run["level"], "seed": str(run["seed"])}
        rows.append({**named, **scored("", run["held_out"]), **paired_cells(run["versus_base"])})
    rows.append({"run": "teacher", "level": "–", "seed": "", **scored("", told["teacher"]), **paired_cells(None)})
    return Table(
        f"Runs of fold {fold}",
        pd.DataFrame(rows).drop(columns="trained on"),
        f"All rows: the same {told['base']['n']} problems that fold {fold} holds out. {INTERVAL} Against base:"
        f" {PAIRED}, one a row, not corrected for their number.",
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


def length_table(summary: Numbers) -> Table:
    """Accuracy by quarters of the responses' length, before and after training."""
    level = headline(summary)
    told = summary["levels"][level]
    scores = {BASE: told["base"], level: told["held_out"]}
    rows = []
    for name, quarters in told["by_length"].items():
        row = {"trained on": name} | {f"{quarter} quarter": "" for quarter in QUARTERS}
        for one in quarters:
            cell = f"{percent(one['accuracy'])} of {one['n']} ({one['shortest']}–{one['longest']})"
            row[f"{QUARTERS[one['quarter'] - 1]} quarter"] = cell
        row["not cut off"] = finished(scores[name]["finished"])
        rows.append(row | {"cut off": str(scores[name]["truncated"]), "blank": str(scores[name]["blank"])})
    return Table(
        "Accuracy by length of the response, %",
        pd.DataFrame(rows),
        f"All rows: the same {told['held_out']['n']} problems; each student’s own responses, ordered by their words and"
        " cut into quarters, in which equal lengths stay together; in brackets the fewest and most words. The column"
        " `not cut off` leaves out the responses that reached the budget: what is gained there is more than having"
        " learned to end.",
    )


def benchmark_table(summary: Numbers) -> Table | None:
    """The students that answered the benchmarks."""
    of = {BASE: summary["base"]["benchmarks"]}
    of |= {key: told["benchmarks"] for key, told in summary["runs"].items() if "benchmarks" in told}
    sizes = summary["problems"]["benchmarks"]
    if not sizes:
        return None
    cells = [{"benchmark": name, "run": key, **scored("", told[name])} for name in sizes for key, told in of.items()]
    return Table(
        "Benchmarks from outside the exams",
        pd.DataFrame(cells).drop(columns="trained on"),
        "Rows of one benchmark: the same problems, "
        + ", ".join(f"{count} of {name}" for name, count in sizes.items())
        + ". Interval: Wilson's 95 %.",
        text=2,
    )


def benchmark_groups_table(summary: Numbers) -> Table | None:
    """The benchmarks by subject and difficulty, where they have such groups."""
    of = {BASE: summary["base"]["benchmarks"]}
    of |= {key: told["benchmarks"] for key, told in summary["runs"].items() if "benchmarks" in told}
    rows = [
        {"benchmark": name, "by": column, "group": group, "problems": str(told["n"])}
        | {key: percent(mine[name][f"by_{column}"][group]["accuracy"]) for key, mine in of.items()}
        for name, base in of[BASE].items()
        for column in ("subject", "difficulty")
        for group, told in base[f"by_{column}"].items()
        if group
    ]
    if not rows:
        return None
    note = "Per cent right of the same problems in each row; a group of few problems says little."
    return Table("Benchmarks by subject and difficulty, %", pd.DataFrame(rows), note, text=3)
