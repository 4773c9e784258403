"""What metrics/runs/<run>.json says: counted by `evaluate`, and once more by `report`, which holds the two together."""

import pandas as pd

from stages.grading.frame import Numbers, accuracy, accuracy_by, held_out, response_stats
from stages.questions.exam import EXAMS, Exam
from stages.study.params import Run


def run_metrics(grades: pd.DataFrame, exam: Exam, run: Run | None) -> Numbers:
    """Held-out accuracy first, by section and year as well; then what else the run (None: base) has answered.

    `grades` is the frame of this run alone.
    """
    exams, unseen = grades[grades["source"] == EXAMS], held_out(grades)
    found: Numbers = {
        "level": None if run is None else run.level,
        "fold": None if run is None else run.fold,
        "held_out": accuracy(unseen),
        "by_section": accuracy_by(unseen, "section"),
        "by_year": accuracy_by(unseen, "year"),
        "held_out_responses": response_stats(unseen),
    }
    if len(exams) > len(unseen):
        trained = exam.trained(run.fold) if run else set()
        share = len(trained) / len(exam.problems)
        found["all"] = accuracy(exams) | {"trained_share": share, "by_split": accuracy_by(exams, "split")}
    outside = grades[grades["source"] != EXAMS]
    if len(outside):
        found["benchmark"] = {
            "name": exam.benchmark_name,
            **accuracy(outside),
            "by_subject": accuracy_by(outside, "subject"),
            "responses": response_stats(outside),
        }
    return found
