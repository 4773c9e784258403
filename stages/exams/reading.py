"""One page of a file to its analysis and its image: opened, turned upright, read, and read again.

`read_page` is the door. It runs in a process of its own (`isolated`), as a page is whatever somebody scanned.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stages.exams.columns import find_columns
from stages.exams.ink import from_scan
from stages.exams.items import Line
from stages.exams.keys import average
from stages.exams.linear import Read, join, write
from stages.exams.lines import page_lines
from stages.exams.outline import PageAnalysis, ReadLine, analyse_page
from stages.exams.pages import open_page
from stages.exams.settings import ExtractSettings
from stages.exams.shapes import Page

PROBES = 5  # lines read to tell whether a page stands on its head
LEGIBLE = 0.9  # mean confidence from which a line is taken to stand upright


def read_page(path: Path, number: int, settings: ExtractSettings, threads: int) -> tuple[PageAnalysis, np.ndarray]:
    """The analysis of page `number` (from 1), and its upright image; raises StudyError for a page that is none."""
    cv2.setNumThreads(threads)
    page = open_page(path, number, settings.dpi)
    if page.labels is None:
        return analyse_page(page, join, _line_reader(page, join, [])), page.image
    from stages.exams.recognise import Strip, reader  # the network is loaded only where a page needs it
    from stages.exams.second import read_again

    page = _upright(page, settings.dpi, threads)
    strips: list[Strip] = []
    read = reader(page, threads, strips)
    analysis = analyse_page(page, read, _line_reader(page, read, strips))
    return read_again(analysis, strips, settings.second_reader, threads), page.image


def _line_reader(page: Page, read: Read, strips: Sequence[Any]) -> Callable[[Line, int], ReadLine]:
    """How a line of the page becomes text; `read` adds what it reads of a scan to `strips`."""

    def read_line(line: Line, taken: int) -> ReadLine:
        first = len(strips)
        text, trust = write(line.items[taken:], page.em, read)
        box = line.box
        return ReadLine(
            box=(box.x0, box.y0, box.x1, box.y1),
            text=text,
            weight=sum(count for count, _ in trust),
            confidence=average(trust) if trust else 1.0,
            lowest=min((strip.lowest for strip in strips[first:]), default=1.0),
            strips=(first, len(strips)),
            stacked=any(item.kind != "glyph" for item in line.items) or "^" in text or "_" in text,
        )

    return read_line


def _upright(page: Page, dpi: int, threads: int) -> Page:
    """The page turned by quarter turns until its lines can be read; as it is where they can be read at once.

    Of a page on its side 0.1 to 0.7 can be read, of an upright one more than 0.9, however little stands on it.
    """
    if _legibility(page, threads) >= LEGIBLE:
        return page
    turned = [from_scan(page.file, page.number, np.rot90(page.image, turns), dpi) for turns in (1, 2, 3)]
    return max([page, *turned], key=lambda page: _legibility(page, threads))


def _legibility(page: Page, threads: int) -> float:
    """Mean confidence over the first words of the page's longest lines; 1 for a page without lines."""
    from stages.exams.recognise import reader

    read = reader(page, threads, [])
    lines = sorted(page_lines(page, find_columns(page))[0], key=lambda line: -len(line.items))[:PROBES]
    trust = []
    for line in lines:
        glyphs = [item.glyph for item in line.items if item.glyph][:24]
        if len(glyphs) > 3:
            trust.append(read(glyphs, page.em)[1])
    return float(np.median(trust)) if trust else 1.0
