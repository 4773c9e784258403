"""Small papers typeset for the tests, as PDFs with a text layer and as scans of them."""

import io
import random
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import typst
from PIL import Image, ImageFilter

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


def worn_scan(data: bytes, rng: random.Random, features: dict[str, str]) -> bytes:
    """The pages as a tired scanner gives them: turned, blurred, with dirt, in black and white or as JPEG.

    What was done is taken down in `features`.
    """
    dpi = rng.choice([150, 200, 200, 300])
    tilt, blur = rng.uniform(-2, 2), rng.choice([0.0, 0.4, 0.8]) * dpi / 200
    noise = rng.choice([0, 6, 14])
    finish = rng.choice(["grey", "black and white", "JPEG 50"])
    turn = rng.choice([0] * 7 + [90, 180, 270])
    features |= {"scan": finish, "dpi": str(dpi), "blur": f"{blur > 0.5}", "noise": str(noise), "turned": str(turn)}
    grain = np.random.default_rng(rng.randrange(2**32))
    sheets = []
    for page in pdfium.PdfDocument(data):
        sheet = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
        sheet = sheet.rotate(tilt + rng.uniform(-0.2, 0.2), Image.Resampling.BICUBIC, fillcolor=255)
        pixels = np.asarray(sheet.filter(ImageFilter.GaussianBlur(blur))).astype(float)
        pixels += grain.normal(0, noise, pixels.shape) if noise else 0
        height, width = pixels.shape
        for y, x in zip(grain.integers(0, height - 2, 40), grain.integers(0, width - 2, 40), strict=True):
            pixels[y : y + 2, x : x + 2] = 40
        if finish == "black and white":
            pixels = np.where(pixels < rng.uniform(130, 180), 0, 255)
        sheet = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        sheets.append(sheet.convert("1") if finish == "black and white" else sheet)
    if turn:
        sheets = [sheet.rotate(turn, expand=True) for sheet in sheets]
    file = io.BytesIO()
    jpeg = {} if finish == "black and white" else {"quality": 50 if finish == "JPEG 50" else 95}
    sheets[0].save(file, "PDF", resolution=dpi, save_all=True, append_images=sheets[1:], **jpeg)
    return file.getvalue()


def scanned(path: Path, dpi: int = 200) -> Page:
    """The first page of a PDF as a scanner would see it."""
    image = np.asarray(open_page(path, 1, dpi).image)
    return from_scan(path.name, 1, image, dpi)
