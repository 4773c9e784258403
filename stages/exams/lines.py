"""Glyphs to lines of text: stacked fractions and radicals become items, and what is left is grouped by height.

The same geometry serves glyphs of a text layer and pieces of ink of a scan. Fractions and radicals are built
bottom-up, the shortest bar first. `find_lines` and `page_lines` are the doors.
"""

from collections.abc import Iterable

from stages.exams.fences import build_matrices, is_tall_fence
from stages.exams.items import Item, Line, ordered, rows
from stages.exams.shapes import Box, Glyph, Page, around

RAISING = 1.05  # em: the least height of what has an exponent above the line's other ones
NEAR_FIGURE = 1.2  # em: as far as the names of a figure's points stand from it


def find_lines(glyphs: Iterable[Glyph], bars: Iterable[Box], em: float) -> list[Line]:
    """Lines of text from top to bottom, with stacked mathematics built into items."""
    items = build_matrices(_build([Item(glyph.box, "glyph", glyph) for glyph in glyphs], bars, em), em)
    items = [
        item
        for item in items
        if not (is_tall_fence(item, em) and item.glyph and item.glyph.text == "|" and item.box.height > 2 * em)
    ]
    return [Line(ordered(row)) for row in _with_raised(rows(items, em), em)]


def _with_raised(lines: list[list[Item]], em: float) -> list[list[Item]]:
    """Lines with what is raised or lowered beside something tall: `(1/2)^n` has its exponent high above the text."""
    for line in lines:
        for tall in [item for item in line if item.box.height > RAISING * em]:
            edge = tall.box.x1
            beside = [
                (item, other)
                for other in lines
                if other is not line
                for item in other
                if tall.box.y0 - 0.3 * em < item.box.cy < tall.box.y1 + 0.3 * em and item.box.height < 0.7 * em
            ]
            for item, other in sorted(beside, key=lambda pair: pair[0].box.x0):
                free = item in other and not _is_within_word(item, other, em)
                if free and -0.15 * em < item.box.x0 - edge < 0.3 * em:
                    other.remove(item)
                    line.append(item)
                    edge = item.box.x1
    return [line for line in lines if line]


def _is_within_word(item: Item, line: list[Item], em: float) -> bool:
    """Whether an item stands in its own line among letters on either side, as no exponent does."""
    left = any(0 <= item.box.x0 - o.box.x1 < 0.25 * em for o in line if o is not item)
    right = any(0 <= o.box.x0 - item.box.x1 < 0.25 * em for o in line if o is not item)
    return (left or right) and around([o.box for o in line]).width > 12 * em


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
                new = Item(box, "root", parts=(ordered(radicand), ordered(index)))
                items = [i for i in items if id(i) not in taken and not _is(i, bar)] + [new]
            continue
        above, below = _stack(inside, bar, em, up=True), _stack(inside, bar, em, up=False)
        if above and below and not _in_text(above, bar, items, em) and not _in_text(below, bar, items, em):
            taken = {id(i) for i in [*above, *below]}
            box = around([bar, *(i.box for i in [*above, *below])])
            new = Item(box, "fraction", parts=(ordered(above), ordered(below)), axis=bar.cy)
            items = [i for i in items if id(i) not in taken and not _is(i, bar)] + [new]
        elif digits := _period(below, items, em):
            taken = {id(i) for i in digits}
            new = Item(around([i.box for i in digits]), "period", parts=(ordered(digits),))
            items = [i for i in items if id(i) not in taken and not _is(i, bar)] + [new]
        elif below and bar.width > 0.6 * em:  # the line over the name of a segment
            items = [i for i in items if not _is(i, bar)]
    return items


def _is(item: Item, bar: Box) -> bool:
    """Whether the item is the bar's own ink."""
    return item.kind == "glyph" and item.box == bar


def _carries(item: Item, bar: Box, em: float) -> bool:
    """Whether the item is the radical sign whose line is `bar`."""
    if item.glyph is None or item.glyph.text != "√":
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
        and not _is_stop(item, bar, em)
    ]
    # Low letters stand farther below a bar than digits do.
    near = [
        i
        for i in side
        if (bar.y0 - i.box.y1 if up else i.box.y0 - bar.y1) < (0.45 if i.box.height > 0.55 * em else 0.6) * em
    ]
    if not near or max(item.box.height for item in near) < 0.18 * em:
        return []
    slack = (0.15 if up else 0.08) * em  # an exponent may stand clear above its base, and a line close below
    while True:
        low, high = min(item.box.y0 for item in near), max(item.box.y1 for item in near)
        grown = [item for item in side if item in near or (item.box.y0 < high + slack and item.box.y1 > low - slack)]
        if len(grown) == len(near):
            return near
        near = grown


