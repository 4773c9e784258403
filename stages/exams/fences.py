"""Tall brackets, braces and bars by the shape of their ink, and the matrices, determinants and systems inside them.

In linear form a matrix is `[7 3 -2; 8 6 12]`, a determinant `|1 2; 3 4|` (rows parted by `;`, entries by a space), and
a system of equations `{x + y = 4, x - y = 2}`. `fence_of` names a shape, `build_matrices` builds the items.
"""

from itertools import pairwise

import numpy as np

from stages.exams.items import Item, ordered, rows
from stages.exams.shapes import Box, around

FENCES = "()[]{}|"
TALL = 1.3  # em: from this height on a bracket spans more than its line
THIN = 0.2  # em: a bar is no wider
WIDE = 0.9  # em: and no bracket wider than this, nor than a third of its height
ROW = 0.75  # em: the least distance of two rows of a matrix
MIRROR = str.maketrans("([{", ")]}")


def fence_of(piece: np.ndarray, em: float) -> str:
    """The sign (one of `()[]{}|`) that a component with this mask is, if it is a tall fence; else empty."""
    height, width = piece.shape
    if height < TALL * em or width > min(WIDE * em, 0.4 * height) or height > 12 * em:
        return ""
    if width <= max(3, THIN * em):
        return "|" if piece.any(axis=1).mean() > 0.97 and piece.mean() > 0.4 else ""
    rows = np.flatnonzero(piece.any(axis=1))
    if len(rows) < 0.97 * height:
        return ""
    first = piece.argmax(axis=1)
    last = width - 1 - piece[:, ::-1].argmax(axis=1)
    if ((last - first + 1)[round(0.12 * height) : round(0.88 * height)] > max(4, 0.62 * width)).mean() > 0.1:
        return ""  # a letter or a figure: a fence is one stroke
    centre = (first + last) / 2 / width
    ends = (centre[: max(1, height // 12)].mean() + centre[-max(1, height // 12) :].mean()) / 2
    middle = centre[round(0.45 * height) : round(0.55 * height) + 1].mean()
    quarter = (
        centre[round(0.2 * height) : round(0.35 * height)].mean()
        + centre[round(0.65 * height) : round(0.8 * height)].mean()
    ) / 2
    left = middle < 0.5
    out, quarters = (ends - middle, quarter - middle) if left else (middle - ends, middle - quarter)
    serif = max((last - first + 1)[: max(2, height // 12)].max(), (last - first + 1)[-max(2, height // 12) :].max())
    if serif > 0.75 * width and abs(quarters) < 0.12:
        sign = "["
    elif quarters > 0.22:
        sign = "{"
    elif out > 0.3 and quarters < 0.3:
        sign = "("
    else:
        return ""
    return sign if left else sign.translate(MIRROR)


def build_matrices(items: list[Item], em: float) -> list[Item]:
    """Replace fences with two or more rows between them by one item; a lone tall brace opens a system of equations."""
    fences = sorted(
        (item for item in items if is_tall_fence(item, em)), key=lambda item: (item.box.height, item.box.x0)
    )
    for left in fences:
        if left not in items or _text(left) not in "([{|":
            continue
        right = _partner(left, [fence for fence in fences if fence in items and fence is not left])
        # A brace of few pixels looks like a bracket; one that nothing closes opens a system all the same.
        inside = _between(left, right, items) if right else _system(left, items, em) if _text(left) in "{(" else []
        grid = [ordered(row) for row in rows(inside, em)]
        if len(grid) < 2 or not _stand_apart(grid, em):
            continue
        gone = {id(item) for item in [left, *inside, *([right] if right else [])]}
        box = around([item.box for item in items if id(item) in gone])
        sign = _text(left) + _text(right) if right else "{"
        new = Item(box, "matrix", parts=tuple(grid), axis=left.box.cy, sign=sign)
        items = [item for item in items if id(item) not in gone] + [new]
    return items


def _stand_apart(grid: list[tuple[Item, ...]], em: float) -> bool:
    """Whether the rows lie as far from each other as lines do: an exponent is no row of its own."""
    heights = [float(np.median([item.anchor for item in row])) for row in grid]
    return all(low - high > ROW * em for high, low in pairwise(heights))


def is_tall_fence(item: Item, em: float) -> bool:
    """Whether the item is a bracket, brace or bar that is higher than a line."""
    return item.kind == "glyph" and _text(item) in FENCES and item.box.height >= TALL * em


def _text(item: Item) -> str:
    return item.glyph.text if item.glyph else ""


def _partner(left: Item, fences: list[Item]) -> Item | None:
    """The nearest fence to the right that closes this one: same sign, same height."""
    box = left.box
    near = [
        fence
        for fence in fences
        if _text(fence) == _text(left).translate(MIRROR)
        and fence.box.x0 > box.x1
        and abs(fence.box.cy - box.cy) < 0.15 * box.height
        and abs(fence.box.height - box.height) < 0.2 * box.height
    ]
    return min(near, key=lambda fence: fence.box.x0, default=None)


def _between(left: Item, right: Item, items: list[Item]) -> list[Item]:
    area = Box(left.box.x1, left.box.y0, right.box.x0, left.box.y1)
    return [item for item in items if area.holds(item.box)]


def _system(brace: Item, items: list[Item], em: float) -> list[Item]:
    """What stands in the rows beside a brace: up to a gap wider than an equation's, or text on the brace's axis."""
    area = Box(brace.box.x1, brace.box.y0 - 0.2 * em, float("inf"), brace.box.y1 + 0.2 * em)
    found: list[Item] = []
    edge = brace.box.x1
    for item in ordered(item for item in items if area.holds(item.box)):
        on_axis = abs(item.anchor - brace.box.cy) < 0.22 * em
        if item.box.x0 - edge > em or (on_axis and len(rows(found, em)) == 2):
            break
        found.append(item)
        edge = max(edge, item.box.x1)
    return found


def cells(row: tuple[Item, ...], em: float) -> list[tuple[Item, ...]]:
    """The entries of a matrix' row: items parted at gaps wider than those inside an entry."""
    parts: list[list[Item]] = []
    edge = float("-inf")
    for item in row:
        if item.box.x0 - edge > 0.5 * em:
            parts.append([])
        parts[-1].append(item)
        edge = max(edge, item.box.x1)
    return [tuple(part) for part in parts]
