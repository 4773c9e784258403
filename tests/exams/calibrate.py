"""Weights of the confidence in a statement, from papers whose right text is known.

    python -m tests.exams.calibrate CORPUS...

names folders below data/raw with PDFs and a `truth.jsonl`. Prints the line `WEIGHTS = ...` of `stages/exams/doubt.py`,
and, leaving out one file at a time, the area under the curve and what each threshold keeps and lets through: counted
as the transcriptions stand, and with the rows of `relabelled.tsv` put right. The weights are fitted to the latter.

`relabelled.tsv` names rows whose transcription says something else than the page, or the same in another notation: the
row's id, the sha256 of the text that is right as well (in the scorer's normal form), and what differs. Only that very
text counts. Rows that are known to differ from the page altogether (`defect`) are left out.
"""

import csv
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stages.exams.assemble import assemble, make_problem
from stages.exams.corpus import read_pages
from stages.exams.doubt import features, odd, total_dispute
from stages.exams.questions import question_text
from stages.exams.score import normal, paired, read_truth
from stages.exams.settings import ExtractSettings
from stages.study import params as study_params

RIDGE = 0.5  # penalty on each weight's square
RELABELLED = Path(__file__).with_name("relabelled.tsv")


@dataclass(frozen=True)
class Known:
    """A scanned question with a known text: whether the statement is right, as it stands and with relabelled rows."""

    name: str
    file: str
    features: list[float]
    as_it_stands: bool
    relabelled: bool
    figure: bool
    text: str


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights of a logistic regression, the constant first, by Newton's method."""
    x = np.c_[np.ones(len(x)), x]
    penalty = RIDGE * np.r_[0.0, np.ones(x.shape[1] - 1)]
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (y - chance) - penalty * weights
        weights += np.linalg.solve((x.T * (chance * (1 - chance))) @ x + np.diag(penalty), slope)
    return weights


def fit_doubts(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`fit` with no weight over 0, for no doubt makes a reading surer: the features of such weights are left out."""
    kept = np.ones(x.shape[1], bool)
    while True:
        weights = np.zeros(x.shape[1] + 1)
        weights[np.r_[True, kept]] = fit(x[:, kept], y)
        if weights[1:].max() <= 0:
            return weights
        kept[int(weights[1:].argmax())] = False


def right_as_well() -> set[tuple[str, str]]:
    """Ids of `relabelled.tsv`, and the digests of the texts that are right there."""
    with RELABELLED.open(encoding="utf-8", newline="") as file:
        return {(row["id"], row["sha256"]) for row in csv.DictReader(file, delimiter="\t")}


def digest(statement: str) -> str:
    """sha256 of a statement's normal form, its first 16 digits."""
    return hashlib.sha256(normal(statement).encode()).hexdigest()[:16]


def known_readings(corpus: str, settings: ExtractSettings) -> list[Known]:
    """Every scanned question of a corpus with a known text."""
    folder = Path("data/raw") / corpus
    pages, _, _ = read_pages(folder, settings, study_params.load().machine.usable_cores(), {"backend": "loky"})
    papers = assemble(pages, settings.sections)[0]
    found = {}
    for paper in papers:
        for question in paper.exam.questions:
            problem = make_problem(corpus, paper, question, settings, [])
            found[problem.id] = (problem, question_text(paper.pages[question.page], question))
    relabelled = right_as_well()
    readings = []
    for problem, row in paired([problem for problem, _ in found.values()], read_truth(folder / "truth.jsonl")):
        read = found[problem.id][1]
        total = total_dispute(read.lines)
        if total is None:
            continue
        same = normal(read.statement) == normal(row.statement)
        readings.append(
            Known(
                row.id,
                problem.source.file,
                features(read.lines, total, odd(read.statement)),
                same,
                same or (row.id, digest(read.statement)) in relabelled,
                problem.needs_figure,
                read.statement,
            )
        )
    return readings


def main() -> None:
    settings = study_params.load().block("extract", ExtractSettings)
    known = [reading for corpus in sys.argv[1:] for reading in known_readings(corpus, settings)]
    x, y = np.array([r.features for r in known]), np.array([r.relabelled for r in known], float)
    stands = np.array([r.as_it_stands for r in known])
    files, figure = np.array([r.file for r in known]), np.array([r.figure for r in known])
    print("WEIGHTS =", tuple(round(float(weight), 2) for weight in fit_doubts(x, y)))
    chance = np.zeros(len(y))
    for file in sorted(set(files)):
        out = files == file
        weights = fit_doubts(x[~out], y[~out])
        chance[out] = 1 / (1 + np.exp(-(weights[0] + x[out] @ weights[1:])))
    above = chance[y > 0][:, None] - chance[y == 0][None, :]
    print(f"{len(y)} readings of {len(set(files))} files, {stands.mean():.3f} right as transcriptions stand, "
          f"{y.mean():.3f} with {round(y.sum() - stands.sum())} rows relabelled")  # fmt: skip
    print(f"leaving out one file at a time: area under the curve {((above > 0) + (above == 0) / 2).mean():.3f}")
    for limit in (0.6, 0.7, 0.8, 0.85, 0.87, 0.9, 0.92):
        kept = (chance >= limit) & ~figure
        print(f"{limit}: {kept.mean():.3f} usable and kept; of them wrong: {1 - y[kept].mean():.3f}, "
              f"{1 - stands[kept].mean():.3f} as transcriptions stand")  # fmt: skip


if __name__ == "__main__":
    main()
