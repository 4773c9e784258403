"""A scan, known by its ink only: cleaned, turned level, split into connected components. `from_scan` is the door."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from stages.exams.fences import fence_of
from stages.exams.shapes import Box, Glyph, Page, around

SPECK, ALONE, DOTS = 0.24, 1.0, 0.6  # em: size of a full stop; how far from letters, or in a row, none stands
MOST_COMPONENTS = 20_000  # a full page of small print has 6,000; more is a photograph or noise


def from_scan(file: str, number: int, image: np.ndarray, dpi: int) -> Page:
    """A page known by its ink only: turned level, and split into connected components."""
    image = straighten(_without_specks(_level_paper(image), dpi))
    otsu, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # Hairlines are greyer than stems: ink starts a third of the way from Otsu's threshold to white.
    ink = (image <= otsu + (255 - otsu) / 3).astype(np.uint8) * 255
    if (image < 128).mean() < 1e-4:  # a blank page: Otsu would make paper grain into ink
        ink[:] = 0
    bars = _take_rules(ink, dpi)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count > MOST_COMPONENTS:
        count = 1
    em = _em(stats[1:count, cv2.CC_STAT_HEIGHT], dpi)
    stops = np.append(False, _stops(stats[1:count], em))
    glyphs, drawings, fragments = [], [], []
    for label in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[label])
        box = Box(x, y, x + w, y + h)
        if area < 6 * (dpi / 200) ** 2 and not stops[label]:  # less than any full stop
            fragments.append(Glyph(box, labels=(label,)))
            continue
        piece = labels[y : y + h, x : x + w] == label
        if fence := fence_of(piece, em):
            glyphs.append(Glyph(box, fence, labels=(label,)))
            continue
        if h > 2.8 * em or (w > 6 * em and h > 0.5 * em):
            drawings.append(box)
            continue
        if h <= max(4, 0.18 * em) and w >= 2.2 * h:
            bars.append(box)
        root = _split_root(piece, em)
        if root is not None:
            glyphs.append(Glyph(Box(x, y, x + root, y + h), "√", labels=(label,)))
            bars.append(Box(x + root, y, x + w, y + max(2, 0.06 * em)))
            continue
        glyphs.append(Glyph(box, labels=(label,), ring=_is_ring(piece, em)))
    glyphs = _join_fragments(_join_dots(glyphs, bars, em), fragments, round(dpi / 66))
    glyphs = _without_lone_specks(glyphs, em)
    return Page(file, number, image, glyphs, _chained(bars, em), drawings, em, labels)


def _without_lone_specks(glyphs: list[Glyph], em: float) -> list[Glyph]:
    """The glyphs without dirt that is as large as a full stop, but stands farther from letters than one does.

    The dots of an ellipsis stand near each other, dirt rarely does.
    """
    x0, y0, x1, y1 = np.array([(g.box.x0, g.box.y0, g.box.x1, g.box.y1) for g in glyphs], float).reshape(-1, 4).T
    small = np.maximum(x1 - x0, y1 - y0) < SPECK * em
    dirt = np.zeros(len(glyphs), bool)
    for place in np.flatnonzero(small):
        gaps = [x0 - x1[place], x0[place] - x1, y0 - y1[place], y0[place] - y1]
        distance = np.max(gaps, axis=0)
        dots = (small & (distance < DOTS * em)).sum() - 1
        dirt[place] = distance[~small].min(initial=np.inf) > ALONE * em and dots < 2
    return [glyph for glyph, gone in zip(glyphs, dirt, strict=True) if not gone]


def _chained(bars: list[Box], em: float) -> list[Box]:
    """Bars, and the long rules that rows of short ones (scanned underscores, dashes) make up together."""
    rows: list[list[Box]] = []
    for bar in sorted(bars, key=lambda bar: bar.x0):
        row = next((r for r in rows if abs(r[-1].cy - bar.cy) < 0.12 * em and 0 < bar.x0 - r[-1].x1 < 0.35 * em), None)
        if row:
            row.append(bar)
        else:
            rows.append([bar])
    return bars + [around(row) for row in rows if len(row) > 2 and around(row).width > 3 * em]


def _level_paper(image: np.ndarray) -> np.ndarray:
    """The scan on white paper: shadow and grey ground are divided out where they are there."""
    small = cv2.resize(image, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 9)
    if paper.min() > 225 or (image < 128).mean() > 0.5:
        return image
    ground = cv2.resize(paper, image.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.clip(image * (255 / np.maximum(ground, 60)), 0, 255).astype(np.uint8)


def _join_fragments(glyphs: list[Glyph], fragments: list[Glyph], reach: int) -> list[Glyph]:
    """Give each fragment to the letter that it came off."""
    glyphs = list(glyphs)
    if not glyphs or not fragments:
        return glyphs
    x0, y0, x1, y1 = np.array([(g.box.x0, g.box.y0, g.box.x1, g.box.y1) for g in glyphs]).T
    named = np.array([g.text != "" for g in glyphs])
    for fragment in fragments:
        x, y = fragment.box.cx, fragment.box.cy
        distance = np.max([x0 - x, x - x1, y0 - y, y - y1], axis=0)
        distance[named] = np.inf
        place = int(distance.argmin())
        if distance[place] <= reach:
            old = glyphs[place]
            glyphs[place] = replace(old, box=around([old.box, fragment.box]), labels=old.labels + fragment.labels)
    return glyphs


def _without_specks(image: np.ndarray, dpi: int) -> np.ndarray:
    """The scan without dirt: pieces of ink smaller than any full stop."""
    otsu, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = (image <= otsu).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= 5 * (dpi / 200) ** 2
    small[0] = False
    small[1:] &= ~_stops(stats[1:], _em(stats[1:, cv2.CC_STAT_HEIGHT], dpi))
    fragments = small[labels]
    # A fragment close to a letter is a part of it that came loose: the bar of an e, the tail of a comma.
    reach = 2 * round(dpi / 66) + 1
    near = cv2.dilate(((ink > 0) & ~fragments).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    gone = np.ones(len(small), bool)
    gone[np.unique(labels[fragments & near])] = False
    dirt = (small & gone)[labels]
    halo = cv2.dilate(dirt.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(halo & (dirt | (ink == 0)), np.uint8(255), image)


def _stops(stats: np.ndarray, em: float) -> np.ndarray:
    """Which components stand where a full stop stands, however small: at the foot of a letter, close to its right."""
    x0, y0, width, height = stats[:, :4].T
    x1, y1 = x0 + width, y0 + height
    letters = np.flatnonzero((height > 0.3 * em) & (height < 1.2 * em))
    found = np.zeros(len(stats), bool)
    for place in np.flatnonzero((height < 0.15 * em) & (width < 0.15 * em) & (stats[:, 4] > 1)):
        gap = x0[place] - x1[letters]
        found[place] = bool(((gap >= 0) & (gap < 0.25 * em) & (np.abs(y1[place] - y1[letters]) < 0.1 * em)).any())
    return found


def _em(heights: np.ndarray, dpi: int) -> float:
    """Size of the body text from the heights of its pieces: low letters are 0.45 em high, digits and capitals 0.66."""
    letters = heights[(heights > dpi / 25) & (heights < dpi / 4)]
    if not len(letters):
        return dpi * 11 / 72
    low, high = np.percentile(letters, [25, 80])
    return float(low / 0.45 if high > 1.25 * low else np.median(letters) / 0.66)


def _take_rules(ink: np.ndarray, dpi: int) -> list[Box]:
    """Take the long rules (answer lines, underlines, frames) out of the ink, so that what touches them stands free."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # a rule that was turned level is a stair
    strokes = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(0.7 * dpi)), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    rules = []
    for x, y, w, h, _ in stats[1:count].tolist():
        if h <= max(8, dpi / 20):
            rules.append(Box(x, y + 1, x + w, y + h - 1))
            ink[y : y + h, x : x + w] = 0
    return rules


