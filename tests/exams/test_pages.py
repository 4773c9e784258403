"""Pages as images with glyphs or ink, and files that cannot be read."""

from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.exams.characters import plain
from stages.exams.ink import slant, straighten
from stages.exams.pages import count_pages, open_page
from stages.exams.reading import read_page
from stages.exams.settings import ExtractSettings
from stages.study.errors import StudyError
from tests.exams.papers import as_scan, typeset

PROSE = "#lorem(120)\n\n#lorem(80)"


def test_glyphs_stand_where_they_are_printed(tmp_path: Path) -> None:
    page = open_page(typeset("#v(1in) Hello", tmp_path / "a.pdf"), 1, 100)
    assert "".join(glyph.text for glyph in page.glyphs) == "Hello"
    for glyph in page.glyphs:
        ink = page.image[int(glyph.box.y0) : int(glyph.box.y1) + 1, int(glyph.box.x0) : int(glyph.box.x1) + 1]
        assert ink.min() < 128
    assert page.em == pytest.approx(11 * 100 / 72, rel=0.01)


def test_scan_with_a_hidden_text_layer_is_a_scan(tmp_path: Path) -> None:
    sheet = pdfium.PdfDocument(typeset(PROSE, tmp_path / "a.pdf"))[0].render(scale=2).to_pil()
    sheet.save(tmp_path / "sheet.png")
    mixed = '#place(top + left, dx: -0.9in, dy: -0.9in, image("sheet.png", width: 8.5in))\nwrong words'
    (tmp_path / "mixed.typ").write_text('#set page(paper: "us-letter", margin: 0.9in)\n' + mixed, encoding="utf-8")
    (tmp_path / "mixed.pdf").write_bytes(typst.compile(tmp_path / "mixed.typ"))
    page = open_page(tmp_path / "mixed.pdf", 1, 150)
    assert page.engine == "rapidocr"
    assert not any(glyph.text for glyph in page.glyphs)


@settings(max_examples=8, deadline=None)
@given(st.floats(-2.8, 2.8))
def test_a_turned_page_is_turned_back(degrees: float) -> None:
    sheet = np.asarray(_prose().rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255))
    assert slant(sheet) == pytest.approx(-degrees, abs=0.1)
    assert abs(slant(straighten(sheet))) < 0.1


def _prose() -> Image.Image:
    """Rows of blocks like letters, of uneven height above a common baseline."""
    sheet = np.full((1100, 850), 255, np.uint8)
    rng = np.random.default_rng(0)
    for foot in range(110, 1000, 24):
        for left in range(100, 740, 12):
            sheet[foot - rng.integers(6, 12) : foot, left : left + 8] = 0
    return Image.fromarray(sheet)


def test_dirt_is_no_ink(tmp_path: Path) -> None:
    clean = typeset(PROSE, tmp_path / "clean.pdf", scan=0.0)
    document = pdfium.PdfDocument(clean)
    sheet = np.asarray(document[0].render(scale=200 / 72, grayscale=True).to_pil().convert("L")).copy()
    rng = np.random.default_rng(1)
    for y, x in zip(rng.integers(0, 2100, 60), rng.integers(0, 1600, 60), strict=True):
        if sheet[max(0, y - 9) : y + 10, max(0, x - 9) : x + 10].min() > 200:  # a speck away from any letter
            sheet[y : y + 2, x : x + 2] = 0
    Image.fromarray(sheet).save(tmp_path / "dirty.pdf", "PDF", resolution=200)
    pages = [open_page(tmp_path / name, 1, 200) for name in ("clean.pdf", "dirty.pdf")]
    assert len(pages[0].glyphs) == len(pages[1].glyphs)


def test_blank_page(tmp_path: Path) -> None:
    assert open_page(typeset("", tmp_path / "a.pdf"), 1, 100).glyphs == []
    assert open_page(typeset("", tmp_path / "b.pdf", scan=0.4), 1, 100).glyphs == []


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("scan", [None, 0.0])
def test_turned_pages_are_righted(tmp_path: Path, turn: int, scan: float | None) -> None:
    words = "Find the number of all positive whole numbers that divide the given number of days."
    path = typeset("#v(1in)" + "\n\n".join(f"{n}. {words}" for n in range(1, 9)), tmp_path / "a.pdf", scan)
    document = pdfium.PdfDocument(path)
    document[0].set_rotation(turn)
    document.save(tmp_path / "turned.pdf")
    settings = ExtractSettings(dpi=200, min_confidence=0.5, sections={}, second_reader="network")
    page, image = read_page(tmp_path / "turned.pdf", 1, settings, 1)
    assert image.shape[0] > image.shape[1]
    assert [line.text for line in page.lines] == [words] * 8
    assert [label.number for label in page.labels] == [str(n) for n in range(1, 9)]


@pytest.mark.parametrize(("width", "height"), [("200in", "200in"), ("1.2in", "1.6in"), ("40in", "52in")])
def test_pages_of_any_size_become_images_of_a_sane_one(tmp_path: Path, width: str, height: str) -> None:
    data = typst.compile(f"#set page(width: {width}, height: {height}, margin: 0.1in)\n#text(8pt)[Hello]".encode())
    (tmp_path / "a.pdf").write_bytes(data)
    page = open_page(tmp_path / "a.pdf", 1, 200)
    assert 7 * 200 - 2 <= max(page.image.shape) <= 14 * 200 + 2


def test_a_ribbon_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(typst.compile(b"#set page(width: 90in, height: 0.1in, margin: 0in)\nx"))
    with pytest.raises(StudyError, match="no page"):
        open_page(tmp_path / "a.pdf", 1, 200)


def test_junk_after_the_end_does_no_harm(tmp_path: Path) -> None:
    path = typeset(PROSE, tmp_path / "a.pdf")
    path.write_bytes(path.read_bytes() + b"\n<html>" + b"junk " * 2000)
    assert count_pages(path) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("𝑥 − 𝐴𝐵", "x - AB"),
        ("ﬁnd “it”", 'find "it"'),
        ("2⋅3", "2·3"),
        ("x²", "x^2"),
        ("ℎ", "h"),
        ("1, 2, …", "1, 2, ..."),
    ],
)
def test_plain(text: str, wanted: str) -> None:
    assert plain(text) == wanted


ENCRYPTED = b"""%%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 99 99]>> endobj
4 0 obj <</Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s>>> endobj
trailer <</Root 1 0 R /Size 5 /Encrypt 4 0 R /ID [<00> <00>]>>
startxref
0
%%%%EOF
""" % (b"5a" * 32, b"5a" * 32)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ENCRYPTED, "password"),
        (b"%PDF-1.4 nothing of a PDF here %%EOF", "not a readable PDF"),
        (b"GIF89a", "not a PDF"),
        (b"", "not a PDF"),
    ],
)
def test_unreadable_files(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    with pytest.raises(StudyError, match=words) as error:
        count_pages(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated_file(tmp_path: Path, share: float) -> None:
    path = typeset(PROSE, tmp_path / "a.pdf")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(StudyError, match="truncated"):
        count_pages(path)


def test_scan_of_nothing_but_noise(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (400, 300), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.pdf", "PDF", resolution=100)
    assert open_page(tmp_path / "noise.pdf", 1, 100).engine == "rapidocr"
    assert as_scan((tmp_path / "noise.pdf").read_bytes(), 0.0)
