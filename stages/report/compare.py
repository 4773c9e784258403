"""Two studies side by side: plots/compare.html, from what git has of each; so two students or two teachers compare.

    python -m stages.report --compare main my-experiment

A revision is whatever git resolves (branch, tag, commit), or the name of a DVC experiment. Read are its committed
metrics/summary.json and params.yaml; the grades are not in git, so the two are not paired problem by problem.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

from stages.report.cells import Table, interval, percent, points
from stages.report.provenance import flat
from stages.report.summary import headline
from stages.report.tables import REFERENCES, effect
from stages.study.errors import StudyError
from stages.study.params import BASE

SHOWN = ("corpus", "benchmark", "benchmarks", "seed", "runs", "variants")  # older studies have `benchmark`
SUMMARY, PARAMS = "metrics/summary.json", "params.yaml"


@dataclass(frozen=True)
class Past:
    """A study as a revision has it. `name` is what the user called it, `commit` its full hash."""

    name: str
    commit: str
    summary: Mapping[str, Any]
    settings: Mapping[str, str]


def compare_page(first: str, second: str) -> str:
    """The page's text; raises StudyError for a revision that is unknown, or has no summary that can be read."""
    pair = (read(first), read(second))
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    try:
        return environment.get_template("compare.html.j2").render(
            pair=pair,
            verdicts=[f"{effect(one.summary)}." for one in pair],
            tables=[
                accuracy_table(pair),
                groups_table(pair, "section"),
                groups_table(pair, "year"),
                levels_table(pair),
                settings_table(pair),
            ],
            references=REFERENCES,
        )
    except (KeyError, TypeError, StopIteration, UndefinedError) as error:
        raise StudyError(
            f"{SUMMARY}: of {first} or {second}: no {error}: written by another version of the report; check that"
            " revision out, run `dvc repro report` there and commit"
        ) from None


def read(name: str) -> Past:
    """What git has of a revision."""
    commit = _resolve(name)
    texts = {path: _git("show", f"{commit}:{path}") for path in (SUMMARY, PARAMS)}
    for path, text in texts.items():
        if text is None:
            raise StudyError(f"{name}: {path} is not in commit {commit[:12]}; run `dvc repro` there and commit it")
    try:
        summary, params = json.loads(str(texts[SUMMARY])), yaml.safe_load(str(texts[PARAMS]))
        profile = params["profile"]
        settings = {key: params[key] for key in SHOWN if key in params}
        return Past(name, commit, summary, dict(flat(settings | params[profile])) | {"profile": profile})
    except (ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        raise StudyError(f"{name}: {SUMMARY} or {PARAMS} of commit {commit[:12]} cannot be read: {error!r}") from None


def _resolve(name: str) -> str:
    """The commit of a revision or of a DVC experiment."""
    experiments = (_git("for-each-ref", "--format=%(refname)", "refs/exps") or "").split()
    ref = next((ref for ref in experiments if ref.rpartition("/")[2] == name), name)
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        raise StudyError(f"{name}: neither a revision of git nor an experiment of DVC; see `git log`, `dvc exp show`")
    return commit.strip()


def _git(*words: str) -> str | None:
    """What git says; None where it fails."""
    told = subprocess.run(["git", *words], capture_output=True, check=False)
    return told.stdout.decode("utf-8", "replace") if told.returncode == 0 else None


def accuracy_table(pair: tuple[Past, Past]) -> Table:
    """Base, the headline's level and the teacher of each study."""
    rows = []
    for past in pair:
        level = headline(past.summary)
        told = past.summary["levels"][level]
        for name, one in ((BASE, told["base"]), (level, told["held_out"]), ("teacher", told["teacher"])):
            row = {"study": past.name, "trained on": name, "correct": f"{one['correct']} of {one['n']}"}
            row |= {"accuracy, %": percent(one["accuracy"]), "95 % interval": interval(one)}
            row |= {"cut off": str(one["truncated"]), "blank": str(one["blank"]), "words": f"{one['words']:.0f}"}
            rows.append(row | {"gain": points(told["versus_base"]["difference"]) if name == level else ""})
    note = "Each study on its own held-out problems; Wilson’s interval. Gain: over base, in points, within the study."
    return Table("Held-out accuracy", pd.DataFrame(rows), note, text=2)


def groups_table(pair: tuple[Past, Past], by: str) -> Table:
    """The headline's accuracy by section or year."""
    groups = [past.summary["levels"][headline(past.summary)]["held_out"][f"by_{by}"] for past in pair]
    rows = [
        {by: name} | _beside([one.get(name) for one in groups], pair) for name in sorted({**groups[0], **groups[1]})
    ]
    return Table(f"Headline by {by}, %", pd.DataFrame(rows), DIFFERENCE)


def levels_table(pair: tuple[Past, Past]) -> Table:
    """Every level of either study, on all problems that its runs hold out."""
    levels = [past.summary["levels"] for past in pair]
    names = sorted({**levels[0], **levels[1]})
    rows = [
        {"trained on": name} | _beside([(one.get(name) or {}).get("held_out") for one in levels], pair)
        for name in names
    ]
    return Table("By level, %", pd.DataFrame(rows), DIFFERENCE)


DIFFERENCE = (
    "In brackets the interval and the number of problems. The difference is that of two separate studies: where the"
    " problems, the folds or the budget differ, it says nothing about the students."
)


def _beside(numbers: list[Mapping[str, Any] | None], pair: tuple[Past, Past]) -> dict[str, str]:
    """Two accuracies and their difference; empty where a study has none."""
    told = [f"{percent(one['accuracy'])} ({interval(one)}; {one['n']})" if one else "" for one in numbers]
    first, second = numbers
    gain = points(second["accuracy"] - first["accuracy"]) if first and second else ""
    names = (f"1: {pair[0].name}", f"2: {pair[1].name}", "difference, points")
    return dict(zip(names, (*told, gain), strict=True))


def settings_table(pair: tuple[Past, Past]) -> Table:
    """The params in which the two differ."""
    first, second = (past.settings for past in pair)
    names = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    header = ("setting", f"1: {pair[0].name}", f"2: {pair[1].name}")
    rows = [(name, first.get(name, "–"), second.get(name, "–")) for name in names]
    note = "All other settings are equal." if rows else "All settings are equal."
    return Table("Settings that differ", pd.DataFrame(rows, columns=header), note, text=3)