def _join_dots(glyphs: list[Glyph], bars: list[Box], em: float) -> list[Glyph]:
    """Join the dots of i, j, ?, ! and : to what stands above or below them."""
    small = [a for a in glyphs if a.box.height < 0.22 * em and a.box.width < 0.22 * em]
    bodies = [a for a in glyphs if a.box not in bars and a.box.height < 1.2 * em and a.text == ""]
    partner: dict[int, int] = {}
    for dot in small:
        near = [
            (max(body.box.y0 - dot.box.y1, dot.box.y0 - body.box.y1), place)
            for place, body in enumerate(bodies)
            if body is not dot
            and body.box.x0 - 0.05 * em <= dot.box.cx <= body.box.x1 + 0.05 * em
            and (body.box.y1 < dot.box.cy or not _ends_a_word(dot.box, bodies, em))
        ]
        gap, place = min(near, default=(em, 0))
        if 0 <= gap < 0.33 * em:
            partner[id(dot)] = place
    joined: dict[int, Glyph] = {}
    for dot in small:
        if id(dot) in partner:
            body = bodies[partner[id(dot)]]
            if id(body) in partner:  # two dots of a colon: the second follows the first
                continue
            old = joined.get(id(body), body)
            joined[id(body)] = Glyph(around([old.box, dot.box]), labels=old.labels + dot.labels)
    gone = {id(dot) for dot in small if id(dot) in partner and id(bodies[partner[id(dot)]]) not in partner}
    return [joined.get(id(glyph), glyph) for glyph in glyphs if id(glyph) not in gone]


