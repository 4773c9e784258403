"""The figure that the page opens with, and those that set accuracy against length: words written, tokens trained on."""

from typing import Any

import altair as alt

from stages.report.look import BEFORE, INK, MUTED, SEEN, STUDENT, WIDTH, Rows, finish
from stages.report.summary import headline
from stages.study.params import BASE

SHARE = alt.Axis(format="%")
PADDING = 24  # pixels beside the outermost points


def pooled_chart(summary: dict[str, Any]) -> alt.TopLevelMixin:
    """Base, the headline's level and teacher on the same problems: accuracy, its interval, the words and the cost."""
    level = headline(summary)
    told = summary["levels"][level]
    runs = f"{len(told['runs'])} × {told['trained_tokens'] / 1000:.0f}k tokens"
    best = summary["baselines"]["best"]
    other = summary["baselines"]["of"][best]["held_out"]
    several = "" if other["n"] == told["base"]["n"] else f", {other['n']} problems"
    shown = (
        ("before training", told["base"], "none", BEFORE),
        *([] if best == BASE else [(f"{best}{several}", other, "none", BEFORE)]),
        (f"trained on {level}", told["held_out"], runs, STUDENT),
        ("teacher", told["teacher"], f"${summary['cost']['total']:.2f}", SEEN),
    )
    rows = [
        {
            "who": who,
            **{key: numbers[key] for key in ("accuracy", "low", "high")},
            "told": f"{100 * numbers['accuracy']:.1f} %",
            "words": f"{numbers['words']:.0f}",
            "cost": cost,
        }
        for who, numbers, cost, _ in shown
    ]
    names = [row["who"] for row in rows]
    chart = alt.Chart(alt.InlineData(values=rows))
    colour = alt.Color("who:N", legend=None, scale=alt.Scale(domain=names, range=[one[-1] for one in shown]))
    y = alt.Y(
        "who:N", title=None, sort=names, axis=alt.Axis(labelLimit=200, domain=False, ticks=False, labelPadding=10)
    )
    x = alt.X("accuracy:Q", title="accuracy on held-out problems", axis=SHARE, scale=alt.Scale(domain=[0, 1]))
    heads = alt.Chart(alt.InlineData(values=[{}]))

    def column(place: int, field: str, title: str) -> list[Any]:
        return [
            chart.mark_text(align="right", color=INK).encode(y=y, x=alt.value(WIDTH + place), text=f"{field}:N"),
            heads.mark_text(align="right", color=MUTED).encode(
                x=alt.value(WIDTH + place), y=alt.value(-8), text=alt.value(title)
            ),
        ]

    return finish(
        alt.layer(
            chart.mark_rule(strokeWidth=3, opacity=0.45).encode(y=y, x=alt.X("low:Q"), x2="high:Q", color=colour),
            chart.mark_circle(size=90, opacity=1).encode(y=y, x=x, color=colour),
            chart.mark_text(dy=-14, color=INK, fontWeight="bold").encode(y=y, x="accuracy:Q", text="told:N"),
            *column(60, "words", "words"),
            *column(175, "cost", "training, cost"),
        ),
        height=46 * len(rows),
    )


def compared_rows(summary: dict[str, Any]) -> Rows:
    """Base and the levels: on the problems that all of them answered, or each on its own where there are none."""
    compared = summary["compared"]
    levels = compared["levels"] if compared else {name: told["held_out"] for name, told in summary["levels"].items()}
    base = compared["base"] if compared else summary["levels"][headline(summary)]["base"]
    tokens = {name: (compared["levels"] if compared else summary["levels"])[name]["trained_tokens"] for name in levels}
    told = {BASE: base, **levels}
    best = max(levels, key=lambda name: levels[name]["accuracy"])
    return [
        {
            "name": name,
            "label": f"{name}, best" if name == best else name,
            "kind": "before training" if name == BASE else "trained on a level",
            **{key: numbers[key] for key in ("accuracy", "low", "high", "words")},
            "tokens": tokens.get(name, 0),
        }
        for name, numbers in told.items()
    ]


def tradeoff_chart(summary: dict[str, Any]) -> alt.TopLevelMixin:
    """Accuracy of base and of each level, against the words of its responses and against the tokens trained on."""
    rows = compared_rows(summary)

    def panel(field: str, title: str) -> Any:
        placed = named_rows(rows, field)
        x = alt.X(
            f"{field}:Q",
            title=title,
            scale=alt.Scale(zero=True, nice=False, padding=PADDING),
            axis=alt.Axis(tickCount=6),
        )
        y = alt.Y("accuracy:Q", title="held-out accuracy", axis=SHARE)
        names = ["before training", "trained on a level"]
        colour = alt.Color("kind:N", legend=None, scale=alt.Scale(domain=names, range=[BEFORE, STUDENT]))
        chart = alt.Chart(alt.InlineData(values=placed), width=WIDTH, height=200)
        texts = [
            alt.Chart(alt.InlineData(values=[row]))
            .mark_text(color=INK)
            .encode(x=x, y=alt.value(-10 - 14 * row["above"]), text="label:N")
            for row in placed
        ]
        return alt.layer(
            chart.mark_rule(opacity=0.35).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
            chart.mark_circle(size=60, opacity=1).encode(x=x, y=y, color=colour),
            *texts,
        )

    panels = (panel("words", "mean words of a response"), panel("tokens", "tokens trained on"))
    return finish(alt.vconcat(*panels, spacing=24))


def named_rows(rows: Rows, field: str) -> Rows:
    """The rows from left to right, each with the line `above` the plot in which its name collides with no other."""
    most = max(row[field] for row in rows) or 1
    ends: list[float] = []  # where the last name of each line ends, in pixels
    placed = []
    for row in sorted(rows, key=lambda row: (row[field], row["name"])):
        middle, half = PADDING + row[field] / most * (WIDTH - 2 * PADDING), 3.6 * len(row["label"])
        line = next((place for place, end in enumerate(ends) if end + 6 < middle - half), len(ends))
        ends[line : line + 1] = [middle + half]
        placed.append({**row, "above": line})
    return placed


def length_chart(summary: dict[str, Any]) -> alt.TopLevelMixin:
    """Accuracy of the headline level's responses, and of base, by quarters of their length."""
    level = headline(summary)
    kinds = {BASE: ("before training", BEFORE, "square"), level: (f"trained on {level}", STUDENT, "circle")}
    rows = [
        {**one, "kind": kinds[name][0]}
        for name, quarters in summary["levels"][level]["by_length"].items()
        for one in quarters
    ]
    names, colours, shapes = ([*told] for told in zip(*kinds.values(), strict=True))
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1)
    colour = alt.Color("kind:N", scale=alt.Scale(domain=names, range=colours), legend=legend)
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=names, range=shapes), legend=legend)
    x = alt.X("words:Q", title="words of a response, mean of each quarter", scale=alt.Scale(zero=False, padding=16))
    y = alt.Y("accuracy:Q", title="held-out accuracy", axis=SHARE, scale=alt.Scale(domainMin=0))
    chart = alt.Chart(alt.InlineData(values=rows))
    return finish(
        alt.layer(
            chart.mark_rule(opacity=0.45, strokeWidth=2).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
            chart.mark_point(filled=True, size=60, opacity=1).encode(x=x, y=y, color=colour, shape=shape),
            chart.mark_line(opacity=0.5, strokeWidth=1).encode(x=x, y=y, color=colour),
        ),
        height=220,
    )
