"""Where the numbers come from: what was left out of the exams, which files and adapters, which settings are unusual.

Only what follows from the stage's own inputs is told, so that the page is the same on every machine; the commit that
holds a report is found by `git log -1 metrics/summary.json`.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from stages.report.cells import Table
from stages.report.inputs import Study
from stages.report.summary import ASKING, bill
from stages.study.errors import StudyError
from stages.study.records import Problem

ROLES = ("reader", "solver", "verifier", "compressor")
CROPS = 3  # images of questions that were left out
REFERENCE = "paper"  # the profile with the published study's settings


class Crop(NamedTuple):
    """A question that was left out, and its image as a data URL."""

    problem: Problem
    url: str


def left_out_table(study: Study) -> Table | None:
    """Every question that was not used, with the reason and its place on paper."""
    if not study.left_out:
        return None
    rows = [
        {"question": one.id, "reason": one.reason, "file": one.source.file, "page": str(one.source.page)}
        for one in study.left_out
    ]
    counts = ", ".join(f"{reason}: {n}" for reason, n in Counter(one.reason for one in study.left_out).most_common())
    note = f"{len(rows)} of {len(rows) + len(study.exam.problems)} questions: {counts}. None is in any accuracy."
    return Table("Questions that were left out", pd.DataFrame(rows), note, text=3)


def crops(study: Study) -> list[Crop]:
    """Images of left-out questions: the first of each reason by id, commonest reason first, then others by id.

    Raises StudyError where an image is missing, is no PNG, or stands outside data/crops/.
    """
    having = [one for one in study.left_out if one.source.crop]
    order = [reason for reason, _ in Counter(one.reason for one in having).most_common()]
    firsts = [next(one for one in having if one.reason == reason) for reason in order]
    chosen = [*firsts, *(one for one in having if one not in firsts)][:CROPS]
    return [Crop(one, _data_url(str(one.source.crop))) for one in chosen]


def _data_url(path: str) -> str:
    again = "run `dvc repro extract`"
    if not Path(path).resolve().is_relative_to(Path("data/crops").resolve()):
        raise StudyError(f"data/problems.jsonl: {path}: a crop outside data/crops/; {again}")
    try:
        image = Path(path).read_bytes()
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file, but data/problems.jsonl names it; {again}") from None
    if not image.startswith(b"\x89PNG\r\n"):
        raise StudyError(f"{path}: not a PNG image; {again}")
    return "data:image/png;base64," + base64.b64encode(image).decode()


def bill_table(study: Study, summary: Mapping[str, Any]) -> Table:
    """What each of the teacher's models was asked for, and what that costs."""
    rows = []
    for role in ROLES:
        served = {name for stage in ASKING for name in study.metrics[stage].get(role, {}).get("served", [])}
        told = {kind.replace("_", " "): f"{number:,}" for kind, number in bill(study, role).items()}
        dollars = {"US dollars": f"{summary['cost'][role]:.2f}"}
        rows.append({"role": role, "models": ", ".join(sorted(served))} | told | dollars)
    rows.append({"role": "total", "US dollars": f"{summary['cost']['total']:.2f}"})
    note = (
        "At the prices of params.yaml, outside peak hours; cached tokens are part of the prompt’s, reasoning of the"
        " completion’s. Replies out of a recording cost what they cost when they were recorded, or nothing."
    )
    return Table("The teacher’s requests, tokens and cost", pd.DataFrame(rows).fillna(""), note, text=2)


def contamination_table(study: Study) -> Table:
    """How many statements the student before training continues by heart, by source, and for the exams by year."""
    told = study.metrics["contamination"]
    rows = []
    for source, one in told["sources"].items():
        rows.append(_continued(source, one) | {"statements": f"{one['statements']}", "": one.get("known", "")})
        rows += [_continued(f"{source}, {year}", mine) for year, mine in one.get("by_year", {}).items()]
    note = (
        f"The student before training was given the first {100 * told['share']:.0f} % of each statement of at least"
        f" {told['least_words']} words. Exact: it wrote the rest; near: at least {100 * told['near']:.0f} % alike."
        " What it knows by heart it may have been trained on; that it does not know one does not say the opposite."
    )
    return Table("Known by heart before training", pd.DataFrame(rows)[COLUMNS].fillna(""), note)


COLUMNS = ["source", "statements", "continued", "exact", "near", ""]


def _continued(source: str, told: Mapping[str, Any]) -> dict[str, str]:
    return {"source": source} | {name: str(told[name]) for name in ("continued", "exact", "near")}


def inputs_table(study: Study) -> Table:
    """The files that the numbers were counted from, as dvc.lock names them."""
    names = ["problems", "verified", "chains", "assignment", *(f"benchmarks/{one}" for one in study.params.benchmarks)]
    paths = [*(Path(f"data/{name}.jsonl") for name in names), Path("data/versions.yaml")]
    rows = [{"file": str(path), "md5": hashlib.md5(path.read_bytes()).hexdigest()} for path in paths]
    return Table(
        "Files", pd.DataFrame(rows), "md5 as in `dvc.lock`, where it ties each file to code and params.", text=2
    )


def students_table(study: Study) -> Table:
    """Which adapter each run is, and what it was trained on."""
    rows = []
    for run, told in study.metrics["training"].items():
        row = {"run": run, "adapter": told["adapter_digest"][:16], "rows": told["data_digest"][:16]}
        counts = {"seed": told["seed"], "kept iteration": told["kept_iteration"], "tokens": told["trained_tokens"]}
        rows.append(row | {name: f"{count:,}" for name, count in counts.items()})
    note = "sha256 of the adapter and of the dataset's rows, 16 digits; tokens that the run was trained on."
    return Table("Students", pd.DataFrame(rows), note, text=3)


def settings_table(study: Study) -> Table | None:
    """The settings in which this profile is not that of the published study; None where it is the same."""
    profiles = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    here, there = dict(flat(study.params.blocks)), dict(flat(profiles.get(REFERENCE, {})))
    names = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
    rows = [{"setting": name, "here": here.get(name, "–"), REFERENCE: there.get(name, "–")} for name in names]
    if not rows or not there:
        return None
    note = f"Settings of the profile `{study.params.profile}` that differ from those of `{REFERENCE}`."
    return Table("Settings unlike the published study's", pd.DataFrame(rows), note, text=3)


def flat(block: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every value of nested blocks as text, by its dotted key."""
    for key, value in block.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", yaml.safe_dump(value, default_flow_style=True).removesuffix("\n...\n").strip()