def _ends_a_word(dot: Box, bodies: list[Glyph], em: float) -> bool:
    """Whether a dot is the full stop of the word to its left, and not part of a letter on the line below."""
    return any(
        0 <= dot.x0 - body.box.x1 < 0.25 * em and abs(dot.y1 - body.box.y1) < 0.1 * em and body.box.height > 0.3 * em
        for body in bodies
    )


def _split_root(piece: np.ndarray, em: float) -> int | None:
    """Where the overline of a radical sign starts, if this piece of ink is one: its right part is the line alone."""
    height, width = piece.shape
    if height < 0.7 * em or width < 0.9 * em:
        return None
    lowest = height - 1 - np.argmax(piece[::-1], axis=0)  # last inked row of each column
    thin = max(4, 0.14 * em)
    flat = (lowest < thin) & piece.any(axis=0)
    start = width - int(np.argmin(flat[::-1])) if not flat.all() else 0
    if start == 0 or width - start < 0.35 * em or start < 0.3 * em or start > 0.9 * height:
        return None  # where a digit touches the sign, it is left to the network
    # The sign's lowest point lies in its left part, and the stroke to the line rises from there.
    return start if lowest[:start].max() >= height - 2 and np.argmax(lowest) < start else None


def _is_ring(piece: np.ndarray, em: float) -> bool:
    """A small ellipse with a hole: the degree sign, or a part of the percent sign."""
    height, width = piece.shape
    if not (0.15 * em < height < 0.42 * em and 0.5 < width / height < 1.4):
        return False
    count, parts = cv2.connectedComponents((~np.pad(piece, 1)).astype(np.uint8), connectivity=4)
    filled = (parts != parts[0, 0])[1:-1, 1:-1]
    if count != 3 or filled.sum() - piece.sum() < 0.12 * filled.sum():  # ink, paper outside, and one hole
        return False
    y, x = np.mgrid[:height, :width] + 0.5
    ellipse = (2 * x / width - 1) ** 2 + (2 * y / height - 1) ** 2 <= 1
    return bool((filled != ellipse).sum() < 0.25 * ellipse.sum())


def straighten(image: np.ndarray) -> np.ndarray:
    """Turn a scan so that its lines of text are level."""
    degrees = slant(image)
    if abs(degrees) < 0.03:
        return image
    height, width = image.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)


def slant(image: np.ndarray) -> float:
    """How many degrees clockwise the lines of text are turned: the angle whose row profile varies most, within 3."""
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    if (half < 140).sum() < 200:
        return 0.0
    best = max(np.arange(-3, 3.01, 0.25), key=_sharpness(half))
    return float(max(np.arange(best - 0.25, best + 0.251, 0.05), key=_sharpness(image)))


def _sharpness(image: np.ndarray) -> Callable[[float], float]:
    """How much the ink of a row differs from that of the next, as a function of the slant assumed (degrees)."""
    rows, columns = (places.astype(np.float32) for places in np.nonzero(image < 140))

    def measure(degrees: float) -> float:
        level = np.rint(rows - columns * np.tan(np.radians(degrees))).astype(np.int64)
        counts = np.bincount(level - level.min())
        return float((np.diff(counts).astype(np.float64) ** 2).sum())

    return measure
