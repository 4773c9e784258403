"""Series that `dvc plots` draws, and the same series as figures for the page and the README (altair to SVG).

Each figure is drawn from rows that also stand in a TSV file; accuracies are shares in 0..1 with Wilson's 95 %
interval, losses nats per response token.
"""

import csv
import re
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from stages.report.inputs import BASE, Study
from stages.report.tables import groups, minimum, pick, score
from stages.study.files import replace

Rows = list[dict[str, Any]]

INK, MUTED, HAIR = "#1c2430", "#5f6b7a", "#dfe3e8"
STUDENT, SEEN, BEFORE = "#1d5c9e", "#d08a2e", "#7d8896"
WIDTH = 460  # pixels of a figure's plot area: narrow, so that its text can be read on a phone


def series(study: Study, summary: dict[str, Any]) -> dict[str, Rows]:
    """Rows by name of the TSV file: `accuracy` has one a run, `sections` one a section, `loss` one an iteration."""
    accuracy: Rows = []
    sections: Rows = []
    members = groups(study, "section")
    for run in [BASE, *study.runs]:
        record = summary["base"] if run == BASE else summary["runs"][run]
        key = {
            "run": run,
            "level": BASE if run == BASE else study.runs[run].level.value,
            "replicate": 0 if run == BASE else study.runs[run].replicate,
            "long": run != BASE and study.runs[run].long,
        }
        seen = pick(study.exams, run, study.trained) if study.exams[run].keys() >= set(study.trained) else []
        accuracy.append(
            {
                **key,
                **{name: record["held_out"][name] for name in ("accuracy", "low", "high", "correct", "n")},
                **{name: record["held_out"][name] for name in ("truncated", "blank", "words")},
                "benchmark": record["benchmark"]["accuracy"],
                "trained": round(score(seen).accuracy, 4) if seen else None,
            }
        )
        for section, ids in members.items():
            found = score(pick(study.exams, run, ids)).record()
            told = {name: found[name] for name in ("accuracy", "low", "high", "correct", "n", "truncated", "blank")}
            sections.append({**key, "section": section, **told})
    loss = [
        {
            "run": run,
            "level": study.runs[run].level.value,
            "iteration": iteration,
            "train_loss": _rounded(curve.train.get(iteration)),
            "valid_loss": _rounded(curve.valid.get(iteration)),
        }
        for run, curve in study.curves.items()
        for iteration in sorted(curve.train.keys() | curve.valid.keys())
    ]
    return {"accuracy": accuracy, "sections": sections, "loss": loss}


def _rounded(loss: float | None) -> float | None:
    return None if loss is None else round(loss, 4)


def write_series(path: Path | str, rows: Rows) -> None:
    """Write rows as TSV with a header line; None is an empty cell."""
    with replace(path) as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def figures(study: Study, summary: dict[str, Any], rows: dict[str, Rows]) -> dict[str, str]:
    """The figures by name, each as the text of an SVG."""
    words = {level: f"{told['chain_words']:.0f}" for level, told in summary["levels"].items()}
    run = longest(study)
    charts = {
        "accuracy": accuracy_chart(rows["accuracy"], words),
        "words": words_chart(rows["accuracy"]),
        "sections": sections_chart(rows["sections"]),
        "loss": loss_chart([row for row in rows["loss"] if row["run"] == run], minimum(study.curves[run].valid)),
        "loss_levels": loss_levels_chart([row for row in rows["loss"] if not study.runs[row["run"]].long]),
    }
    return {name: svg(name, chart) for name, chart in charts.items()}


def longest(study: Study) -> str:
    """The run with the most iterations, the first of them."""
    return max(study.curves, key=lambda run: max(study.curves[run].valid))


def svg(name: str, chart: alt.TopLevelMixin) -> str:
    """Render a chart; its ids get the figure's name, so that several can stand in one page."""
    text = vl_convert.vegalite_to_svg(chart.to_dict())
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text) + "\n"


def tuned(rows: Rows) -> Rows:
    """The runs of the accuracy series that its figure sets side by side: no base student, no long run."""
    return [row for row in rows if row["run"] != BASE and not row["long"]]


