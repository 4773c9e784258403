"""The figures of the published study (published.json) beside ours: what can be compared, and what cannot."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from stages.report.cells import Numbers, Table, interval, percent
from stages.study.params import BASE

PUBLISHED = Path(__file__).parent / "published.json"  # the figures of arXiv:2606.31048


def published() -> dict[str, Any]:
    """The published figures."""
    found: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return found


def published_table(summary: Numbers) -> Table:
    """The published study's figures beside ours, by who answers."""
    told = published()
    tuned, study = told["student_tuned"]["accuracy"], summary["study"]
    shares: dict[str, Any] = {
        BASE: percent(told["student_base"]["accuracy"]),
        "R1": f"{percent(tuned['mean'])} ± {percent(tuned['std'])} ({tuned['seeds']} seeds)",
        "teacher": percent(told["teacher"]["accuracy"]),
    }
    for level, one in told["levels_all_questions"].items():
        count = one["overall"]["all"]
        shares[level] = f"{percent(count['correct'] / count['total'])} ({count['correct']} of {count['total']})"
    solved = {level: one["overall"]["all"] for level, one in told["levels_teacher_correct_only"].items()}
    words = {level: one["response_words"] for level, one in told["levels_abstract"].items()}
    of = {BASE: summary["base"], **summary["levels"], "teacher": summary["teacher"]}
    rows = []
    for name, mine in of.items():
        held, whole = mine["held_out"], mine.get("all")
        only = solved.get(name)
        rows.append(
            {
                "trained on": name,
                "published, %": shares.get(name, ""),
                "where the teacher was right, %": percent(only["correct"] / only["total"]) if only else "",
                "words": f"{words[name]:.0f}" if name in words else "",
                f"ours on {study['corpus']}, held out, %": f"{percent(held['accuracy'])} of {held['n']}",
                "95 % interval": interval(held),
                "ours, all problems, %": percent(whole["mean"]) if whole else "",
                "our words": f"{held['words']:.0f}",
                "cut off": str(held["truncated"]),
                "blank": str(held["blank"]),
            }
        )
    return Table(
        "The published study beside this one",
        pd.DataFrame(rows),
        f"Published ({told['source']}): {told['student_base']['model']}, taught by {told['teacher']['model']}, on all"
        f" {told['corpus']['usable']} questions, {told['training']['split']['train']} of which stand in the training"
        f" file. Ours: {study['student']} on the corpus {study['corpus']}; each row counts the problems that the"
        " level's runs hold out, none of which they were trained on. The columns are not to be subtracted from one"
        " another: other problems, students and token budgets, and a judge that is no model. At most the order of the"
        " levels can be compared, and with care: published R1 is the solver's own reasoning, the other levels another"
        " model's text.",
    )


def published_sections_table(summary: Numbers) -> Table:
    """Tuned student, levels and teacher by section, beside ours."""
    told = published()
    shares = {"R1": told["student_tuned"]["by_section"], "teacher": told["teacher"]["by_section"]}
    for level, one in told["levels_all_questions"].items():
        shares[level] = {section: count["correct"] / count["total"] for section, count in one["section"].items()}
    ours = {**summary["levels"], "teacher": summary["teacher"]}
    sections = [*told["teacher"]["by_section"]]
    rows = []
    for name, one in ours.items():
        row = {"trained on": name}
        for section in sections:
            mine = one["held_out"]["by_section"].get(section)
            row[f"{section}, published"] = percent(shares[name][section]) if name in shares else ""
            row[f"{section}, ours"] = f"{percent(mine['accuracy'])} of {mine['n']}" if mine else ""
        rows.append(row | {"cut off": str(one["held_out"]["truncated"]), "blank": str(one["held_out"]["blank"])})
    note = f"Ours: {_ours(summary)}. Published: on all questions, most of them trained on. {APART}"
    return Table("The published study by section, %", pd.DataFrame(rows), note)


def published_years_table(summary: Numbers) -> Table:
    """The published levels by year; ours where the years are the same."""
    levels = published()["levels_all_questions"]
    rows = []
    for level, one in levels.items():
        row = {"trained on": level, "study": "published"}
        rows.append(row | {year: percent(count["correct"] / count["total"]) for year, count in one["year"].items()})
        if level in summary["levels"]:
            mine = summary["levels"][level]["held_out"]["by_year"]
            years = {year: percent(mine[year]["accuracy"]) if year in mine else "" for year in one["year"]}
            rows.append({"trained on": level, "study": "ours", **years})
    note = f"Ours: {_ours(summary)}; years that it has not are empty. Published: on all questions. {APART}"
    return Table("The published study by year, %", pd.DataFrame(rows), note, text=2)


def published_others_table(summary: Numbers) -> Table:
    """What else the published study measured: another benchmark, overfitting, the scatter of seeds."""
    told = published()
    math, tuned, loss = told["math_500"]["student_tuned"], told["student_tuned"]["accuracy"], told["overfit_run"]
    losses = {int(step): value for step, value in loss["val_loss"].items()}
    least = min(losses, key=lambda step: losses[step])
    last = max(losses)
    outside = [
        f"{key} on {name}: {percent(one['accuracy'])} % of {one['n']}"
        for key, run in summary["runs"].items()
        for name, one in run.get("benchmarks", {}).items()
    ]
    long = [
        f"{key}: {one['minimum_valid_loss']:.3f} at iteration {one['minimum_iteration']},"
        f" {one['last_valid_loss']:.3f} at {one['last_iteration']}"
        for key, one in summary["long"].items()
    ]
    seeds = [f"{one['level']} on fold {one['fold']}: {percent(one['std'])}" for one in summary["seeds"]]
    rows = [
        ("outside the exams", f"MATH-500: {percent(math['mean'])} ± {percent(math['std'])} %", "; ".join(outside)),
        (
            "validation loss of a long run",
            f"{losses[least]:.3f} at iteration {least}, {losses[last]:.3f} at {last}",
            "; ".join(long),
        ),
        ("standard deviation over seeds, points", f"R1: {percent(tuned['std'])}", "; ".join(seeds)),
    ]
    note = (
        f"Ours: {_ours(summary)}. MATH-500 is known to be in the training data of Qwen2.5 (arXiv:2507.10532), so the"
        f" published figure is no measure of unseen problems. Losses of different texts compare in shape alone. {APART}"
    )
    return Table("What else was published", pd.DataFrame(rows, columns=["what", "published", "ours"]), note, text=3)


APART = "Other problems, students and budgets: the columns are not to be subtracted from one another."


def _ours(summary: Numbers) -> str:
    study = summary["study"]
    return f"{study['student']} on the corpus {study['corpus']}, held out"
