"""Series that `dvc plots` draws and that the figures are drawn from: one tidy table a file, plots/<name>.tsv."""

from typing import Any

import pandas as pd

from stages.report.inputs import Study
from stages.report.summary import headline
from stages.study.files import replace
from stages.study.params import BASE

COUNTED = ("accuracy", "low", "high", "correct", "n", "truncated", "blank", "words")


def series(study: Study, summary: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """`accuracy` has a row a run, with base on the same problems beside it, `sections` a row a section, `loss` a step.

    Accuracies are shares in 0..1 with the 95 % interval, losses nats per response token.
    """
    return {"accuracy": _accuracy(study, summary), "sections": _sections(summary), "loss": _loss(study)}


def _accuracy(study: Study, summary: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for key, told in summary["runs"].items():
        run, base = study.runs[key], summary["folds"][str(told["fold"])]["base"]
        rows.append(
            {
                "run": key,
                "level": told["level"],
                "replicate": run.replicate,
                "fold": run.fold,
                "long": run.long,
                **{name: told["held_out"][name] for name in COUNTED},
                **{f"base_{name}": base[name] for name in ("accuracy", "low", "high", "words")},
                "trained": _trained(study, key),
            }
        )
    return pd.DataFrame(rows)


def _trained(study: Study, key: str) -> float | None:
    """Accuracy of a run on the problems whose chains it was trained on; None where it was not asked them."""
    seen = study.exam.trained(study.runs[key].fold)
    marks = study.marks[(study.marks["run"] == key) & study.marks["problem"].isin(seen)]
    return float(marks["correct"].mean()) if len(marks) == len(seen) else None


def _sections(summary: dict[str, Any]) -> pd.DataFrame:
    """Base, the headline's level and the teacher by section, on all problems that the level's runs hold out."""
    level = headline(summary)
    told = summary["levels"][level]
    of = {BASE: told["base"], level: told["held_out"], "teacher": told["teacher"]}
    return pd.DataFrame(
        {"level": name, "section": section, **group}
        for name, numbers in of.items()
        for section, group in numbers["by_section"].items()
    )


def _loss(study: Study) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run": run,
            "level": study.runs[run].level,
            "iteration": iteration,
            "train_loss": curve.train.get(iteration),
            "valid_loss": curve.valid.get(iteration),
        }
        for run, curve in study.curves.items()
        for iteration in sorted(curve.train.keys() | curve.valid.keys())
    )


def write_series(path: str, rows: pd.DataFrame) -> None:
    """Write a table as TSV with a header line; a missing value is an empty cell, numbers are exact."""
    with replace(path) as file:
        rows.to_csv(file, sep="\t", index=False, lineterminator="\n")
