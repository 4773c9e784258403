"""Weights of the confidence in a statement, from papers whose right text is known.

    python -m tests.exams.calibrate CORPUS...

names folders below data/raw with PDFs and a `truth.jsonl`. Prints the line `WEIGHTS = ...` of `stages/exams/doubt.py`,
and, leaving out one file at a time, the area under the curve and what each threshold keeps and lets through.
Rows of the transcription that are known to differ from the page (`defect`) are left out.
"""

import sys
from pathlib import Path

import numpy as np

from stages.exams.assemble import assemble
from stages.exams.corpus import read_pages
from stages.exams.doubt import features, odd, total_dispute
from stages.exams.questions import question_text
from stages.exams.score import normal, read_truth
from stages.exams.settings import ExtractSettings
from stages.study import params as study_params

RIDGE = 0.5  # penalty on each weight's square


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


def readings(corpus: str, settings: ExtractSettings) -> list[tuple[list[float], bool, str]]:
    """Features, whether the statement is right, and the file, of every scanned question with a known text."""
    folder = Path("data/raw") / corpus
    truth = {(row.year, row.section, row.number): row for row in read_truth(folder / "truth.jsonl")}
    pages, _, _ = read_pages(folder, settings, 1, {"backend": "sequential"})
    found = []
    for paper in assemble(pages, settings.sections)[0]:
        for question in paper.exam.questions:
            row = truth.get((paper.exam.year or 0, paper.exam.code, question.label.number))
            read = question_text(paper.pages[question.page], question)
            total = total_dispute(read.lines)
            if row and total:
                right = normal(read.statement) == normal(row.statement)
                found.append((features(read.lines, total, odd(read.statement)), right, paper.exam.file))
    return found


def main() -> None:
    settings = study_params.load().block("extract", ExtractSettings)
    rows = [row for corpus in sys.argv[1:] for row in readings(corpus, settings)]
    x, y = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], float)
    files = np.array([row[2] for row in rows])
    print("WEIGHTS =", tuple(round(float(weight), 2) for weight in fit(x, y)))
    chance = np.zeros(len(y))
    for file in sorted(set(files)):
        out = files == file
        weights = fit(x[~out], y[~out])
        chance[out] = 1 / (1 + np.exp(-(weights[0] + x[out] @ weights[1:])))
    above = chance[y > 0][:, None] - chance[y == 0][None, :]
    print(
        f"{len(y)} readings, {y.mean():.3f} right; area under the curve {((above > 0) + (above == 0) / 2).mean():.3f}"
    )
    for limit in (0.6, 0.7, 0.8, 0.85, 0.87, 0.9):
        kept = chance >= limit
        print(f"{limit}: {kept.mean():.3f} kept, {1 - y[kept].mean():.3f} of them wrong")


if __name__ == "__main__":
    main()