def accuracy_chart(rows: Rows, words: dict[str, str]) -> alt.TopLevelMixin:
    """Held-out accuracy by level with intervals, replicates side by side, the base student behind as a band."""
    base = rows[0]
    per_level = {level: [row for row in tuned(rows) if row["level"] == level] for level in words}
    placed = [
        {**row, "offset": place - (len(group) - 1) / 2, "x": f"{level}|{words[level]} words"}
        for level, group in per_level.items()
        for place, row in enumerate(group)
    ]
    x = alt.X("x:N", title=None, axis=alt.Axis(labelExpr="split(datum.label, '|')", labelAngle=0))
    offset = alt.XOffset("offset:Q", scale=alt.Scale(domain=[-4, 4]))
    y = alt.Y("accuracy:Q", title="accuracy", axis=alt.Axis(format="%"), scale=alt.Scale(zero=True))
    held, before, trained = "held-out problems", "before training, held-out", "problems trained on"
    seen = [{**row, "kind": trained, "accuracy": row["trained"]} for row in placed if row["trained"] is not None]
    kinds = {held: STUDENT, before: BEFORE, **({trained: SEEN} if seen else {})}
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
        legend=alt.Legend(title=None, orient="top", symbolOpacity=1),
    )
    held_out = alt.Chart(alt.InlineData(values=[{**row, "kind": held} for row in placed]))
    behind = alt.Chart(alt.InlineData(values=[{**base, "kind": before}]))
    return _finish(
        alt.layer(
            behind.mark_rect(color=BEFORE, opacity=0.16).encode(y=alt.Y("low:Q"), y2="high:Q"),
            behind.mark_rule(strokeDash=[5, 3], strokeWidth=1.4).encode(y="accuracy:Q", color=colour),
            alt.Chart(alt.InlineData(values=seen))
            .mark_point(shape="diamond", filled=False, size=36, opacity=1)
            .encode(x=x, xOffset=offset, y="accuracy:Q", color=colour),
            held_out.mark_rule(strokeWidth=1.6).encode(x=x, xOffset=offset, y="low:Q", y2="high:Q", color=colour),
            held_out.mark_circle(size=46, opacity=1).encode(x=x, xOffset=offset, y=y, color=colour),
        ),
        height=270,
    )


def words_chart(rows: Rows) -> alt.TopLevelMixin:
    """Held-out accuracy against the mean words of a response, one point a run."""
    told = [{**row, "label": row["level"] if row["replicate"] == 0 and not row["long"] else ""} for row in rows]
    x = alt.X("words:Q", title="mean words of a response (held-out problems)", scale=alt.Scale(zero=True))
    colour = alt.condition(alt.datum.run == BASE, alt.value(BEFORE), alt.value(STUDENT))
    runs = alt.Chart(alt.InlineData(values=told))
    return _finish(
        alt.layer(
            runs.mark_rule(opacity=0.35).encode(x=x, y="low:Q", y2="high:Q", color=colour),
            runs.mark_circle(size=46, opacity=1).encode(
                x=x, y=alt.Y("accuracy:Q", title="held-out accuracy", axis=alt.Axis(format="%")), color=colour
            ),
            runs.mark_text(align="left", dx=7, dy=-6, color=INK).encode(x=x, y="accuracy:Q", text="label:N"),
        ),
        height=230,
    )


def sections_chart(rows: Rows) -> alt.TopLevelMixin:
    """Held-out accuracy of the base student and each level's first replicate, one panel a section."""
    sections = sorted({row["section"] for row in rows})
    first = [row for row in rows if row["replicate"] == 0 and not row["long"]]
    labelled = [{**row, "panel": f"{row['section']} ({row['n']} problems)"} for row in first]
    x = alt.X("level:N", title=None, sort=list(dict.fromkeys(row["level"] for row in first)), axis=_upright())
    colour = alt.condition(alt.datum.run == BASE, alt.value(BEFORE), alt.value(STUDENT))
    width = (WIDTH - 16 * (len(sections) - 1)) / len(sections)
    runs = alt.Chart(width=width, height=190)
    layered = alt.layer(
        runs.mark_rule(strokeWidth=1.4).encode(x=x, y="low:Q", y2="high:Q", color=colour),
        runs.mark_circle(size=40, opacity=1).encode(
            x=x, y=alt.Y("accuracy:Q", title="held-out accuracy", axis=alt.Axis(format="%")), color=colour
        ),
        data=alt.InlineData(values=labelled),
    )
    return _finish(layered.facet(column=alt.Column("panel:N", title=None), spacing=16))


