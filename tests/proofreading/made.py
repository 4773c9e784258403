"""A corpus of four problems, as extract leaves it, to be decided about."""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stages.proofreading.desk import Desk
from stages.study.errors import StudyError
from stages.study.files import write_records
from stages.study.records import Problem, Reading, Source

STATEMENTS = [
    "Find the least prime number that is more than 20.",
    "Simplify (x^2 - 9)/(x + 3) as a polynomial in x.",
    "Is 1 < 2 & 3 > 2? <script>document.title = 'taken'</script><img src=x onerror=alert(1)>",
    "",
]


def made_problem(place: int, **told: Any) -> Problem:
    top = round(0.1 + 0.2 * place, 2)
    fields: dict[str, Any] = {
        "id": f"made-2031-fs-{place + 1:02}",
        "corpus": "made",
        "year": 2031,
        "section": "fs",
        "number": str(place + 1),
        "statement": STATEMENTS[place],
        "answer": "23",
        "source": Source(
            file="2031 FS.pdf", page=1, box=(100, 100, 900, 200), place=(0.1, top, 0.9, round(top + 0.05, 2))
        ),
        "reading": Reading(engine="rapidocr", confidence=0.9 - 0.2 * place, doubtful=place == 2),
    }
    if not fields["statement"]:
        fields |= {"usable": False, "reason": "no statement"}
    return Problem.model_validate(fields | told)


def made_desk(folder: Path, who: str = "me", **changes: Any) -> Desk:
    """A desk with the four problems, one page of noise, and no decision."""
    write_records(folder / "problems.jsonl", [made_problem(place) for place in range(4)])
    (folder / "crops").mkdir(exist_ok=True)
    noise = np.random.default_rng(1).integers(0, 255, (300, 200), dtype=np.uint8)
    cv2.imwrite(str(folder / "page.png"), noise)
    for place in range(4):
        cv2.imwrite(str(folder / f"crops/made-2031-fs-{place + 1:02}.png"), noise[: 20 + place])
    told: dict[str, Any] = {
        "corpus": "made",
        "problems": folder / "problems.jsonl",
        "crops": folder / "crops",
        "corrections": folder / "corrections.jsonl",
        "who": who,
        "pages": lambda file: 1,
        "page_image": lambda file, page: page_of(folder, file, page),
    }
    return Desk(**told | changes)


def page_of(folder: Path, file: str, page: int) -> Path:
    """The only page of the only file."""
    if (file, page) != ("2031 FS.pdf", 1):
        raise StudyError("no such page")
    return folder / "page.png"


def run_again(folder: Path, problems: list[Problem]) -> None:
    """What another run of extract leaves; its time differs even on a coarse clock."""
    path = folder / "problems.jsonl"
    before = path.stat().st_mtime_ns
    write_records(path, problems)
    os.utime(path, ns=(before + 10**9, before + 10**9))
