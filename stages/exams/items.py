"""What a line of text is made of: glyphs, and the stacked mathematics that is built from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stages.exams.shapes import Box, Glyph, around


@dataclass(frozen=True)
class Item:
    """A glyph, or stacked mathematics: what its `parts` are depends on its kind.

    fraction: numerator, denominator; root: radicand, index; matrix: one part for each row, between the fences `sign`
    (`[]`, `()`, `||`, or `{` for a system of equations).
    """

    box: Box
    kind: Literal["glyph", "fraction", "root", "matrix"]
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
    """Items grouped into lines by their anchors, from top to bottom."""
    found: list[list[Item]] = []
    last = float("-inf")
    for item in sorted(items, key=lambda item: (item.anchor, item.box.x0)):
        if not found or item.anchor - last > 0.33 * em:
            found.append([])
        found[-1].append(item)
        last = item.anchor
    return found
