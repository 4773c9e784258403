"""The look that all figures share, and how one becomes an SVG that can stand in a page with others."""

import re
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

Rows = list[dict[str, Any]]

INK, MUTED, HAIR = "#1c2430", "#5f6b7a", "#dfe3e8"
STUDENT, SEEN, BEFORE = "#1d5c9e", "#d08a2e", "#7d8896"  # told apart by a colour-blind reader, and in grey
WIDTH = 460  # pixels of a figure's plot area: narrow, so that its text can be read on a phone


def records(rows: pd.DataFrame) -> Rows:
    """Rows as dictionaries of plain values; None where there is none."""
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()} for row in rows.to_dict("records")
    ]


def svg(name: str, chart: alt.TopLevelMixin) -> str:
    """Render a chart; its ids get the figure's name, so that several can stand in one page."""
    text = vl_convert.vegalite_to_svg(chart.to_dict())
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text) + "\n"


def upright() -> alt.Axis:
    """A horizontal axis of names, none of them turned or left out."""
    return alt.Axis(labelAngle=0, labelOverlap=False, labelFontSize=12)


def finish(chart: Any, height: int | None = None, width: int = WIDTH) -> alt.TopLevelMixin:
    """A chart in the common look, of this size in pixels unless it has its own."""
    sized: Any = chart if height is None else chart.properties(width=width, height=height)
    fonts: dict[str, Any] = {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": MUTED}
    looks: alt.TopLevelMixin = (
        sized.configure(font="Liberation Sans, Arial, Helvetica, sans-serif", background="transparent", padding=4)
        .configure_view(stroke=None)
        .configure_axis(**fonts, titleFontWeight="normal", gridColor=HAIR, domainColor=MUTED, tickColor=MUTED)
        .configure_axisX(grid=False, labelPadding=6, labelFlush=False)
        .configure_axisY(domain=False, ticks=False, labelPadding=6, tickCount=5)
        .configure_legend(labelFontSize=12, labelColor=INK, labelLimit=320, offset=6)
        .configure_header(labelFontSize=12, labelFontWeight="bold", labelColor=INK)
        .configure_text(fontSize=12)
    )
    return looks
