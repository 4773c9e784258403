"""Atoms to lines of text: stacked fractions and radicals become items, and what is left is grouped by height.

The same geometry serves glyphs of a text layer and pieces of ink of a scan. Fractions and radicals are built
bottom-up, the shortest bar first. `find_lines` and `page_lines` are the doors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stages.exams.shapes import Atom, Box, Page, around


@dataclass(frozen=True)
class Item:
    """An atom, a fraction (parts: numerator, denominator), or a radical (parts: radicand, index)."""

    box: Box
    kind: Literal["atom", "fraction", "root"]
    atom: Atom | None = None
    parts: tuple[tuple["Item", ...], ...] = ()
    axis: float = 0.0  # height of the bar of a fraction

    @property
    def anchor(self) -> float:
        """A height near the middle of the line that the item stands on."""
        if self.kind == "fraction":
            return self.axis
        if self.atom is not None and self.atom.baseline is not None and self.atom.size is not None:
            return self.atom.baseline - 0.25 * self.atom.size
        return self.box.cy

    @property
    def edges(self) -> tuple[float, float]:
        """Where the item's own space starts and ends."""
        return self.atom.pen if self.atom and self.atom.pen else (self.box.x0, self.box.x1)

    def atoms(self) -> list[Atom]:
        """All atoms inside, in no order."""
        return [self.atom] if self.atom else [atom for part in self.parts for item in part for atom in item.atoms()]


@dataclass(frozen=True)
class Line:
    """Items that stand on one line, from left to right."""

    items: tuple[Item, ...]

    @property
    def box(self) -> Box:
        return around([item.box for item in self.items])


def find_lines(atoms: Iterable[Atom], bars: Iterable[Box], em: float) -> list[Line]:
    """Lines of text from top to bottom, with stacked mathematics built into items."""
    items = _build([Item(atom.box, "atom", atom) for atom in atoms], bars, em)
    lines: list[list[Item]] = []
    last = float("-inf")
    for item in sorted(items, key=lambda item: (item.anchor, item.box.x0)):
        if not lines or item.anchor - last > 0.33 * em:
            lines.append([])
        lines[-1].append(item)
        last = item.anchor
    return [Line(tuple(sorted(line, key=lambda item: (item.box.x0, item.box.y0)))) for line in lines]


def _build(items: list[Item], bars: Iterable[Box], em: float) -> list[Item]:
    """Replace what belongs to a fraction bar or a radical's line by one item, innermost first."""
    for bar in sorted(bars, key=lambda bar: (bar.width, bar.y0, bar.x0)):
        inside = [item for item in items if bar.x0 - 0.1 * em <= item.box.cx <= bar.x1 + 0.1 * em]
        root = next((item for item in items if _carries(item, bar, em)), None)
        if root is not None:
            under = Box(bar.x0, bar.y0, bar.x1, root.box.y1)
            radicand = [i for i in items if under.holds(i.box) and i.box.y0 > bar.y0 - 0.1 * em and not _is(i, bar)]
            index = [i for i in items if _is_index(i, root, em)]
            if radicand:
                taken = {id(i) for i in [root, *radicand, *index]}
                box = around([root.box, bar, *(i.box for i in radicand)])
                new = Item(box, "root", parts=(_ordered(radicand), _ordered(index)))
                items = [i for i in items if id(i) not in taken and not _is(i, bar)] + [new]
            continue
        above, below = _stack(inside, bar, em, up=True), _stack(inside, bar, em, up=False)
        if above and below and not _in_text(above, bar, items, em) and not _in_text(below, bar, items, em):
            taken = {id(i) for i in [*above, *below]}
            box = around([bar, *(i.box for i in [*above, *below])])
            new = Item(box, "fraction", parts=(_ordered(above), _ordered(below)), axis=bar.cy)
            items = [i for i in items if id(i) not in taken and not _is(i, bar)] + [new]
        elif below and bar.width > 0.6 * em:  # the line over the name of a segment
            items = [i for i in items if not _is(i, bar)]
    return items


def _ordered(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: (item.box.x0, item.box.y0)))


def _is(item: Item, bar: Box) -> bool:
    """Whether the item is the bar's own ink."""
    return item.kind == "atom" and item.box == bar


def _carries(item: Item, bar: Box, em: float) -> bool:
    """Whether the item is the radical sign whose line is `bar`."""
    if item.atom is None or item.atom.text != "√":
        return False
    return abs(item.box.x1 - bar.x0) < 0.15 * em and abs(item.box.y0 - bar.cy) < 0.15 * em


def _is_index(item: Item, root: Item, em: float) -> bool:
    """The small 3 of a cube root: over the sign's low left arm."""
    box, sign = item.box, root.box
    small = 0.2 * em < box.height < 0.5 * em and item is not root
    return small and sign.x0 - 0.3 * em < box.cx < sign.cx and sign.y0 - 0.1 * em < box.cy < sign.cy


def _stack(inside: list[Item], bar: Box, em: float, up: bool) -> list[Item]:
    """What stands directly over (or under) a bar: a seed close to it, and all beside the seed at its height."""
    side = [
        item
        for item in inside
        if (item.box.y1 <= bar.y1 + 0.1 * em if up else item.box.y0 >= bar.y0 - 0.1 * em)
        and item.box.x0 > bar.x0 - 0.3 * em
        and item.box.x1 < bar.x1 + 0.3 * em
        and not _is(item, bar)
    ]
    near = [item for item in side if (bar.y0 - item.box.y1 if up else item.box.y0 - bar.y1) < 0.45 * em]
    if not near or max(item.box.height for item in near) < 0.18 * em:
        return []
    while True:
        low, high = min(item.box.y0 for item in near), max(item.box.y1 for item in near)
        grown = [item for item in side if item in near or (item.box.y0 < high and item.box.y1 > low)]
        if len(grown) == len(near):
            return near
        near = grown


def _in_text(part: list[Item], bar: Box, items: list[Item], em: float) -> bool:
    """Whether what is over (or under) a bar goes on beside it on the same line: then it is text, not a numerator."""
    foot = max(item.box.y1 for item in part)
    beside = [i.box for i in items if abs(i.box.y1 - foot) < 0.1 * em and i.box.height > 0.3 * em]
    return any(0 < bar.x0 - box.x1 < 0.35 * em or 0 < box.x0 - bar.x1 < 0.35 * em for box in beside)


def words(line: Line, em: float) -> list[list[Item]]:
    """Items of a line parted at gaps of a space or more."""
    parts = [[line.items[0]]]
    edge = line.items[0].edges[1]
    for item in line.items[1:]:
        # The side bearings of `1 .` look like part of a gap: a full stop starts no word.
        stop = max(item.box.width, item.box.height) < 0.24 * em
        if item.edges[0] - edge > 0.2 * em and not stop:
            parts.append([])
        parts[-1].append(item)
        edge = max(edge, item.edges[1])
    return parts


def page_lines(page: Page) -> list[Line]:
    """The lines of a page, without what lies in a drawing."""
    free = [a for a in page.atoms if not any(d.holds(a.box) for d in page.drawings)]
    return find_lines(free, page.bars, page.em)
