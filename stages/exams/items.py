"""What a line of text is made of: glyphs, and the stacked mathematics that is built from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stages.exams.shapes import Box, Glyph, around

APART = 0.33  # em: from which on two anchors stand on different lines
SPECK = 0.24  # em: no side of a full stop or a comma is longer


@dataclass(frozen=True)
class Item:
    """A glyph, or stacked mathematics: what its `parts` are depends on its kind.

    fraction: numerator, denominator; root: radicand, index; period: the repeating digits of a decimal;
    matrix: one part for each row, between the fences `sign` (`[]`, `()`, `||`, or `{` for a system of equations).
    """

    box: Box
    kind: Literal["glyph", "fraction", "root", "matrix", "period"]
    glyph: Glyph | None = None
    parts: tuple[tuple["Item", ...], ...] = ()
    axis: float = 0.0  # height of a fraction's bar or a matrix' middle
    sign: str = ""

    @property
    def anchor(self) -> float:
        """A height near the middle of the line that the item stands on."""
        if self.kind in ("fraction", "matrix"):
            return self.axis
        if self.glyph is not None and self.glyph.baseline is not None and self.glyph.size is not None:
            return self.glyph.baseline - 0.25 * self.glyph.size
        return self.box.cy

    @property
    def edges(self) -> tuple[float, float]:
        """Where the item's own space starts and ends."""
        return self.glyph.pen if self.glyph and self.glyph.pen else (self.box.x0, self.box.x1)

    def glyphs(self) -> list[Glyph]:
        """All glyphs inside, in no order."""
        return [self.glyph] if self.glyph else [glyph for part in self.parts for i in part for glyph in i.glyphs()]


@dataclass(frozen=True)
class Line:
    """Items that stand on one line, from left to right."""

    items: tuple[Item, ...]

    @property
    def box(self) -> Box:
        return around([item.box for item in self.items])

    def glyphs(self) -> list[Glyph]:
        """All glyphs of the line."""
        return [glyph for item in self.items for glyph in item.glyphs()]


def ordered(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items from left to right."""
    return tuple(sorted(items, key=lambda item: (item.box.x0, item.box.y0)))


def rows(items: Iterable[Item], em: float) -> list[list[Item]]:
    """Items grouped into lines by their anchors, from top to bottom. Specks and stops do not tie two lines together."""
    found: list[list[Item]] = []
    last = float("-inf")
    small = []
    for item in sorted(items, key=lambda item: (item.anchor, item.box.x0)):
        if max(item.box.width, item.box.height) < SPECK * em and item.glyph and item.glyph.labels:
            small.append(item)
            continue
        if not found or item.anchor - last > APART * em:
            found.append([])
        found[-1].append(item)
        last = item.anchor
    spans = [(row[0].anchor, row[-1].anchor) for row in found]
    for item in small:
        gaps = [max(low - item.anchor, item.anchor - high, 0.0) for low, high in spans]
        nearest = min(range(len(gaps)), key=lambda place: gaps[place], default=None)
        if nearest is not None and gaps[nearest] <= APART * em:
            found[nearest].append(item)
        else:
            found.append([item])
    return sorted(found, key=lambda row: (min(item.anchor for item in row), row[0].box.x0))