def _period(below: list[Item], items: list[Item], em: float) -> list[Item]:
    """The digits under a line, if they follow a decimal point or digits after one; else nothing.

    The point may be among `below`.
    """
    digits = [item for item in below if item.box.height > 0.24 * em]
    tall = all(0.5 * em < item.box.height < 0.85 * em for item in digits)
    if not digits or not tall or any(i.glyph and i.glyph.text and not i.glyph.text.isdigit() for i in digits):
        return []
    foot, edge = max(item.box.y1 for item in digits), min(item.box.x0 for item in digits)
    for item in sorted((item for item in items if item.box.cx < edge), key=lambda item: -item.box.cx):
        if abs(item.box.y1 - foot) > 0.1 * em:
            continue
        if edge - item.box.x1 > 0.2 * em or item.kind != "glyph":
            return []
        if max(item.box.width, item.box.height) < 0.24 * em:
            return digits
        edge = item.box.x0
    return []


def _is_stop(item: Item, bar: Box, em: float) -> bool:
    """Whether the item is a full stop or comma after the fraction: small, and right of its bar."""
    small = item.box.width < 0.24 * em and item.box.height < 0.36 * em
    return item.kind == "glyph" and small and item.box.x0 > bar.x1 - 0.06 * em


def _in_text(part: list[Item], bar: Box, items: list[Item], em: float) -> bool:
    """Whether what is over (or under) a bar goes on beside it on the same line: then it is text, not a numerator."""
    foot = max(item.box.y1 for item in part)
    beside = [i.box for i in items if abs(i.box.y1 - foot) < 0.1 * em and i.box.height > 0.3 * em]
    beside = [box for box in beside if not (box.height > 0.8 * em and box.height > 2.4 * box.width)]  # no bracket
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


def page_lines(page: Page, columns: Iterable[Box]) -> tuple[list[Line], list[Box]]:
    """The lines of a page, column by column, without what belongs to its figures, and the figures."""
    figures = find_figures(page)
    free = [glyph for glyph in page.glyphs if not any(figure.holds(glyph.box) for figure in figures)]
    lines = []
    for region in columns:
        own = [glyph for glyph in free if region.holds(glyph.box)]
        lines += find_lines(own, [bar for bar in page.bars if region.holds(bar)], page.em)
    lines = [_without_labels(line, figures, page.em) for line in lines]
    return [line for line in lines if line.items], figures


def find_figures(page: Page) -> list[Box]:
    """Drawings, those close to each other taken together. What frames a good part of the page's text is no figure."""
    height, width = page.image.shape
    boxes = [box for box in page.drawings if box.width < 0.95 * width or box.height < 0.5 * height]
    most = max(30, 0.3 * len(page.glyphs))
    boxes = [box for box in boxes if sum(box.holds(glyph.box) for glyph in page.glyphs) < most]
    figures: list[Box] = []
    for box in sorted(boxes, key=lambda box: (box.y0, box.x0)):
        near = [other for other in figures if other.grown(NEAR_FIGURE * page.em).touches(box)]
        figures = [other for other in figures if other not in near] + [around([box, *near])]
    return sorted(figures, key=lambda box: (box.y0, box.x0))


def _without_labels(line: Line, figures: list[Box], em: float) -> Line:
    """Leave out the names of points and lengths of sides: short, close to a figure, and away from other text."""
    near = [figure.grown(NEAR_FIGURE * em) for figure in figures if min(figure.width, figure.height) > 2.5 * em]
    if not any(figure.touches(line.box) for figure in near):
        return line
    parts: list[list[Item]] = []
    edge = float("-inf")
    for item in line.items:
        if item.box.x0 - edge > 0.9 * em:
            parts.append([])
        parts[-1].append(item)
        edge = max(edge, item.box.x1)
    kept = []
    for part in parts:
        box = around([item.box for item in part])
        if len(part) > 4 or box.width > 2.5 * em or not any(figure.touches(box) for figure in near):
            kept += part
    return Line(tuple(kept))
