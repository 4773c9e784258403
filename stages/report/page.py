"""plots/report.html: one page that needs no network and no script, for a person who did not run the study.

All text is escaped by the template; figures go in as the SVG that stands beside the page.
"""

from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stages.mathematics.formulas import mathematics
from stages.questions.exam import EXAMS
from stages.report.cells import Table, finished, interval, percent
from stages.report.figures import longest
from stages.report.inputs import Study
from stages.report.provenance import (
    ROLES,
    bill_table,
    contamination_table,
    crops,
    inputs_table,
    left_out_table,
    settings_table,
    students_table,
)
from stages.report.summary import headline, pool, run_of_fold
from stages.report.tables import REFERENCES, tables, verdict
from stages.study.params import BASE, Params

SHOWN = 8  # names of a list that are spelled out
CONTROLS = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"} | {127: "\u2421"}
CONTROLS |= {  # these reverse, join or split the text around them
    code: f"[U+{code:04X}]" for code in (0x061C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A))
}


def render(study: Study, summary: dict[str, Any], figures: dict[str, str], trained: bool, looks: int) -> str:
    """The page's text; `figures` are SVGs by name, `trained` says whether one shows problems that were trained on, and
    `looks` is how often the held-out problems were looked at, this time included."""
    params = study.params
    student = params.blocks["student"]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "visible": visible,
        "percent": percent,
        "finished": finished,
        "interval": interval,
        "facts": facts,
        "yaml": as_yaml,
        "svg": Markup,
        "mathematics": mathematics,
    }
    return environment.get_template("page.html.j2").render(
        study=study,
        summary=summary,
        tables=tables(summary),
        figures=figures,
        headline=headline(summary),
        verdict=verdict(summary),
        bill=bill_table(study, summary),
        contamination=contamination_table(study),
        looks=looks,
        crops=crops(study),
        provenance=[inputs_table(study), students_table(study), settings_table(study)],
        left_out=left_out_table(study),
        base=BASE,
        references=REFERENCES,
        student=f"{student['name']} {student['revision'][:12]}".strip(),
        student_digest=next(iter(study.answers[BASE].values()))[0].student.base_digest,
        examples=examples(study, headline(summary), params.blocks["report"]["examples"]),
        longest=longest(study),
        diamonds=trained,
        profile=params.profile,
        recording=params.recording,
        shared=shared(params),
        blocks=params.blocks,
    )


def shared(params: Params) -> dict[str, Any]:
    """What made the page and belongs to no profile; of a variant only what differs from the usual way of asking."""
    return {
        "seed": params.seed,
        "corpus": params.corpus,
        "benchmarks": params.benchmarks,
        "runs": {key: run.model_dump(mode="json") for key, run in params.runs.items()},
        "variants": {key: one.model_dump(mode="json", exclude_defaults=True) for key, one in params.variants.items()},
        "machine": {"teacher": {"prices": params.machine.teacher["prices"]}},
    }


def visible(text: str) -> str:
    """Text with control characters as pictures (␛) or numbers, so that nothing in it is swallowed or acts."""
    return text.translate(CONTROLS)


def as_yaml(values: dict[str, Any]) -> str:
    """Values as they stand in params.yaml."""
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=60)


def examples(study: Study, level: str, count: int) -> list[dict[str, Any]]:
    """Held-out problems with both students' responses, in turn from what training changed and what it did not.

    The four kinds are gained, lost, right in both and wrong in both; within a kind the order is that of the ids, so
    that nobody chooses.
    """
    of_fold = run_of_fold(study.runs)[level]
    kinds: dict[str, list[str]] = {"gained": [], "lost": [], "right before and after": [], "wrong before and after": []}
    names = dict(zip([(False, True), (True, False), (True, True), (False, False)], kinds, strict=True))
    before = _right(pool(study, [BASE], of_fold))
    after = _right(pool(study, of_fold.values(), of_fold))
    for one in sorted(after):
        kinds[names[before[one], after[one]]].append(one)
    turns = zip_longest(*([(kind, one) for one in ids] for kind, ids in kinds.items()))
    chosen = [example for turn in turns for example in turn if example][:count]
    return [
        {
            "kind": kind,
            "problem": study.exam.problems[one],
            "responses": {run: study.answers[run][EXAMS, one, 1] for run in (BASE, of_fold[study.exam.fold_of[one]])},
        }
        for kind, one in chosen
    ]


def _right(marks: pd.DataFrame) -> dict[str, bool]:
    """Whether each problem was answered right."""
    return dict(zip(marks["problem"], marks["correct"], strict=True))


def facts(metrics: dict[str, Any]) -> tuple[list[tuple[str, str]], list[Table]]:
    """A stage's metrics for reading: single values as label and text, and a table for each mapping of mappings."""
    values: list[tuple[str, str]] = []
    inner_tables: list[Table] = []
    for key, value in metrics.items():
        label = key.replace("_", " ")
        if key in ROLES:  # a bill, which has a table of its own
            continue
        if isinstance(value, dict) and value and all(isinstance(inner, dict) for inner in value.values()):
            shown = {name: _scored(inner) for name, inner in value.items()}
            columns = list(dict.fromkeys(name for inner in shown.values() for name in inner))
            rows = [(name, *(_told(inner.get(column)) for column in columns)) for name, inner in shown.items()]
            header = ["", *(column.replace("_", " ") for column in columns)]
            inner_tables.append(Table(label, pd.DataFrame(rows, columns=header), ""))
        elif value != {}:
            values.append((label, _told(value)))
    return values, inner_tables


def _scored(inner: dict[str, Any]) -> dict[str, Any]:
    """A row of a table; an accuracy with its interval in per cent, as elsewhere on the page."""
    if not {"accuracy", "low", "high"} <= inner.keys():
        return inner
    rest = {name: value for name, value in inner.items() if name not in ("accuracy", "low", "high")}
    return rest | {"accuracy, %": percent(inner["accuracy"]), "95 % interval": interval(inner)}


def _told(value: Any) -> str:
    """A value of a metrics file as short text."""
    if isinstance(value, dict) and {"accuracy", "low", "high", "n"} <= value.keys():
        return f"{percent(value['accuracy'])} % of {value['n']} (95 % interval {interval(value)})"
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_told(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        more = f" and {len(value) - SHOWN} more" if len(value) > SHOWN else ""
        return (", ".join(map(_told, value[:SHOWN])) or "none") + more
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
