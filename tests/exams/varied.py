"""How well the layout rules do on generated papers, by the features of the papers.

    python -m tests.exams.varied --pages 300 --seed 1000 [--only text|scan] [--log FILE]

makes papers from the given seed on until they have so many pages, reads them, and prints what was missed, then a table
of misses by feature, then the shares: recall (questions found whole and in their place), precision, answers right.
What the network reads on a strip is kept in `.cache/varied.sqlite`, so that an edit of the layout code costs no OCR.
"""

import argparse
import hashlib
import json
import random
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from stages.exams import reading, recognise
from stages.exams.assemble import Paper, assemble
from stages.exams.linear import join
from stages.exams.outline import PageAnalysis, analyse_page
from stages.exams.pages import count_pages, open_page
from stages.exams.questions import question_text
from tests.exams.generator import SECTIONS, Made, make
from tests.exams.papers import worn_scan

DPI = 200
ALIKE = 80  # of 100: letters of a marker that must agree, as the reading is not what is measured here


@dataclass
class Score:
    """Counts over papers. `misses` has for each feature how many things went wrong, of how many papers."""

    papers: int = 0
    pages: int = 0
    asked: int = 0
    found: int = 0
    extra: int = 0
    answers: int = 0
    right: int = 0
    faults: list[str] = field(default_factory=list)
    misses: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)


def read_layout(path: Path, number: int) -> PageAnalysis:
    """A page read once, as `reading.read_page` does it, without the second reader."""
    page = open_page(path, number, DPI)
    if page.labels is None:
        return analyse_page(page, join, reading._line_reader(page, join, []))
    page = reading._upright(page, DPI, 1)
    strips: list[recognise.Strip] = []
    read = recognise.reader(page, 1, strips)
    return analyse_page(page, read, reading._line_reader(page, read, strips))


def measure(seed: int, folder: Path, score: Score, only: str = "") -> None:
    """Make and read the paper of this seed, and add to the score what came out."""
    made = make(seed)
    rng = random.Random(f"scan {seed}")
    scan = rng.random() < 0.65 if not only else only == "scan"
    made.features["scan"] = "no"
    files = {}
    for name, data in made.files.items():
        path = folder / name
        path.write_bytes(worn_scan(data, rng, made.features) if scan else data)
        pages = [read_layout(path, n) for n in range(1, count_pages(path) + 1)]
        files[name] = [page.model_copy(update={"file": name}) for page in pages]
        path.unlink()
    papers, outcomes = assemble(files, SECTIONS)
    before = len(score.faults)
    own = [paper for paper in papers if (paper.exam.year, paper.exam.code) == (made.year, made.section)]
    others = sum(len(paper.exam.questions) for paper in papers if paper not in own)
    _compare(made, own[0] if own else None, score)
    score.extra += others
    if others:
        score.faults.append(f"{seed}: {others} questions of another section or year")
    score.papers += 1
    score.pages += sum(len(pages) for pages in files.values())
    lost = len(score.faults) - before
    if lost:
        score.faults += [f"{seed}:   {name}: {t}" for name, o in outcomes.items() for t in o.troubles]
    for feature in (f"{name}: {value}" for name, value in made.features.items()):
        score.seen[feature] += 1
        score.misses[feature] += lost


def _compare(made: Made, paper: Paper | None, score: Score) -> None:
    statements: dict[str, str] = {}
    for question in paper.exam.questions if paper else []:
        assert paper is not None
        page = paper.pages[question.page]
        statements[question.label.number] = question_text(
            page, question, paper.pages.get(question.page + 1)
        ).statement.lower()
    score.asked += len(made.asked)
    score.answers += len(made.answers)
    score.extra += len(set(statements) - set(made.asked))
    score.faults += [f"{made.seed}: question {n} is none" for n in sorted(set(statements) - set(made.asked))]
    for name, ends in made.asked.items():
        text = statements.get(name, "")
        foreign = [
            w for other, words in made.asked.items() if other != name for w in words if re.search(rf"\b{w}\b", text)
        ]
        whole = all(fuzz.partial_ratio(word, text) >= ALIKE for word in ends)
        if whole and not foreign:
            score.found += 1
        else:
            score.faults.append(f"{made.seed}: question {name} {ends}, foreign {foreign}: {text[:150]!r}")
    for name, plain in made.answers.items():
        entry = paper.key.get(name) if paper else None
        told = entry.text.replace(" ", "") if entry else ""
        score.right += told == plain
        if told != plain:
            score.faults.append(
                f"{made.seed}: answer {name} is {plain}, read {told!r} note {entry.note if entry else ''!r}"
            )


def remembered(read: Callable[..., Any], file: Path) -> Callable[..., Any]:
    """`recognise` with what it read before kept in a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(file, isolation_level=None)
    store.execute("create table if not exists strips (name text primary key, found text)")

    def again(strip: np.ndarray, threads: int) -> list[tuple[str, float, float]]:
        name = hashlib.sha256(f"{strip.shape}".encode() + strip.tobytes()).hexdigest()
        row = store.execute("select found from strips where name = ?", (name,)).fetchone()
        if row:
            return [(sign, chance, x) for sign, chance, x in json.loads(row[0])]
        found = read(strip, threads)
        store.execute("insert or replace into strips values (?, ?)", (name, json.dumps(found)))
        return found

    return again


def table(score: Score) -> str:
    """The features in the order of misses a paper, and the shares."""
    rows = sorted(score.seen, key=lambda f: (-score.misses[f] / score.seen[f], f))
    lines = [f"{score.misses[f]:5} misses {score.seen[f]:5} papers  {f}" for f in rows if score.misses[f]]
    shares = (
        f"{score.papers} papers, {score.pages} pages, {score.asked} questions: recall {score.found / score.asked:.4f}, "
        f"precision {score.found / (score.found + score.extra) if score.found else 0:.4f}, "
        f"answers {score.right / score.answers:.4f} of {score.answers}"
    )
    return "\n".join([*score.faults, *lines, shares])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.exams.varied", allow_abbrev=False)
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--only", choices=["text", "scan"], default="")
    options = parser.parse_args()
    recognise.recognise = remembered(recognise.recognise, Path(".cache/varied.sqlite"))
    score = Score()
    seed = options.seed
    with tempfile.TemporaryDirectory() as folder:
        while score.pages < options.pages:
            measure(seed, Path(folder), score, options.only)
            print(f"{seed}: {score.pages} pages", file=sys.stderr, flush=True)
            seed += 1
    print(table(score))


if __name__ == "__main__":
    main()
