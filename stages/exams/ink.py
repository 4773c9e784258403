"""A scan, known by its ink only: cleaned, turned upright, and split into connected pieces. `from_scan` is the door."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from stages.exams.shapes import Atom, Box, Page, around


def from_scan(file: str, number: int, image: np.ndarray, dpi: int) -> Page:
    """A page known by its ink only: turned upright, and split into connected pieces."""
    image = straighten(_without_specks(image, dpi))
    otsu, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # Hairlines are greyer than stems: ink starts a third of the way from Otsu's threshold to white.
    ink = (image <= otsu + (255 - otsu) / 3).astype(np.uint8) * 255
    if (image < 128).mean() < 1e-4:  # a blank page: Otsu would make paper grain into ink
        ink[:] = 0
    bars = _take_rules(ink, dpi)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    em = _em(stats[1:, cv2.CC_STAT_HEIGHT], dpi)
    atoms, drawings, crumbs = [], [], []
    for label in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[label])
        box = Box(x, y, x + w, y + h)
        if area < 6:
            crumbs.append(Atom(box, labels=(label,)))
            continue
        if h > 2.8 * em or (w > 6 * em and h > 0.5 * em):
            drawings.append(box)
            continue
        piece = labels[y : y + h, x : x + w] == label
        if h <= max(4, 0.18 * em) and w >= 2.2 * h:
            bars.append(box)
        root = _split_root(piece, em)
        if root is not None:
            atoms.append(Atom(Box(x, y, x + root, y + h), "√", labels=(label,)))
            bars.append(Box(x + root, y, x + w, y + max(2, 0.06 * em)))
            continue
        atoms.append(Atom(box, labels=(label,), ring=_is_ring(piece, em)))
    atoms = _join_crumbs(_join_dots(atoms, bars, em), crumbs, round(dpi / 66))
    return Page(file, number, image, atoms, bars, drawings, em, labels)


def _join_crumbs(atoms: list[Atom], crumbs: list[Atom], reach: int) -> list[Atom]:
    """Give each crumb to the letter that it came off."""
    atoms = list(atoms)
    for crumb in crumbs:
        x, y = crumb.box.cx, crumb.box.cy
        places = [
            (max(a.box.x0 - x, x - a.box.x1, a.box.y0 - y, y - a.box.y1), place)
            for place, a in enumerate(atoms)
            if a.text == ""
        ]
        distance, place = min(places, default=(reach + 1, 0))
        if distance <= reach:
            old = atoms[place]
            atoms[place] = replace(old, box=around([old.box, crumb.box]), labels=old.labels + crumb.labels)
    return atoms


def _without_specks(image: np.ndarray, dpi: int) -> np.ndarray:
    """The scan without dirt: pieces of ink smaller than any full stop."""
    otsu, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = (image <= otsu).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= 5 * (dpi / 200) ** 2
    small[0] = False
    crumbs = small[labels]
    # A crumb close to a letter is a part of it that came loose: the bar of an e, the tail of a comma.
    reach = 2 * round(dpi / 66) + 1
    near = cv2.dilate(((ink > 0) & ~crumbs).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    gone = np.ones(len(small), bool)
    gone[np.unique(labels[crumbs & near])] = False
    dirt = (small & gone)[labels]
    halo = cv2.dilate(dirt.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(halo & (dirt | (ink == 0)), np.uint8(255), image)


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


def _join_dots(atoms: list[Atom], bars: list[Box], em: float) -> list[Atom]:
    """Join the dots of i, j, ?, ! and : to what stands above or below them."""
    small = [a for a in atoms if a.box.height < 0.22 * em and a.box.width < 0.22 * em]
    bodies = [a for a in atoms if a.box not in bars and a.box.height < 1.2 * em and a.text == ""]
    partner: dict[int, int] = {}
    for dot in small:
        near = [
            (max(body.box.y0 - dot.box.y1, dot.box.y0 - body.box.y1), place)
            for place, body in enumerate(bodies)
            if body is not dot and body.box.x0 - 0.05 * em <= dot.box.cx <= body.box.x1 + 0.05 * em
        ]
        gap, place = min(near, default=(em, 0))
        if 0 <= gap < 0.33 * em:
            partner[id(dot)] = place
    joined: dict[int, Atom] = {}
    for dot in small:
        if id(dot) in partner:
            body = bodies[partner[id(dot)]]
            if id(body) in partner:  # two dots of a colon: the second follows the first
                continue
            old = joined.get(id(body), body)
            joined[id(body)] = Atom(around([old.box, dot.box]), labels=old.labels + dot.labels)
    gone = {id(dot) for dot in small if id(dot) in partner and id(bodies[partner[id(dot)]]) not in partner}
    return [joined.get(id(atom), atom) for atom in atoms if id(atom) not in gone]


def _split_root(piece: np.ndarray, em: float) -> int | None:
    """Where the overline of a radical sign starts, if this piece of ink is one: its right part is the line alone."""
    height, width = piece.shape
    if height < 0.7 * em or width < 0.9 * em:
        return None
    lowest = height - 1 - np.argmax(piece[::-1], axis=0)  # last inked row of each column
    thin = max(4, 0.14 * em)
    flat = (lowest < thin) & piece.any(axis=0)
    start = width - int(np.argmin(flat[::-1])) if not flat.all() else 0
    if start == 0 or width - start < 0.35 * em or start < 0.3 * em:
        return None
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
