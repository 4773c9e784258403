"""Columns of text on a page, told by the empty strip between them. `find_columns` is the door."""

from itertools import pairwise

import cv2
import numpy as np

from stages.exams.shapes import Box, Page

CELL = 0.25  # em: width and half the height of the cells in which ink is counted
GUTTER = 1.2  # em: the narrowest strip between two columns
MIDDLE = (0.3, 0.7)  # of the text's width: where that strip may lie
TALLEST = 0.55  # of the rows that hold ink: how many the strip must part at least
NEARLY = 0.8  # of the rows that the best strip parts: a strip that parts so many will do
FEWEST = 20  # rows of cells with ink on a page of two columns
BESIDE = 3  # rows with text that either side must hold
PROSE = 8.0  # em of words without a wide gap, which each column must hold once; a row of options does not
PIECE = 0.15  # em: what is smaller is dirt


def find_columns(page: Page) -> list[Box]:
    """The page's regions in the order in which they are read: above the columns, left, right, and below them.

    One region, the whole page, where the text stands in one column.
    """
    height, width = page.image.shape
    whole = [Box(0, 0, width, height)]
    pieces = [glyph.box for glyph in page.glyphs if max(glyph.box.width, glyph.box.height) > PIECE * page.em]
    text = _inked(page, pieces)
    # A line between columns is no drawing.
    grid = text | _inked(page, [box for box in page.drawings if box.width > 0.3 * page.em])
    left, right = _extent(grid)
    size = round(GUTTER / CELL)
    rows = np.asarray(grid.any(axis=1))
    if rows.sum() < FEWEST:
        return whole
    found: list[tuple[int, int, int, int]] = []  # rows parted, column, first and last row
    for column in range(round(left + MIDDLE[0] * (right - left)), round(left + MIDDLE[1] * (right - left)) - size):
        first, last = _longest(rows, _clear(grid, column, size))
        part = text[first:last]
        sides = (part[:, :column].any(axis=1).sum(), part[:, column + size :].any(axis=1).sum())
        count = int(rows[first:last].sum())
        wide = all(_longest_words(side) >= PROSE / CELL for side in (part[:, :column], part[:, column + size :]))
        if wide and count >= max(FEWEST, TALLEST * rows.sum()) and min(sides) >= BESIDE:
            found.append((count, column, first, last))
    if not found:
        return whole
    # The leftmost strip, as the next may part numbers from their text; as far right as it is as long, where centred
    # titles cross it.
    found = [place for place in found if place[0] >= NEARLY * max(found)[0]]
    end = next((k for k, (one, two) in enumerate(pairwise(found)) if two[1] > one[1] + 1), len(found) - 1)
    _, column, top, last = max(found[: end + 1])
    bottom = _before_heading(grid, column, last)
    cell = CELL * page.em
    x, y0, y1 = (column + size / 2) * cell, 2 * cell * top, 2 * cell * bottom
    return [Box(0, 0, width, y0), Box(0, y0, x, y1), Box(x, y0, width, y1), Box(0, y1, width, height)]


def _inked(page: Page, boxes: list[Box]) -> np.ndarray:
    """Which cells of the page (rows x columns) the boxes touch."""
    height, width = page.image.shape
    cell = CELL * page.em
    grid = np.zeros((int(height / (2 * cell)) + 2, int(width / cell) + 2), bool)
    for box in boxes:
        x0, y0, x1, y1 = box.whole()
        grid[int(y0 / (2 * cell)) : int(y1 / (2 * cell)) + 1, int(x0 / cell) : int(x1 / cell) + 1] = True
    return grid


def _longest_words(part: np.ndarray) -> int:
    """The most cells of a row that hold words, gaps of two cells and less counted in."""
    closed = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    runs = np.diff(np.pad(closed, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    return int((np.flatnonzero(runs.ravel() == -1) - np.flatnonzero(runs.ravel() == 1)).max(initial=0))


def _before_heading(grid: np.ndarray, column: int, bottom: int) -> int:
    """The row where columns end: a short line on the left, close above what ends them, is that text's heading."""
    rows = np.asarray(grid.any(axis=1))
    if not rows[bottom : bottom + 4].any():
        return bottom
    end = bottom
    while end > 0 and not rows[end - 1]:
        end -= 1
    first = end
    while first > 0 and rows[first - 1] and end - first < 5:
        first -= 1
    alone = not grid[first:end, column:].any() and not rows[max(0, first - 2) : first].any()
    return first if alone and bottom - first < 8 else bottom


def _clear(grid: np.ndarray, column: int, size: int) -> np.ndarray:
    """Which rows hold no ink in `size` columns of cells from `column` on."""
    return np.asarray(~grid[:, column : column + size].any(axis=1))


def _extent(grid: np.ndarray) -> tuple[int, int]:
    """The first and the last column of cells that hold ink in more than a row or two."""
    found = np.flatnonzero(grid.sum(axis=0) > 2)
    return (int(found[0]), int(found[-1])) if len(found) else (0, 0)


def _longest(rows: np.ndarray, clear: np.ndarray) -> tuple[int, int]:
    """Of the stretches of clear rows the one (first, last + 1) that holds the most rows with ink."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], clear, [False]]).astype(np.int8)))
    stretches = [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]
    return max(stretches, key=lambda s: (int(rows[s[0] : s[1]].sum()), -s[0]), default=(0, 0))
