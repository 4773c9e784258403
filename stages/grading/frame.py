"""Grades as one tidy pandas frame, and everything that is counted from it. No number here is rounded."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from stages.grading.judge import judge
from stages.grading.statistics import effective_size, mcnemar, mean_and_std, paired_interval, wilson
from stages.questions.exam import EXAMS, Exam
from stages.study.params import BASE, Run
from stages.study.records import Grade, Problem, Verified

Numbers = dict[str, Any]


def frame(grades: Iterable[Grade], exam: Exam, runs: Mapping[str, Run]) -> pd.DataFrame:
    """One line a grade: run, level, replicate, run_fold, long, source, problem, sample, split, fold, section, year,
    subject, difficulty, cluster, answer, verdict, correct, truncated, blank, undecided, words, tokens, budget. Ordered
    by run, source, problem and sample.

    `run` is the key of a run or variant. `runs` gives the training of each, those of the base student left out.
    `run_fold` is the fold that the run holds out, `fold` the one that holds out the problem; both are -1 where there is
    none. `budget` is the most tokens that the response could have had; a blank `answer` is empty.
    """
    lines = []
    for grade in grades:
        run = runs.get(grade.student.run)
        problem = exam.problems[grade.problem_id] if grade.source == EXAMS else None
        outside = None if problem else exam.benchmarks[grade.source][grade.problem_id]
        lines.append(
            {
                "run": grade.student.run,
                "level": BASE if run is None else run.level,
                "replicate": 0 if run is None else run.replicate,
                "run_fold": -1 if run is None else run.fold,
                "long": run is not None and run.long,
                "source": grade.source,
                "problem": grade.problem_id,
                "sample": grade.sample,
                "split": grade.split,
                "fold": -1 if grade.fold is None else grade.fold,
                "section": problem.section if problem else "",
                "year": str(problem.year) if problem else "",
                "subject": outside.subject if outside else "",
                "difficulty": outside.difficulty if outside else "",
                "cluster": exam.cluster_of[grade.problem_id] if problem else grade.problem_id,
                "answer": grade.answer or "",
                "verdict": grade.verdict,
                "correct": grade.verdict == "match",
                "truncated": grade.finish_reason == "length",
                "blank": grade.answer is None,
                "undecided": grade.verdict == "undecided",
                "words": grade.words,
                "tokens": grade.tokens,
                "budget": grade.student.budget,
            }
        )
    return pd.DataFrame(lines).sort_values(["run", "source", "problem", "sample"], ignore_index=True)


def teacher_frame(
    verified: Iterable[Verified],
    problems: Mapping[str, Problem],
    fold_of: Mapping[str, int] | None = None,
    cluster_of: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The teacher's first samples in the columns of `frame`, by the checker's verdict alone, as the students are.

    Which sample was chosen does not count: the choice knows the key. Of each sample the last attempt is meant.

    Before the split there are no folds (-1), and each problem is a cluster of its own.
    """
    lines = []
    for item in verified:
        problem = problems[item.problem_id]
        solution, verdict = item.solution, item.checker
        if item.first is not None:
            solution, verdict = item.first, judge(problem.answer, item.first.response, item.first.finish_reason).verdict
        said = f"{solution.reasoning} {solution.response}"
        lines.append(
            {
                "run": "teacher",
                "source": EXAMS,
                "problem": item.problem_id,
                "fold": (fold_of or {}).get(item.problem_id, -1),
                "section": problem.section,
                "year": str(problem.year),
                "cluster": (cluster_of or {}).get(item.problem_id, item.problem_id),
                "verdict": verdict,
                "correct": verdict == "match",
                "truncated": solution.finish_reason == "length",
                "blank": solution.answer is None,
                "undecided": verdict == "undecided",
                "words": len(said.split()),
                "tokens": solution.usage.completion_tokens,
            }
        )
    return pd.DataFrame(lines).sort_values("problem", ignore_index=True)


def accuracy(grades: pd.DataFrame) -> Numbers:
    """n, correct, accuracy, its 95 % interval (Wilson, near-duplicates for what they are worth); of nothing, n = 0."""
    n = len(grades)
    if not n:
        return {"n": 0}
    correct = int(grades["correct"].sum())
    clusters = grades.groupby("cluster")["correct"]
    size = effective_size(clusters.sum().tolist(), clusters.size().tolist())
    low, high = wilson(correct / n * size, size)
    return {"n": n, "correct": correct, "accuracy": correct / n, "low": low, "high": high}


def accuracy_by(grades: pd.DataFrame, column: str) -> dict[str, Numbers]:
    """`accuracy` of the groups of a column, in order of their names."""
    return {str(name): accuracy(group) for name, group in grades.groupby(column, sort=True)}


def response_stats(grades: pd.DataFrame) -> Numbers:
    """How long the responses are (means), and how many are cut off, without an answer, or beyond the checker."""
    if grades.empty:
        return {}
    counts = {name: int(grades[name].sum()) for name in ("truncated", "blank", "undecided")}
    return {**counts, "words": float(grades["words"].mean()), "tokens": float(grades["tokens"].mean())}


def score(grades: pd.DataFrame) -> Numbers:
    """`accuracy` and `response_stats` in one."""
    return {**accuracy(grades), **response_stats(grades)}


def paired(first: pd.DataFrame, second: pd.DataFrame) -> Numbers:
    """Two students on the same problems: what only the first and only the second got right, McNemar's exact p, and the
    difference of their accuracies with its 95 % bootstrap interval, near-duplicates drawn together.

    Raises ValueError where one of them did not answer a problem of the other.
    """
    one, other = (grades.set_index("problem")["correct"].sort_index() for grades in (first, second))
    if not one.index.equals(other.index) or not one.index.is_unique:
        raise ValueError("paired: the two did not answer the same problems once each")
    gained, lost = int((one & ~other).sum()), int((other & ~one).sum())
    differences = (one.astype(int) - other.astype(int)).groupby(first.set_index("problem")["cluster"])
    low, high = paired_interval(differences.sum().tolist(), differences.size().tolist())
    return {
        "n": len(one),
        "gained": gained,
        "lost": lost,
        "p": mcnemar(gained, lost),
        "difference": (gained - lost) / len(one),
        "low": low,
        "high": high,
    }


def flips(first: pd.DataFrame, second: pd.DataFrame) -> Numbers:
    """What changes where one student is asked in two ways: n problems, `answers` that read otherwise (none is one,
    too), `verdicts` between right and wrong, and these two as shares.

    Raises ValueError where one of them did not answer a problem of the other.
    """
    one, other = (grades.set_index("problem").sort_index() for grades in (first, second))
    if not one.index.equals(other.index) or not one.index.is_unique:
        raise ValueError("flips: the two did not answer the same problems once each")
    n = len(one)
    answers = int((one["answer"] != other["answer"]).sum())
    verdicts = int((one["correct"] != other["correct"]).sum())
    return {
        "n": n,
        "answers": answers,
        "verdicts": verdicts,
        "answer_share": answers / n,
        "verdict_share": verdicts / n,
    }


def spread(values: Iterable[float]) -> Numbers:
    """Mean and sample standard deviation (None for a single value)."""
    mean, std = mean_and_std(list(values))
    return {"mean": mean, "std": std}


def held_out(grades: pd.DataFrame) -> pd.DataFrame:
    """The grades of problems that their run holds out; for the base student all, as it was trained on none."""
    return grades[(grades["source"] == EXAMS) & (grades["split"] == "test")]
