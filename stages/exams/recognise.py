"""Text of a strip of ink: the recognition network that RapidOCR ships (PP-OCRv6, Apache-2.0), run on one line.

Its output is restricted to the characters of English and of this competition's mathematics, which is what keeps a
lone `x` from being read as a Chinese character. The network is loaded at the first strip, not on import.
"""

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stages.exams.characters import plain
from stages.exams.linear import Read
from stages.exams.shapes import Box, Glyph, Page, around

CHARACTERS = (
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]abcdefghijklmnopqrstuvwxyz{}|"
    "π≤≥≠°×·−–—∠△÷∞θ±ΔαβΣ…’‘“”′″√"
    "⊗⊕⊥∩∪∈∥≅∑≡→"
)
HEIGHT = 48  # rows the network wants


@cache
def _network(threads: int) -> tuple[Any, np.ndarray, list[str]]:
    """The network, the columns of its output that are allowed, and their characters (blank first)."""
    import onnxruntime

    spec = importlib.util.find_spec("rapidocr")
    model = next((Path(str(spec and spec.origin)).parent / "models").glob("*_rec_small.onnx"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    network = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    names = ["", *network.get_modelmeta().custom_metadata_map["character"].split("\n"), " "]
    columns = [column for column, name in enumerate(names) if name == "" or name in CHARACTERS]
    return network, np.array(columns), [names[column] for column in columns]


def recognise(strip: np.ndarray, threads: int) -> list[tuple[str, float, float]]:
    """Characters of one line (grey, height x width, black on white): character, probability, and x in the strip.

    Greedy CTC decoding: the likeliest character of each column of the network, repeats merged, blanks dropped.
    """
    network, columns, names = _network(threads)
    side = max(0, 2 * strip.shape[0] - strip.shape[1]) // 2  # a lone character is read better with paper around it
    padded = np.pad(strip, ((0, 0), (side, side)), constant_values=255)
    width = round(padded.shape[1] * HEIGHT / padded.shape[0])
    method = cv2.INTER_AREA if padded.shape[0] > HEIGHT else cv2.INTER_CUBIC
    scaled = cv2.resize(padded, (width, HEIGHT), interpolation=method).astype(np.float32) / 127.5 - 1
    output = network.run(None, {network.get_inputs()[0].name: scaled[None, None].repeat(3, axis=1)})[0][0][:, columns]
    best, chance = output.argmax(axis=1), output.max(axis=1)
    fresh = np.flatnonzero((best != 0) & (np.diff(best, prepend=0) != 0))
    step = padded.shape[1] / len(best)
    return [(names[best[column]], float(chance[column]), (column + 0.5) * step - side) for column in fresh]


@dataclass(frozen=True)
class Strip:
    """A stretch of ink as it was put to the network, what was read, and the chance of its worst character."""

    box: Box
    image: np.ndarray
    text: str
    lowest: float


def reader(page: Page, threads: int, strips: list[Strip]) -> Read:
    """`Read` for a scan: the ink of the given glyphs alone, on white, at the height of its line.

    What was read is added to `strips`, for a second reader.
    """
    labels = page.labels
    assert labels is not None

    def read(glyphs: list[Glyph], em: float) -> tuple[str, float]:
        box = around([glyph.box for glyph in glyphs])
        if len(glyphs) == 1 and (mark := _mark(box, em)):
            return mark, 1.0
        pad = max(3, round(0.12 * em))
        # Strips of low letters get the height of a full line: size tells x from X and comma from quote.
        top = min(box.y0, box.y1 - 0.75 * em) - pad
        height, width = page.image.shape
        left = max(0, round(box.x0 - 2 * pad))
        area = (
            slice(max(0, round(top)), min(height, round(box.y1 + pad))),
            slice(left, min(width, round(box.x1 + 2 * pad))),
        )
        own = np.isin(labels[area], [label for glyph in glyphs for label in glyph.labels]).astype(np.uint8)
        image = np.where(cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0, page.image[area], 255).astype(np.uint8)
        found = recognise(image, threads)
        if len(glyphs) == 1 and (not found or found[0][1] < 0.9):  # a lone sign: look again with more paper around it
            for paper in (round(0.4 * em), round(0.65 * em)):
                again = recognise(np.pad(image, paper, constant_values=255), threads)
                if again and (not found or again[0][1] > found[0][1]):
                    found = [(sign, chance, x - paper) for sign, chance, x in again]
        signs = _stops(_angles([(sign, left + x) for sign, _, x in found], glyphs, labels, em), glyphs, em)
        text = plain("".join(signs)).strip()
        if len(glyphs) == 1 and text in "COSUVWXZKP" and box.height < 0.55 * page.em:
            text = text.lower()  # alone on its strip, a letter's size is not seen
        strips.append(Strip(box, image, text, min((chance for _, chance, _ in found), default=0.0)))
        return text, sum(chance for _, chance, _ in found) / len(found) if found else 0.0

    return read


def _angles(
    signs: list[tuple[str, float]], glyphs: list[Glyph], labels: np.ndarray, em: float
) -> list[tuple[str, float]]:
    """Angle signs by their shape: the network takes many of them for a Z."""

    def is_angle(glyph: Glyph) -> bool:
        x0, y0, x1, y1 = glyph.box.whole()
        piece = np.isin(labels[y0:y1, x0:x1], glyph.labels)
        height, width = piece.shape
        open_left = not piece[: height // 4 + 1, : width // 2].any()
        foot = float(piece[-(height // 5) - 1 :].max(axis=0).mean())
        return bool(height > 0.6 * width > 0.3 * height and open_left and foot > 0.85)

    angles = [glyph.box.cx for glyph in glyphs if is_angle(glyph)]
    near = 0.5 * em  # as exact as the network tells places
    return [("∠" if sign in "ZL<" and any(abs(x - cx) < near for cx in angles) else sign, x) for sign, x in signs]


def _stops(signs: list[tuple[str, float]], glyphs: list[Glyph], em: float) -> list[str]:
    """Full stops and commas by the shape of the ink that stands where they were read."""
    baseline = float(np.median([glyph.box.y1 for glyph in glyphs]))
    low = [glyph.box for glyph in glyphs if glyph.box.y0 > baseline - 0.25 * em]
    tails = [box for box in low if box.y0 > baseline - 0.03 * em]
    low = [around([box, *(tail for tail in tails if abs(tail.cx - box.cx) < 0.12 * em)]) for box in low]
    commas = [b.cx for b in low if b.width < 0.24 * em and b.height > 0.2 * em and b.y1 > baseline + 0.09 * em]
    stops = [b.cx for b in low if b.width < 0.2 * em and b.height < 0.17 * em and b.y1 < baseline + 0.07 * em]
    fixed = []
    for sign, x in signs:
        if sign in ".,":
            comma = min((abs(x - other) for other in commas), default=em)
            stop = min((abs(x - other) for other in stops), default=em)
            if min(comma, stop) < 0.3 * em:
                sign = "," if comma < stop else "."
        fixed.append(sign)
    return fixed


def _mark(box: Box, em: float) -> str:
    """A piece too small for the network: a full stop, a comma, a minus; else nothing."""
    if box.height < 0.16 * em and box.width > 2 * box.height:
        return "-"
    if box.width < 0.22 * em and box.height < 0.34 * em:
        return "." if box.height < 1.4 * box.width and box.height < 0.2 * em else ","
    return ""
