"""PDF files to pages: the image, and what a text layer tells about it. `count_pages` and `open_page` are the doors."""

import ctypes
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from stages.exams.characters import plain
from stages.exams.ink import from_scan
from stages.exams.shapes import Atom, Box, Page
from stages.study.errors import StudyError

ToPixels = Callable[[float, float], tuple[float, float]]  # from PDF coordinates


def count_pages(path: Path) -> int:
    """Pages in the file; raises StudyError where it cannot be opened."""
    with _open(path) as document:
        return len(document)


def open_page(path: Path, number: int, dpi: int) -> Page:
    """Page `number` (from 1) of a PDF at `dpi`, read from its text layer or, for a scan, split into pieces of ink."""
    with _open(path) as document:
        try:
            page = document[number - 1]
            image = np.asarray(page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L"))
            atoms = [] if _is_scan(page) else _glyphs(page, dpi / 72)
            if atoms:
                bars, drawings = _paths(page, dpi / 72)
                em = float(np.median([atom.size for atom in atoms if atom.size]))
                return Page(path.name, number, image, atoms, bars, drawings, em)
        except pdfium.PdfiumError as error:
            raise StudyError(f"{path}: page {number} cannot be read ({error}); replace the file") from None
    return from_scan(path.name, number, image, dpi)


def _open(path: Path) -> pdfium.PdfDocument:
    with path.open("rb") as file:
        start = file.read(1024)
        file.seek(max(0, path.stat().st_size - 2048))
        end = file.read()
    if b"%PDF-" not in start or b"%%EOF" not in end:
        what = "truncated: its end is missing" if b"%PDF-" in start else "not a PDF"
        raise StudyError(f"{path}: {what}; replace or remove the file")
    try:
        document = pdfium.PdfDocument(path)
        if len(document) == 0:
            raise StudyError(f"{path}: a PDF without pages; replace or remove the file")
        return document
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise StudyError(f"{path}: encrypted with a password; save it without one") from None
        raise StudyError(f"{path}: not a readable PDF ({error}); replace or remove the file") from None


def _is_scan(page: pdfium.PdfPage) -> bool:
    """Images cover most of the page, so that a text layer, if any, is another program's guess at them."""
    width, height = page.get_size()
    covered = 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = item.get_bounds()
        covered += max(0, right - left) * max(0, top - bottom)
    return covered > 0.5 * width * height


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


def _glyphs(page: pdfium.PdfPage, scale: float) -> list[Atom]:
    """Every visible glyph of the text layer."""
    to_pixels = _device(page, scale)
    layer = page.get_textpage()
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    matrix, loose = raw.FS_MATRIX(), raw.FS_RECTF()
    atoms = []
    high = 0
    for index in range(layer.count_chars()):
        code = raw.FPDFText_GetUnicode(layer, index)
        if 0xD800 <= code < 0xDC00:  # the first half of a character beyond the basic plane
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        text = "-" if code == 2 else chr(code)  # pdfium marks a hyphen at the end of a line by 2
        if text.isspace() or not text.isprintable() or raw.FPDFText_IsGenerated(layer, index) == 1:
            continue
        raw.FPDFText_GetCharBox(layer, index, left, right, bottom, top)
        raw.FPDFText_GetCharOrigin(layer, index, x, y)
        raw.FPDFText_GetMatrix(layer, index, matrix)
        box = _box(to_pixels, left.value, bottom.value, right.value, top.value)
        raw.FPDFText_GetLooseCharBox(layer, index, loose)
        pen = _box(to_pixels, loose.left, loose.bottom, loose.right, loose.top)
        size = raw.FPDFText_GetFontSize(layer, index) * float(np.hypot(matrix.c, matrix.d)) * scale
        atoms.append(Atom(box, plain(text), to_pixels(x.value, y.value)[1], size, (pen.x0, pen.x1)))
    return atoms


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