def loss_chart(rows: Rows, lowest: int) -> alt.TopLevelMixin:
    """Training and validation loss of one run, with the iteration of the lowest validation loss marked."""
    kinds = {"train_loss": "training batch", "valid_loss": "validation problems"}
    points = [
        {"iteration": row["iteration"], "kind": name, "loss": row[key]}
        for key, name in kinds.items()
        for row in rows
        if row[key] is not None
    ]
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(kinds.values()), range=["#b9c6d6", STUDENT]),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1),
    )
    x = alt.X("iteration:Q", title="iteration", scale=alt.Scale(nice=False))
    y = alt.Y("loss:Q", title="loss, nats per token", scale=alt.Scale(zero=False))
    train = [point for point in points if point["kind"] == kinds["train_loss"]]
    valid = [point for point in points if point["kind"] == kinds["valid_loss"]]
    mark = alt.Chart(alt.InlineData(values=[{"iteration": lowest, "told": f"lowest at iteration {lowest}"}]))
    late = lowest > max(row["iteration"] for row in rows) / 2
    return _finish(
        alt.layer(
            alt.Chart(alt.InlineData(values=train)).mark_line(strokeWidth=1.2).encode(x=x, y=y, color=colour),
            alt.Chart(alt.InlineData(values=valid))
            .mark_line(strokeWidth=2.2, point={"size": 22, "filled": True})
            .encode(x=x, y=y, color=colour),
            mark.mark_rule(color=SEEN, strokeDash=[4, 3], strokeWidth=1.4).encode(x="iteration:Q"),
            mark.mark_text(color=INK, align="right" if late else "left", dx=-6 if late else 6, baseline="top").encode(
                x="iteration:Q", y=alt.value(4), text="told:N"
            ),
        ),
        height=230,
    )


def loss_levels_chart(rows: Rows) -> alt.TopLevelMixin:
    """Validation loss of the grid's runs, one panel a level, one line a replicate."""
    measured = [row for row in rows if row["valid_loss"] is not None]
    panel = (
        alt.Chart(alt.InlineData(values=measured), width=(WIDTH - 32) / 3, height=110)
        .mark_line(strokeWidth=1.6, color=STUDENT, opacity=0.8)
        .encode(
            x=alt.X("iteration:Q", title="iteration", scale=alt.Scale(nice=False)),
            y=alt.Y("valid_loss:Q", title="validation loss", scale=alt.Scale(zero=False)),
            detail="run:N",
        )
    )
    return _finish(panel.facet(facet=alt.Facet("level:N", title=None), columns=3, spacing=16))


def _upright() -> alt.Axis:
    return alt.Axis(labelAngle=0, labelOverlap=False, labelFontSize=10)


def _finish(chart: Any, height: int | None = None) -> alt.TopLevelMixin:
    """The look that all figures share."""
    sized = chart if height is None else chart.properties(width=WIDTH, height=height)
    fonts: dict[str, Any] = {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": MUTED}
    return (
        sized.configure(font="Liberation Sans, Arial, Helvetica, sans-serif", background="transparent", padding=4)
        .configure_view(stroke=None)
        .configure_axis(**fonts, titleFontWeight="normal", gridColor=HAIR, domainColor=MUTED, tickColor=MUTED)
        .configure_axisX(grid=False, labelPadding=6, labelFlush=False)
        .configure_axisY(domain=False, ticks=False, labelPadding=6, tickCount=5)
        .configure_legend(labelFontSize=12, labelColor=INK, labelLimit=320, offset=6)
        .configure_header(labelFontSize=12, labelFontWeight="bold", labelColor=INK)
        .configure_text(fontSize=12)
    )
