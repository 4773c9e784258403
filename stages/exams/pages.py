"""PDF files to pages: the image, and what a text layer tells about it. `count_pages` and `open_page` are the doors."""

import ctypes
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from stages.exams.characters import plain
from stages.exams.ink import from_scan
from stages.exams.shapes import Box, Glyph, Page, around
from stages.study.errors import StudyError

ToPixels = Callable[[float, float], tuple[float, float]]  # from PDF coordinates

# A page's longer side in inches: scans often state none or a wrong resolution, and are then brought to the size of
# paper that exams are printed on. Within these bounds a page keeps its stated size.
SHORTEST, LONGEST = 7.0, 14.0
MOST_PAGES = 1000  # of a file; the papers of one competition are some twenty
NARROWEST = 0.05  # of the longer side; anything thinner is no page
UNKNOWN = 0.2  # share of glyphs without a character from which a text layer is not believed
HUGE = 3.5  # em: a watermark's letters; titles are smaller
TURNED = 0.6  # share of glyphs from which their direction is the page's


def count_pages(path: Path) -> int:
    """Pages in the file; raises StudyError where it cannot be opened."""
    with _open(path) as document:
        return len(document)


def open_page(path: Path, number: int, dpi: int) -> Page:
    """Page `number` (from 1) of a PDF at `dpi`, read from its text layer or, for a scan, split into components of ink.

    A page whose text runs sideways or upside down is turned upright where the text layer tells; a scan is turned by
    quarter turns in `reading`, where it can be read.
    """
    with _open(path) as document:
        try:
            page = document[number - 1]
            scale = _scale(path, number, page, dpi)
            glyphs = [] if _is_scan(page) else _glyphs(page, scale)
            if glyphs and (turn := _direction(page)):
                page.set_rotation((page.get_rotation() + turn) % 360)
                glyphs = _glyphs(page, scale)
            image = np.asarray(page.render(scale=scale, grayscale=True).to_pil().convert("L"))
            if glyphs:
                bars, drawings = _paths(page, scale)
                em = float(np.median([glyph.size for glyph in glyphs if glyph.size] or [scale * 11]))
                glyphs = [glyph for glyph in glyphs if (glyph.size or em) < HUGE * em]
                glyphs, rules = underscores(glyphs, em)
                return Page(path.name, number, image, glyphs, bars + rules, drawings, em)
        except pdfium.PdfiumError as error:
            raise StudyError(f"{path}: page {number} cannot be read ({error}); replace the file") from None
    return from_scan(path.name, number, image, dpi)


def _open(path: Path) -> pdfium.PdfDocument:
    data = path.read_bytes()
    if b"%PDF-" not in data[:1024]:
        raise StudyError(f"{path}: not a PDF; replace or remove the file")
    # pdfium opens half a file without a word, but with fewer pages. Junk after the end does no harm.
    end = data.rfind(b"%%EOF")
    if end < 0 or re.search(rb"\d+ \d+ obj\b", data[end:]):
        raise StudyError(f"{path}: truncated: its end is missing; replace or remove the file")
    try:
        document = pdfium.PdfDocument(data)
        if not 0 < len(document) <= MOST_PAGES:
            told = f"{len(document):,} pages, more than {MOST_PAGES:,}; split" if len(document) else "no pages; replace"
            raise StudyError(f"{path}: {told} or remove the file")
        return document
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise StudyError(f"{path}: encrypted with a password; save it without one") from None
        raise StudyError(f"{path}: not a readable PDF ({error}); replace or remove the file") from None


def _scale(path: Path, number: int, page: pdfium.PdfPage, dpi: int) -> float:
    """Pixels for each point of the page; raises StudyError for a page of impossible proportions."""
    short, long = sorted(length / 72 for length in page.get_size())
    if not (0 < long < 1e5 and short > NARROWEST * long):
        raise StudyError(f"{path}: page {number} is {short:g} x {long:g} inches, which is no page; replace the file")
    return float(dpi / 72 * min(max(long, SHORTEST), LONGEST) / long)


def _is_scan(page: pdfium.PdfPage) -> bool:
    """Images cover most of the page, so that a text layer, if any, is another program's guess at them."""
    width, height = page.get_size()
    covered = 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = item.get_bounds()
        covered += max(0, right - left) * max(0, top - bottom)
    return bool(covered > 0.5 * width * height)


