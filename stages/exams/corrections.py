"""Decisions of a person about single questions, kept in `data/corrections/<corpus>.jsonl` under version control.

A correction holds for the very image it was made on: it is keyed by the sha256 of the crop's pixels.
"""

from pathlib import Path

from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import StrictRecord


class Correction(StrictRecord):
    """What the question or its answer really says; what is left out stays as it was read."""

    crop_sha256: str
    statement: str | None = None
    answer: str | None = None
    note: str = ""


def read_corrections(path: Path) -> dict[str, Correction]:
    """Corrections by crop; none where there is no file. Raises StudyError where two decide about one crop."""
    found: dict[str, Correction] = {}
    for correction in read_records(path, Correction) if path.exists() else []:
        if correction.crop_sha256 in found:
            raise StudyError(f"{path}: {correction.crop_sha256}: two corrections of one crop; keep the right one")
        found[correction.crop_sha256] = correction
    return found
