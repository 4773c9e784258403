"""Small papers typeset for the tests, as PDFs with a text layer and as scans of them."""

import io
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import typst
from PIL import Image

from stages.exams.ink import from_scan
from stages.exams.pages import open_page
from stages.exams.shapes import Page

SETUP = '#set page(paper: "us-letter", margin: 0.9in)\n#set text(size: 11pt, hyphenate: false)\n'


def typeset(source: str, path: Path, scan: float | None = None) -> Path:
    """Set Typst source as a PDF, or (`scan`) as a scan of it turned by so many degrees."""
    data = typst.compile((SETUP + source).encode(), ignore_system_fonts=True)
    path.write_bytes(data if scan is None else as_scan(data, scan))
    return path


def as_scan(data: bytes, degrees: float) -> bytes:
    """The pages as grey images at 200 dpi without a text layer, turned by some degrees."""
    document = pdfium.PdfDocument(data)
    sheets = [page.render(scale=200 / 72, grayscale=True).to_pil().convert("L") for page in document]
    sheets = [sheet.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255) for sheet in sheets]
    file = io.BytesIO()
    sheets[0].save(file, "PDF", resolution=200, save_all=True, append_images=sheets[1:])
    return file.getvalue()


def scanned(path: Path, dpi: int = 200) -> Page:
    """The first page of a PDF as a scanner would see it."""
    image = np.asarray(open_page(path, 1, dpi).image)
    return from_scan(path.name, 1, image, dpi)
