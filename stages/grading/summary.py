"""What metrics/runs/<run>.json says: counted by `evaluate`, and once more by `report`, which holds the two together."""

import pandas as pd

from stages.grading.frame import Numbers, accuracy, accuracy_by, held_out, response_stats
from stages.grading.sampling import sampled
from stages.questions.exam import EXAMS, Exam
from stages.study.params import Run


def run_metrics(grades: pd.DataFrame, exam: Exam, run: Run | None) -> Numbers:
    """Held-out accuracy first, by section and year as well; then what else the student has answered.

    `grades` is the frame of one run or variant alone, `run` the training of its student (None: base). `finished` is the
    accuracy among responses that were not cut off: what it is over that of all was lost for want of an end. Where there
    are several samples, n counts responses, and the interval takes those to one problem for what they are worth.
    """
    exams, unseen = grades[grades["source"] == EXAMS], held_out(grades)
    found: Numbers = {
        "level": None if run is None else run.level,
        "fold": None if run is None else run.fold,
        "held_out": accuracy(unseen),
        "budget": int(grades["budget"].iloc[0]),
        "by_section": accuracy_by(unseen, "section"),
        "by_year": accuracy_by(unseen, "year"),
        "held_out_responses": response_stats(unseen),
        "cut_off_share": float(unseen["truncated"].mean()),
        "finished": accuracy(unseen[~unseen["truncated"]]),
    }
    if unseen["sample"].max() > 1:
        found["sampling"] = sampled(unseen)
    if len(exams) > len(unseen):
        trained = exam.trained(run.fold) if run else set()
        share = len(trained) / len(exam.problems)
        found["all"] = accuracy(exams) | {"trained_share": share, "by_split": accuracy_by(exams, "split")}
    outside = grades[grades["source"] != EXAMS]
    if len(outside):
        found["benchmarks"] = {name: _benchmark(outside[outside["source"] == name]) for name in exam.benchmarks}
    return found


def _benchmark(grades: pd.DataFrame) -> Numbers:
    """Accuracy on one benchmark, by its subjects and levels of difficulty."""
    groups = {f"by_{column}": accuracy_by(grades, column) for column in ("subject", "difficulty")}
    return {**accuracy(grades), **groups, "responses": response_stats(grades)}
