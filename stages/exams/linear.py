"""A line's items to the linear form: scripts, fractions, radicals.

`write` asks `read` for the text of each stretch of atoms that stands on one baseline; `join` is such a reader for a
text layer, and `recognise.reader` makes one for a scan.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from stages.exams.lines import Item
from stages.exams.shapes import Atom, Box, around

# From a stretch of atoms on one baseline (left to right) and em: its text, and how sure the reading is.
Read = Callable[[list[Atom], float], tuple[str, float]]

SCRIPT_FREE = set("'\"°")  # raised or small by nature
TOKEN = re.compile(r"\d+(\.\d+)?|[A-Za-zπθαβφ]|\.\d+")
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
    for item in items:
        level = _level(item, baseline, size)
        if (
            level
            and item.atom
            and item.atom.labels
            and _is_dash(item, size)
            and not (pieces and pieces[-1][0] == level)
        ):
            # The minus of an exponent counts only beside other raised ink; decided by what follows.
            level = level if _next_level(items, item, baseline, size) == level else 0
        if pieces and pieces[-1][0] == level and (level or _run_on(pieces[-1][1][-1], item)):
            pieces[-1][1].append(item)
        else:
            pieces.append((level, [item]))
    text, trust = "", []
    edge: float | None = None
    for level, group in pieces:
        if level:
            inner, notes = write(tuple(group), 0.7 * size, read)
            part = ("^" if level > 0 else "_") + (inner if TOKEN.fullmatch(inner) else f"({inner})")
        elif group[0].kind == "atom":
            part, notes = _stretch(group, size, read)
        else:
            part, notes = _stacked(group[0], size, read)
        space = edge is not None and group[0].edges[0] - edge > 0.14 * size and not level
        mixed = group[0].kind == "fraction" and not level and text[-1:].isdigit()
        text += (" " if (space or mixed) and text else "") + part
        trust += notes
        edge = max(item.edges[1] for item in group)
    return text, trust


def _named(item: Item, items: tuple[Item, ...], baseline: float, em: float) -> Item:
    """A piece of ink that its shape and place name: a degree sign, a dot at half height."""
    box, atom = item.box, item.atom
    if atom is None or not atom.labels or atom.text:
        return item
    if atom.ring and box.y1 < baseline - 0.25 * em:
        percent = any(other is not item and other.box.x0 < box.x1 <= other.box.x1 for other in items)
        return item if percent else replace(item, atom=replace(atom, text="°"))
    middle = max(box.width, box.height) < 0.24 * em and abs(baseline - 0.25 * em - box.cy) < 0.1 * em
    middle = middle and box.width < 1.6 * box.height
    alone = not any(o is not item and o.box.x0 < box.x1 + 0.1 * em and o.box.x1 > box.x0 - 0.1 * em for o in items)
    return replace(item, atom=replace(atom, text="·")) if middle and alone else item


def _ellipses(items: tuple[Item, ...], em: float) -> tuple[Item, ...]:
    """Three dots of ink in a row become one item."""
    found: list[Item] = []
    for item in items:
        found.append(item)
        dots = found[-3:]
        if len(dots) < 3 or any(i.atom is None or i.atom.text not in ("", "·") or not i.atom.labels for i in dots):
            continue
        boxes = [i.box for i in dots]
        small = all(max(box.width, box.height) < 0.2 * em for box in boxes)
        level = max(box.y1 for box in boxes) - min(box.y1 for box in boxes) < 0.08 * em
        if small and level and boxes[2].x0 - boxes[0].x1 < 1.1 * em:
            labels = tuple(label for i in dots if i.atom for label in i.atom.labels)
            found[-3:] = [Item(around(boxes), "atom", Atom(around(boxes), "...", labels=labels))]
    return tuple(found)


def _run_on(before: Item, item: Item) -> bool:
    """Whether two neighbours on the line are read together: glyphs, or pieces of ink without a name."""
    if before.atom is None or item.atom is None:
        return False
    named = [atom.text for atom in (before.atom, item.atom) if atom.labels]
    return not any(named)


def _stretch(group: list[Item], em: float, read: Read) -> tuple[str, list[tuple[int, float]]]:
    first = group[0].atom
    if first is not None and first.labels and first.text:
        return first.text, [(1, 1.0)]
    text, confidence = read([item.atom for item in group if item.atom], em)
    return text, [(len(text), confidence)] if text else []


def _stacked(item: Item, em: float, read: Read) -> tuple[str, list[tuple[int, float]]]:
    """A fraction or a radical in linear form; brackets where more than one factor stands in it."""
    (first, notes), (second, more) = (write(part, em, read) for part in item.parts)
    if item.kind == "fraction":
        whole = "/".join(part if FACTOR.fullmatch(part) else f"({part})" for part in (first, second))
        return whole, notes + more
    sign = "∛" if second == "3" else "√"
    return sign + (first if re.fullmatch(r"\d+|[A-Za-z]|π", first) else f"({first})"), notes + more


def _baseline(items: tuple[Item, ...], em: float) -> tuple[float, float]:
    """Baseline and em of a line: those of its largest glyphs, or of most pieces of ink that are not raised."""
    known = [item.atom for item in items if item.atom and item.atom.baseline is not None and item.atom.size]
    if known:
        size = max(atom.size or 0 for atom in known)
        votes: dict[float, int] = {}
        for atom in known:
            if (atom.size or 0) > 0.92 * size and atom.baseline is not None:
                votes[round(atom.baseline, 1)] = votes.get(round(atom.baseline, 1), 0) + 1
        return max(votes, key=lambda place: (votes[place], place)), size
    letters = [item.box for item in items if item.kind == "atom" and item.box.height > 0.2 * em]
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
    box, atom = item.box, item.atom
    if item.kind == "fraction":
        rise = baseline - 0.25 * em - item.axis
        return int(rise > 0.25 * em) - int(rise < -0.35 * em)
    if atom is not None and atom.baseline is not None and atom.size is not None:
        if atom.size > 0.92 * em or atom.text in SCRIPT_FREE:
            return 0
        rise = baseline - atom.baseline
        return int(rise > 0.12 * em) - int(rise < -0.06 * em)
    if _is_dash(item, em):
        return int(box.cy < baseline - 0.42 * em)
    if atom is not None and atom.ring:
        return 0
    slight = box.width < 0.24 * em and box.height < 0.34 * em  # quotes, dots
    slight = slight or (box.width < 0.3 * em and box.y0 > baseline - 0.2 * em)  # commas
    if box.y1 < baseline - 0.2 * em and box.height > 0.26 * em and not slight:
        return 1
    low = box.y1 > baseline + 0.07 * em and baseline - 0.37 * em < box.y0 < baseline - 0.03 * em
    return -1 if low and box.height > 0.22 * em and not slight else 0


def _is_dash(item: Item, em: float) -> bool:
    return item.kind == "atom" and item.box.height < 0.16 * em and item.box.width > 1.8 * item.box.height


def _next_level(items: tuple[Item, ...], item: Item, baseline: float, em: float) -> int:
    """The level of the first thing to the right that is not a dash."""
    after = items[items.index(item) + 1 :]
    return next((_level(other, baseline, em) for other in after if not _is_dash(other, em)), 0)


def join(atoms: list[Atom], em: float) -> tuple[str, float]:
    """`Read` for a text layer: the glyphs' own characters, a space where the gap is wide enough for one."""
    text = atoms[0].text
    for before, atom in pairwise(atoms):
        gap = (atom.pen or (atom.box.x0,))[0] - (before.pen or (before.box.x1,))[-1]
        text += (" " if gap > 0.14 * em else "") + atom.text
    return text, 1.0
