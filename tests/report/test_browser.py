"""The page in a browser, light and dark, wide and on a phone, and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from stages.report.look import INK
from tests.report.browser import CHROMIUM, contrast, measure, printed

pytest.importorskip("axe_core_python", reason="needs axe-core (pip install axe-core-python)")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]

Colour = tuple[float, float, float]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_reader_meets_nothing_in_the_way(made, width, scheme):
    """axe's rules hold the contrast of 4.5:1 as well."""
    told = measure(made / "plots/report.html", width, scheme)
    assert (told["width"], told["dark"]) == (width, scheme == "dark")
    assert told["scrolled"] <= width
    assert told["violations"] == []
    assert len(told["texts"]) > 1000
    assert sum(one["svg"] for one in told["texts"]) > 150
    assert [one for one in told["texts"] if one["size"] < 11] == []


def test_the_measure_finds_what_is_wrong(made, tmp_path):
    page = (made / "plots/report.html").read_text(encoding="utf-8")
    bad = '<main><p style="color:#aaa;background:#fff;width:2000px;font-size:8px">pale, wide, small</p><img src="x">'
    path = tmp_path / "bad.html"
    path.write_text(page.replace("<main>", bad), encoding="utf-8")
    told = measure(path, 390, "light")
    assert {one["id"] for one in told["violations"]} >= {"color-contrast", "image-alt"}
    assert told["scrolled"] > 390
    assert [one["size"] for one in told["texts"] if one["size"] < 11] == [8]


def colours(text: str, tag: str) -> Iterator[Colour]:
    """Fills of an SVG's elements."""
    for r, g, b in re.findall(rf'<{tag}[^>]*fill="(?:#|rgb\()(\w+)(?:, ?(\d+), ?(\d+)\))?"', text):
        hexed = [int(r[place : place + 2], 16) for place in (0, 2, 4)] if not g else [int(r), int(g), int(b)]
        yield hexed[0] / 255, hexed[1] / 255, hexed[2] / 255


def test_text_in_figures_can_be_read(made):
    """Against paper, and in the heat map against every shade."""
    white = (1.0, 1.0, 1.0)
    for path in sorted((made / "plots").glob("*.svg")):
        inks = set(colours(path.read_text(encoding="utf-8"), "text"))
        assert inks, path
        assert all(contrast(ink, white) >= 4.5 for ink in inks), path
    heat = (made / "plots/heat.svg").read_text(encoding="utf-8")
    ink = next(colours(f'<text fill="{INK}">', "text"))
    shades = set(colours(heat, "path")) | set(colours(heat, "rect"))
    assert len(shades) > 10
    assert all(contrast(ink, shade) >= 4.5 for shade in shades)


def test_no_table_is_split_on_paper(made, tmp_path):
    """A table's title and its last row stand on one page, unless the table is longer than a page."""
    pdf = tmp_path / "report.pdf"
    printed(made / "plots/report.html", pdf)
    document = pypdfium2.PdfDocument(pdf)
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    assert 8 < len(pages) < 60
    for title, end in (
        ("Held-out accuracy over all problems", "All rows: the same 250 problems, each answered"),
        ("Levels on the same held-out problems", "All rows: the same 50 problems"),
        ("Levels paired, problem by problem", "All rows: the same 50 problems"),
        ("Runs of fold 0", "All rows: the same 50 problems that fold 0"),
        ("The published study beside this one", "Published (arXiv:2606.31048"),
        ("Accuracy by length of the response, %", "All rows: the same 250 problems; each"),
    ):
        places = [number for number, text in enumerate(pages) if title in text]
        assert places, title
        with_rows = [number for number in places if re.search(re.escape(title) + r".{40,}", pages[number])]
        assert with_rows, title
        assert Path(pdf).stat().st_size < 5_000_000
        assert any(end in pages[number] or end in pages[min(number + 1, len(pages) - 1)] for number in with_rows), title
