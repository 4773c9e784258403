"""The second reader of a scan: each strip that the network read is read again by another engine or at another scale.

Either Tesseract (5, Apache-2.0) reads all strips of a page in one run of its program, or the same network reads every
strip at 0.8 of its height and with its strokes thickened, which shifts what it is unsure of. `read_again` is the door;
what the readings agree on is measured in `doubt`.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from stages.exams.characters import plain
from stages.exams.dispute import SHORT, dispute
from stages.exams.keys import KeyEntry
from stages.exams.outline import PageAnalysis, ReadLine
from stages.exams.recognise import Strip, recognise
from stages.exams.shapes import Box
from stages.study.errors import StudyError

SECONDS = 60  # for all strips of a page
HEIGHT = 44  # rows of a strip as Tesseract reads it best: capitals some 30 high
MARGIN = 12  # pixels of white around such a strip; Tesseract's manual advises some ten
SMALLER = 0.8  # of a strip's height, at which the network reads it again


def read_again(analysis: PageAnalysis, strips: Sequence[Strip], who: str, threads: int) -> PageAnalysis:
    """The analysis with the second reader's agreement on every line and every entry of the key."""
    texts = second_texts(strips, who, threads)
    pairs = [(strip.text, text) for strip, text in zip(strips, texts, strict=True)]
    lines = [_line(line, pairs[slice(*line.strips)]) if line.weight else line for line in analysis.lines]
    key = [_entry(entry, strips, pairs) for entry in analysis.key]
    return analysis.model_copy(update={"lines": lines, "key": key})


def _line(line: ReadLine, pairs: Sequence[tuple[str, str]]) -> ReadLine:
    done, rest = "", line.text
    for first, second in pairs:  # strips stand in the text in their order
        if first and first in rest:
            before, _, rest = rest.partition(first)
            done += before + second
    return line.model_copy(update={"dispute": dispute(pairs), "second": done + rest})


def _entry(entry: KeyEntry, strips: Sequence[Strip], pairs: Sequence[tuple[str, str]]) -> KeyEntry:
    cell = Box(*entry.box)
    own = [
        (strip, pair)
        for strip, pair in zip(strips, pairs, strict=True)
        if cell.holds(strip.box) and strip.text and strip.text in entry.text
    ]
    if not own:
        return entry
    lowest = min(strip.lowest for strip, _ in own)
    return entry.model_copy(update={"dispute": dispute(pair for _, pair in own), "lowest": lowest})


@cache
def engine(who: str) -> str:
    """Name and version of the second reader that the setting `who` names; raises StudyError where it is missing."""
    if who == "network":
        return who
    program = shutil.which("tesseract")
    if program is None:
        raise StudyError("second_reader: tesseract: no program of that name; install it, or set network")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return (told.stdout or told.stderr).splitlines()[0]


def second_texts(strips: Sequence[Strip], who: str, threads: int) -> list[str]:
    """What the second reader reads on each strip. A sign or two alone are beyond Tesseract: the network reads them."""
    alone = who == "network"
    longer = [] if alone else [strip.image for strip in strips if len(strip.text) > SHORT]
    read = iter(_tesseract(longer, threads))
    return [_network(strip.image, threads) if alone or len(strip.text) <= SHORT else next(read) for strip in strips]


def _network(image: np.ndarray, threads: int) -> str:
    thick = cv2.erode(image, np.ones((2, 2), np.uint8))
    small = cv2.resize(thick, None, fx=SMALLER, fy=SMALLER, interpolation=cv2.INTER_AREA)
    return plain("".join(sign for sign, _, _ in recognise(small, threads))).strip()


def _tesseract(images: Sequence[np.ndarray], threads: int) -> list[str]:
    """One run over all strips: psm 7, a single line each; a form feed ends each strip's text."""
    if not images:
        return []
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for place, image in enumerate(images):
            name = Path(folder) / f"{place}.png"
            scale = HEIGHT / image.shape[0]
            scaled = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(name), np.pad(scaled, MARGIN, constant_values=255), [cv2.IMWRITE_PNG_COMPRESSION, 1])
            names.append(str(name))
        listed = Path(folder) / "strips.txt"
        listed.write_text("\n".join(names) + "\n", encoding="utf-8")
        try:
            run = subprocess.run(
                ["tesseract", str(listed), "stdout", "--psm", "7", "-l", "eng"],
                env=os.environ | {"OMP_THREAD_LIMIT": str(threads)},
                capture_output=True,
                timeout=SECONDS,
                check=True,
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return [""] * len(images)  # no second opinion is doubt, never an end
    texts = run.stdout.decode("utf-8", "replace").split("\f")
    texts = [plain(" ".join(text.split())) for text in texts[: len(images)]]
    return texts + [""] * (len(images) - len(texts))
