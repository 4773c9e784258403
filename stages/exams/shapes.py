"""What a page is made of: boxes, glyphs (of a text layer, or connected components of ink), and the page itself.

Coordinates everywhere in this room are pixels of the upright page image, x to the right and y down; lengths that
thresholds speak of are in em, the size of the page's body text.
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

    def grown(self, by: float) -> "Box":
        """The box with `by` pixels more on every side."""
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def touches(self, other: "Box") -> bool:
        """Whether the two have a point in common."""
        return self.x0 <= other.x1 and other.x0 <= self.x1 and self.y0 <= other.y1 and other.y0 <= self.y1

    def whole(self) -> tuple[int, int, int, int]:
        """The corners in whole pixels, none negative."""
        return max(0, round(self.x0)), max(0, round(self.y0)), max(0, round(self.x1)), max(0, round(self.y1))


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds all of `boxes`."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


@dataclass(frozen=True)
class Glyph:
    """One glyph of a text layer, or one connected component of a scan's ink (then `text` is empty, or a sign that its
    shape gives away).

    `baseline`, `size` (em, in pixels) and `pen` (where the glyph's own space starts and ends) are known for a text
    layer only; `labels` are the component's numbers in the label image of a scan, and `ring` marks a small circle.
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
    """One page: its image (grey, 0 is black), glyphs, and horizontal bars (fraction bars, answer rules, overlines).

    `em` is the size of the body text in pixels; `labels` numbers a scan's components of ink, None for a text layer.
    """

    file: str
    number: int
    image: np.ndarray
    glyphs: list[Glyph]
    bars: list[Box]
    drawings: list[Box]
    em: float
    labels: np.ndarray | None = field(default=None, repr=False)

    @property
    def engine(self) -> str:
        return "text" if self.labels is None else "rapidocr"


def crop(image: np.ndarray, box: Box, margin: float = 0) -> np.ndarray:
    """The part of a page's image inside `box`, with a margin in pixels."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = box.grown(margin).whole()
    return image[y0 : max(y0 + 1, min(height, y1)), x0 : max(x0 + 1, min(width, x1))]


def png(image: np.ndarray) -> bytes:
    """The image as a PNG file."""
    return bytes(cv2.imencode(".png", image)[1])
