"""A line's items to the linear form: scripts, fractions, radicals.

`write` asks `read` for the text of each stretch of glyphs that stands on one baseline; `join` is such a reader for a
text layer, and `recognise.reader` makes one for a scan.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from stages.exams.fences import cells
from stages.exams.items import Item
from stages.exams.shapes import Box, Glyph, around

# From a stretch of glyphs on one baseline (left to right) and em: its text, and how sure the reading is.
Read = Callable[[list[Glyph], float], tuple[str, float]]

OVERLINE = "\u0305"  # combining; follows each digit that it stands over
OPERATORS = re.compile(r"[-+=<>≤≥·×]+")
SCRIPT_FREE = set("'\"°")  # raised or small by nature
SINGLE = re.compile(r"\d+(\.\d+)?|[A-Za-zπθαβφ]|\.\d+|\([^()]*\)")  # a script that needs no brackets, or has them
FACTOR = re.compile(
    r"(?:[√∛]?(?:\d+(?:\.\d+)?|[A-Za-zπθ]|\([^()]*\))|[fghFG]\([^()]*\))!?'?(?:[\^_](?:\d+|[A-Za-z]|\([^()]*\)))*"
)


def write(items: tuple[Item, ...], em: float, read: Read) -> tuple[str, list[tuple[int, float]]]:
    """Linear form of items on one line, and (characters, confidence) of each stretch that was read."""
    if not items:
        return "", []
    baseline, size = _baseline(items, em)
    items = _ellipses(tuple(_named(item, items, baseline, size) for item in items), size)
    pieces: list[tuple[int, list[Item]]] = []
    for item, level in zip(items, _levels(items, baseline, size), strict=True):
        if pieces and pieces[-1][0] == level and (level or _run_on(pieces[-1][1][-1], item)):
            pieces[-1][1].append(item)
        else:
            pieces.append((level, [item]))
    text, trust = "", []
    edge: float | None = None
    fraction: int | None = None  # where the fraction that ends the text starts
    for level, group in pieces:
        if level:
            inner, notes = write(tuple(group), 0.7 * size, read)
            part = ("^" if level > 0 else "_") + (inner if SINGLE.fullmatch(inner) else f"({inner})")
            if OPERATORS.fullmatch(inner):  # no script is an operator alone
                part = inner
            if part in ("^0", "^o", "^O") and text[-1:].isdigit() and group[0].glyph and group[0].glyph.labels:
                part = "°"  # of a scan too coarse for a ring to be seen
        elif group[0].kind == "glyph":
            part, notes = _stretch(group, size, read)
        else:
            part, notes = _stacked(group[0], size, read)
        if part == "°" and text[-1:].isalpha():  # a small `a` has a hole, too
            part, notes = _small_letter(group[0], size, read)
        space = edge is not None and group[0].edges[0] - edge > 0.14 * size and not level
        mixed = group[0].kind == "fraction" and not level and text[-1:].isdigit()
        if fraction is not None and not space and not level and re.match(r"[A-Za-zπθ(√]", part):
            text = f"{text[:fraction]}({text[fraction:]})"  # (1/2)x, which 1/2x is not
        text += " " if (space or mixed) and text else ""
        fraction = len(text) if group[0].kind == "fraction" and not level and not mixed else None
        text += part
        trust += notes
        edge = max(item.edges[1] for item in group)
    return text, trust


def _levels(items: tuple[Item, ...], baseline: float, em: float) -> list[int]:
    """The level of each item. What is raised too little or is too small to tell alone follows its raised neighbour."""
    levels = [_level(item, baseline, em) for item in items]
    for place, item in enumerate(items):
        # The minus of an exponent counts only where other raised ink follows it: no exponent ends in one.
        dash = levels[place] and item.glyph and item.glyph.labels and _is_dash(item, em)
        if dash and _next_level(items, item, baseline, em) != levels[place]:
            levels[place] = 0
    for place, item in enumerate(items):
        if levels[place] or not (item.glyph and item.glyph.labels) or item.glyph.text or _is_dash(item, em):
            continue
        near = [
            levels[other]
            for other in (place - 1, place + 1)
            if 0 <= other < len(items)
            and levels[other] > 0
            and max(items[other].box.x0 - item.box.x1, item.box.x0 - items[other].box.x1) < 0.2 * em
        ]
        if near and item.box.y1 < baseline - 0.2 * em and item.box.height > 0.12 * em:
            levels[place] = 1
    return levels


def _small_letter(item: Item, em: float, read: Read) -> tuple[str, list[tuple[int, float]]]:
    """A ring beside a letter: an exponent if it is read as a letter, else the degree sign."""
    assert item.glyph is not None
    text, confidence = read([replace(item.glyph, text="", ring=False)], em)
    return (f"^{text}", [(1, confidence)]) if re.fullmatch(r"[a-np-z]", text) else ("°", [(1, confidence)])


def _named(item: Item, items: tuple[Item, ...], baseline: float, em: float) -> Item:
    """A piece of ink that its shape and place name: a degree sign, a dot at half height."""
    box, glyph = item.box, item.glyph
    if glyph is None or not glyph.labels or glyph.text:
        return item
    if glyph.ring and box.y1 < baseline - 0.25 * em:
        if any(other is not item and _is_raised_beside(other.box, box, baseline, em) for other in items):
            return replace(item, glyph=replace(glyph, ring=False))  # the 0 of an exponent
        percent = any(other is not item and other.box.x0 < box.x1 <= other.box.x1 for other in items)
        return item if percent else replace(item, glyph=replace(glyph, text="°"))
    middle = max(box.width, box.height) < 0.24 * em and abs(baseline - 0.25 * em - box.cy) < 0.1 * em
    middle = middle and box.width < 1.6 * box.height
    alone = not any(o is not item and o.box.x0 < box.x1 + 0.1 * em and o.box.x1 > box.x0 - 0.1 * em for o in items)
    return replace(item, glyph=replace(glyph, text="·")) if middle and alone else item


def _is_raised_beside(other: Box, box: Box, baseline: float, em: float) -> bool:
    near = -0.05 * em < max(other.x0 - box.x1, box.x0 - other.x1) < 0.25 * em
    return near and other.y1 < baseline - 0.2 * em and other.height > 0.26 * em


def _ellipses(items: tuple[Item, ...], em: float) -> tuple[Item, ...]:
    """Three dots of ink in a row become one item."""
    found: list[Item] = []
    for item in items:
        found.append(item)
        dots = found[-3:]
        if len(dots) < 3 or any(i.glyph is None or i.glyph.text not in ("", "·") or not i.glyph.labels for i in dots):
            continue
        boxes = [i.box for i in dots]
        small = all(max(box.width, box.height) < 0.2 * em for box in boxes)
        level = max(box.y1 for box in boxes) - min(box.y1 for box in boxes) < 0.08 * em
        if small and level and boxes[2].x0 - boxes[0].x1 < 1.1 * em:
            labels = tuple(label for i in dots if i.glyph for label in i.glyph.labels)
            found[-3:] = [Item(around(boxes), "glyph", Glyph(around(boxes), "...", labels=labels))]
    return tuple(found)


def _run_on(before: Item, item: Item) -> bool:
    """Whether two neighbours on the line are read together: glyphs, or pieces of ink without a name."""
    if before.glyph is None or item.glyph is None:
        return False
    named = [glyph.text for glyph in (before.glyph, item.glyph) if glyph.labels]
    return not any(named)


def _stretch(group: list[Item], em: float, read: Read) -> tuple[str, list[tuple[int, float]]]:
    first = group[0].glyph
    if first is not None and first.labels and first.text:
        return first.text, [(1, 1.0)]
    if len(group) == 2 and all(_is_dash(item, em) for item in group) and _is_over(group[0].box, group[1].box, em):
        return "=", [(1, 1.0)]  # alone between two fractions, it is too little for a network
    text, confidence = read([item.glyph for item in group if item.glyph], em)
    return text, [(len(text), confidence)] if text else []


def _is_over(one: Box, other: Box, em: float) -> bool:
    """Whether two strokes are those of an equals sign."""
    alike = abs(one.cx - other.cx) < 0.1 * em and abs(one.width - other.width) < 0.15 * em
    return alike and 0.1 * em < abs(one.cy - other.cy) < 0.4 * em


def _stacked(item: Item, em: float, read: Read) -> tuple[str, list[tuple[int, float]]]:
    """Stacked mathematics in linear form; brackets where more than one factor stands in a fraction or a radical."""
    if item.kind == "matrix":
        return _matrix(item, em, read)
    if item.kind == "period":
        digits, notes = write(item.parts[0], em, read)
        return "".join(f"{digit}{OVERLINE}" for digit in digits), notes
    (first, notes), (second, more) = (write(part, em, read) for part in item.parts)
    if item.kind == "fraction":
        whole = "/".join(part if FACTOR.fullmatch(part) else f"({part})" for part in (first, second))
        return whole, notes + more
    sign = "∛" if second == "3" else "√"
    return sign + (first if re.fullmatch(r"\d+|[A-Za-z]|π", first) else f"({first})"), notes + more


def _matrix(item: Item, em: float, read: Read) -> tuple[str, list[tuple[int, float]]]:
    """`[1 2; 3 4]` for a matrix, `|1 2; 3 4|` for a determinant, `{x + y = 4, x - y = 2}` for a system."""
    texts, trust = [], []
    for row in item.parts:
        written = [write(cell, em, read) for cell in (cells(row, em) if item.sign != "{" else [row])]
        texts.append(" ".join(text.replace(" ", "") if item.sign != "{" else text for text, _ in written))
        trust += [note for _, notes in written for note in notes]
    if item.sign == "{":
        return "{" + ", ".join(text.rstrip(",; ") for text in texts) + "}", trust
    return item.sign[0] + "; ".join(texts) + item.sign[1], trust


def _baseline(items: tuple[Item, ...], em: float) -> tuple[float, float]:
    """Baseline and em of a line: those of its largest glyphs, or of most pieces of ink that are not raised."""
    known = [item.glyph for item in items if item.glyph and item.glyph.baseline is not None and item.glyph.size]
    if known:
        size = max(glyph.size or 0 for glyph in known)
        votes: dict[float, int] = {}
        for glyph in known:
            if (glyph.size or 0) > 0.92 * size and glyph.baseline is not None:
                votes[round(glyph.baseline, 1)] = votes.get(round(glyph.baseline, 1), 0) + 1
        return max(votes, key=lambda place: (votes[place], place)), size
    letters = [item.box for item in items if item.kind == "glyph" and item.box.height > 0.2 * em]
    if not letters:
        first = items[0]
        return (first.axis + 0.25 * em, em) if first.kind == "fraction" else (first.box.y1, em)
    size = min(em, max(box.height for box in letters) / 0.62)
    usual = [box for box in letters if box.height > 0.3 * size and not _is_fence(box, size)]
    letters = usual or letters
    near = [sum(abs(box.y1 - other.y1) < 0.09 * size for other in letters) for box in letters]
    return letters[near.index(max(near))].y1, size


def _is_fence(box: Box, em: float) -> bool:
    """Brackets and bars reach below the baseline."""
    return box.height > 0.8 * em and box.height > 2.4 * box.width


def _level(item: Item, baseline: float, em: float) -> int:
    """1 for a superscript, -1 for a subscript, 0 for what stands on the line."""
    box, glyph = item.box, item.glyph
    if item.kind == "fraction":
        rise = baseline - 0.25 * em - item.axis
        return int(rise > 0.25 * em) - int(rise < -0.35 * em)
    if glyph is not None and glyph.baseline is not None and glyph.size is not None:
        if glyph.size > 0.92 * em or glyph.text in SCRIPT_FREE:
            return 0
        rise = baseline - glyph.baseline
        return int(rise > 0.12 * em) - int(rise < -0.06 * em)
    if _is_dash(item, em):
        return int(box.cy < baseline - 0.42 * em) - int(box.cy > baseline - 0.1 * em)
    if glyph is not None and glyph.ring:
        return 0
    slight = box.width < 0.24 * em and box.height < (0.34 if box.width < 0.17 * em else 0.3) * em  # quotes, dots
    slight = slight or (box.width < 0.3 * em and box.height < 0.34 * em and box.y0 > baseline - 0.2 * em)  # commas
    if box.y1 < baseline - 0.2 * em and box.height > 0.26 * em and not slight:
        return 1
    low = box.y1 > baseline + 0.07 * em and baseline - 0.37 * em < box.y0 < baseline - 0.03 * em
    return -1 if low and box.height > 0.22 * em and not slight else 0


def _is_dash(item: Item, em: float) -> bool:
    return item.kind == "glyph" and item.box.height < 0.16 * em and item.box.width > 1.8 * item.box.height


def _next_level(items: tuple[Item, ...], item: Item, baseline: float, em: float) -> int:
    """The level of the first thing to the right that is not a dash."""
    after = items[items.index(item) + 1 :]
    return next((_level(other, baseline, em) for other in after if not _is_dash(other, em)), 0)


def join(glyphs: list[Glyph], em: float) -> tuple[str, float]:
    """`Read` for a text layer: the glyphs' own characters, a space where the gap is wide enough for one."""
    text = glyphs[0].text
    for before, glyph in pairwise(glyphs):
        gap = (glyph.pen or (glyph.box.x0,))[0] - (before.pen or (before.box.x1,))[-1]
        text += (" " if gap > 0.14 * em else "") + glyph.text
    return text, 1.0
