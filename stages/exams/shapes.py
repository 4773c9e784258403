"""What a page is made of: boxes, atoms (glyphs or pieces of ink), and the page itself.

Coordinates everywhere in this room are pixels of the upright page image, x to the right and y down.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np


@dataclass(frozen=True)
class Box:
    """Left, top, right and bottom of something on a page."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2

    def holds(self, other: "Box") -> bool:
        """Whether the centre of `other` lies inside."""
        return self.x0 <= other.cx <= self.x1 and self.y0 <= other.cy <= self.y1


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds all of `boxes`."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


@dataclass(frozen=True)
class Atom:
    """One glyph of a text layer, or one connected piece of ink of a scan (then `text` is empty).

    `baseline`, `size` (em, in pixels) and `pen` (where the glyph's own space starts and ends) are known for glyphs
    only; `labels` are the piece's numbers in the label image of a scan, and `ring` marks a small circle there.
    """

    box: Box
    text: str = ""
    baseline: float | None = None
    size: float | None = None
    pen: tuple[float, float] | None = None
    labels: tuple[int, ...] = ()
    ring: bool = False


@dataclass
class Page:
    """One page: its image (grey, 0 is black), atoms, and horizontal bars (fraction bars, answer rules, overlines).

    `em` is the size of the body text in pixels; `labels` numbers the pieces of ink of a scan, None for a text layer.
    """

    file: str
    number: int
    image: np.ndarray
    atoms: list[Atom]
    bars: list[Box]
    drawings: list[Box]
    em: float
    labels: np.ndarray | None = field(default=None, repr=False)

    @property
    def engine(self) -> str:
        return "text" if self.labels is None else "rapidocr"


def crop(page: Page, box: Box, margin: int = 0) -> np.ndarray:
    """The part of the page's image inside `box`, with a margin in pixels."""
    height, width = page.image.shape
    rows = slice(max(0, round(box.y0) - margin), min(height, round(box.y1) + margin))
    return page.image[rows, max(0, round(box.x0) - margin) : min(width, round(box.x1) + margin)]


def png(image: np.ndarray) -> bytes:
    """The image as a PNG file."""
    return bytes(cv2.imencode(".png", image)[1])