def _direction(page: pdfium.PdfPage) -> int:
    """The quarter turn (0, 90, 180, 270 degrees clockwise) that makes most glyphs of the text layer stand upright."""
    layer = page.get_textpage()
    count = layer.count_chars()
    turns = [round(np.degrees(raw.FPDFText_GetCharAngle(layer, index)) / 90) * 90 % 360 for index in range(count)]
    # The angle is that of the page before its own rotation.
    own = page.get_rotation()
    votes = {turn: sum((angle + own) % 360 == turn for angle in turns) for turn in (0, 90, 180, 270)}
    best = max(votes, key=lambda turn: votes[turn])
    return (-best) % 360 if best and votes[best] > TURNED * count else 0


def _device(page: pdfium.PdfPage, scale: float) -> ToPixels:
    """A function from PDF coordinates to pixels that knows of crop boxes and rotation."""
    fine = 64
    width, height = (round(length * fine) for length in page.get_size())
    px, py = ctypes.c_int(), ctypes.c_int()

    def to_pixels(x: float, y: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, px, py)
        return px.value * scale / fine, py.value * scale / fine

    return to_pixels


def _box(to_pixels: ToPixels, left: float, bottom: float, right: float, top: float) -> Box:
    (x0, y0), (x1, y1) = to_pixels(left, bottom), to_pixels(right, top)
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _glyphs(page: pdfium.PdfPage, scale: float) -> list[Glyph]:
    """Every visible glyph of the text layer; none where too many of them stand for no known character."""
    to_pixels = _device(page, scale)
    layer = page.get_textpage()
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    matrix, loose = raw.FS_MATRIX(), raw.FS_RECTF()
    glyphs = []
    high = unknown = 0
    for index in range(layer.count_chars()):
        code = raw.FPDFText_GetUnicode(layer, index)
        if 0xD800 <= code < 0xDC00:  # the first half of a character beyond the basic plane
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        text = "-" if code == 2 else chr(code)  # pdfium marks a hyphen at the end of a line by 2
        unknown += code in (0, 0xFFFD) or 0xE000 <= code < 0xF900 or raw.FPDFText_HasUnicodeMapError(layer, index) == 1
        if text.isspace() or not text.isprintable() or raw.FPDFText_IsGenerated(layer, index) == 1:
            continue
        raw.FPDFText_GetCharBox(layer, index, left, right, bottom, top)
        raw.FPDFText_GetCharOrigin(layer, index, x, y)
        raw.FPDFText_GetMatrix(layer, index, matrix)
        box = _box(to_pixels, left.value, bottom.value, right.value, top.value)
        raw.FPDFText_GetLooseCharBox(layer, index, loose)
        pen = _box(to_pixels, loose.left, loose.bottom, loose.right, loose.top)
        size = raw.FPDFText_GetFontSize(layer, index) * float(np.hypot(matrix.c, matrix.d)) * scale
        glyphs.append(Glyph(box, plain(text), to_pixels(x.value, y.value)[1], size, (pen.x0, pen.x1)))
    return glyphs if unknown <= UNKNOWN * (unknown + len(glyphs)) else []


def underscores(glyphs: list[Glyph], em: float) -> tuple[list[Glyph], list[Box]]:
    """Runs of `_` become the rules that they stand for: the glyphs that are left, and the rules."""
    kept = [glyph for glyph in glyphs if glyph.text != "_"]
    rules: list[Box] = []
    for box in sorted((g.box for g in glyphs if g.text == "_"), key=lambda box: (round(box.cy / (0.3 * em)), box.x0)):
        if rules and abs(rules[-1].cy - box.cy) < 0.2 * em and -em < box.x0 - rules[-1].x1 < 0.3 * em:
            rules[-1] = around([rules[-1], box])
        else:
            rules.append(box)
    return kept, rules


def _paths(page: pdfium.PdfPage, scale: float) -> tuple[list[Box], list[Box]]:
    """Horizontal bars drawn as lines or thin rectangles, and all larger drawings and images."""
    to_pixels = _device(page, scale)
    bars, drawings = [], []
    kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING]
    for item in page.get_objects(filter=kinds, max_depth=4):
        box = _box(to_pixels, *item.get_bounds())
        if box.height <= 3 * scale and box.width > 2 * box.height:
            bars.append(box)
        elif box.width > 1 and box.height > 1:
            drawings.append(box)
    return bars, drawings
