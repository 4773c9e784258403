"""The figures, drawn from the series and from the summary (altair to SVG); accuracies with their 95 % intervals."""

from typing import Any

import altair as alt
import pandas as pd

from stages.report.inputs import Study
from stages.report.lengths import length_chart, pooled_chart, tradeoff_chart
from stages.report.look import BEFORE, INK, SEEN, STUDENT, WIDTH, Rows, finish, records, svg, upright
from stages.report.summary import headline, minimum
from stages.study.params import BASE


def figures(study: Study, summary: dict[str, Any], rows: dict[str, pd.DataFrame]) -> dict[str, str]:
    """The figures by name, each as the text of an SVG."""
    words = {level: f"{told['chain_words']:.0f}" for level, told in summary["levels"].items()}
    accuracy, loss = records(rows["accuracy"]), records(rows["loss"])
    run = longest(study)
    charts = {
        "pooled": pooled_chart(summary),
        "accuracy": accuracy_chart([row for row in accuracy if not row["long"]], words),
        "heat": heat_chart(summary),
        "tradeoff": tradeoff_chart(summary),
        "length": length_chart(summary),
        "sections": sections_chart(records(rows["sections"])),
        "loss": loss_chart([row for row in loss if row["run"] == run], minimum(study.curves[run].valid)),
        "loss_levels": loss_levels_chart([row for row in loss if not study.runs[row["run"]].long]),
    }
    return {name: svg(name, chart) for name, chart in charts.items()}


def longest(study: Study) -> str:
    """The run with the most iterations, the first of them."""
    return max(study.curves, key=lambda run: max(study.curves[run].valid))


def heat_chart(summary: dict[str, Any]) -> alt.TopLevelMixin:
    """Accuracy by level and section, and by level and year, as shaded cells with their numbers."""
    compared = summary["compared"]
    first = summary["levels"][headline(summary)]
    rows = {BASE: compared["base"], **compared["levels"]} if compared else {BASE: first["base"]}
    if not compared:
        rows |= {level: told["held_out"] for level, told in summary["levels"].items()}
    values = [
        {"level": level, "kind": kind, "group": group, "share": one["accuracy"], "told": f"{100 * one['accuracy']:.0f}"}
        for level, told in rows.items()
        for kind in ("section", "year")
        for group, one in told[f"by_{kind}"].items()
    ]

    def cells(kind: str) -> Any:
        mine = [row for row in values if row["kind"] == kind]
        chart = alt.Chart(
            alt.InlineData(values=mine), width=50 * len({row["group"] for row in mine}), height=alt.Step(24)
        )
        x = alt.X("group:N", title=None, axis=alt.Axis(labelAngle=0, domain=False, ticks=False))
        y = alt.Y("level:N", title=None, sort=list(rows), axis=alt.Axis(domain=False, ticks=False))
        shade = alt.Color("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=["#f1f5f9", "#6d9bd1"]))
        return alt.layer(
            chart.mark_rect(stroke="white", strokeWidth=2).encode(x=x, y=y, color=shade),
            chart.mark_text(color=INK).encode(x=x, y=y, text="told:N"),
        )

    return finish(alt.hconcat(cells("section"), cells("year"), spacing=24))


def accuracy_chart(rows: Rows, words: dict[str, str]) -> alt.TopLevelMixin:
    """Held-out accuracy of every run by level, and base on the same problems as a ring below each."""
    per_level = {level: [row for row in rows if row["level"] == level] for level in words}
    placed = [
        {**row, "offset": place - (len(group) - 1) / 2, "x": f"{level}|{words[level]}"}
        for level, group in per_level.items()
        for place, row in enumerate(group)
    ]
    widest = max(len(group) for group in per_level.values())
    x = alt.X("x:N", title=None, axis=alt.Axis(labelExpr="split(datum.label, '|')", labelAngle=0))
    offset = alt.XOffset("offset:Q", scale=alt.Scale(domain=[-max(4, widest / 2), max(4, widest / 2)]))
    y = alt.Y("accuracy:Q", title="accuracy", axis=alt.Axis(format="%"), scale=alt.Scale(zero=True))
    held, before, trained = "held-out problems", "before training, same problems", "problems trained on"
    seen = [{**row, "kind": trained, "accuracy": row["trained"]} for row in placed if row["trained"] is not None]
    kinds = {held: STUDENT, before: BEFORE, **({trained: SEEN} if seen else {})}
    shapes = {held: "circle", before: "square", trained: "diamond"}
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
        legend=alt.Legend(title=None, orient="top", symbolOpacity=1, columns=2),
    )
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=list(kinds), range=[shapes[kind] for kind in kinds]))
    points = [
        *({**row, "kind": held} for row in placed),
        *({**row, "kind": before, "accuracy": row["base_accuracy"]} for row in placed),
        *seen,
    ]
    return finish(
        alt.layer(
            alt.Chart(alt.InlineData(values=[{**row, "kind": held} for row in placed]))
            .mark_rule(strokeWidth=1.6)
            .encode(x=x, xOffset=offset, y="low:Q", y2="high:Q", color=colour),
            alt.Chart(alt.InlineData(values=points))
            .mark_point(filled=True, size=55, opacity=1)
            .encode(x=x, xOffset=offset, y=y, color=colour, shape=shape),
        ),
        height=270,
    )


def sections_chart(rows: Rows) -> alt.TopLevelMixin:
    """Held-out accuracy of base, the headline's level and teacher, one panel a section."""
    sections = sorted({row["section"] for row in rows})
    labelled = [{**row, "panel": f"{row['section']} ({row['n']} problems)"} for row in rows]
    names = list(dict.fromkeys(row["level"] for row in rows))
    x = alt.X("level:N", title=None, sort=names, axis=upright())
    colour = alt.Color("level:N", legend=None, scale=alt.Scale(domain=names, range=[BEFORE, STUDENT, SEEN]))
    width = (WIDTH - 16 * (len(sections) - 1)) / len(sections)
    runs = alt.Chart(width=width, height=190)
    layered = alt.layer(
        runs.mark_rule(strokeWidth=1.4).encode(x=x, y="low:Q", y2="high:Q", color=colour),
        runs.mark_circle(size=60, opacity=1).encode(
            x=x, y=alt.Y("accuracy:Q", title="held-out accuracy", axis=alt.Axis(format="%")), color=colour
        ),
        data=alt.InlineData(values=labelled),
    )
    return finish(layered.facet(column=alt.Column("panel:N", title=None), spacing=16))


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
    return finish(
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
    return finish(panel.facet(facet=alt.Facet("level:N", title=None), columns=3, spacing=16))
