"""What the report is made from, read from disk, judged anew, and held together: a number that lies is an error here."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from stages.chains.rules import SixLevels, by_problem
from stages.grading.frame import frame, teacher_frame
from stages.questions.exam import Exam, read_exam
from stages.report import checks
from stages.study.errors import StudyError
from stages.study.files import read_json, read_records
from stages.study.params import BASE, Params, Run
from stages.study.records import Chain, Grade, Problem, Response, Verified
from stages.study.versions import recorded

METRICS = ("extract", "teacher", "chains", "split", "contamination", "judged")
Answers = dict[tuple[str, str, int], tuple[Response, Grade]]


@dataclass(frozen=True)
class Curve:
    """Losses of one run by iteration, in nats per response token."""

    train: dict[int, float]
    valid: dict[int, float]


@dataclass(frozen=True)
class Study:
    """Everything on disk. `marks` is the frame of all grades, `answers` what each student said, by source, problem
    and sample.

    `leaks` counts, by fold, the held-out problems that a run of the fold was trained on or on a near-duplicate of;
    `left_out` are the questions that are not usable, by id.
    """

    params: Params
    exam: Exam
    chains: Mapping[str, SixLevels]
    marks: pd.DataFrame
    teacher: pd.DataFrame
    answers: Mapping[str, Answers]
    curves: Mapping[str, Curve]
    metrics: Mapping[str, Any]
    leaks: Mapping[int, int]
    left_out: tuple[Problem, ...]
    versions: Mapping[str, str]

    @property
    def runs(self) -> Mapping[str, Run]:
        """The grid."""
        return self.params.runs


def load(params: Params) -> Study:
    """Read what the stages wrote; raises StudyError naming file, run and problem for what is missing or unfit."""
    exam = read_exam(params)
    chains = by_problem(read_records("data/chains.jsonl", Chain), exam.problems, "data/chains.jsonl")
    names = [BASE, *params.runs, *(key for key in params.variants if key != BASE)]
    metrics = {name: read_json(f"metrics/{name}.json") for name in METRICS}
    every = sorted(read_records("data/problems.jsonl", Problem), key=lambda one: one.id)
    left_out = tuple(one for one in every if not one.usable)
    checks.check_counts(metrics, exam, len(left_out))
    leaks = checks.count_leaks(exam, params)
    training = {run: read_json(f"metrics/training/{run}.json") for run in params.runs}
    checks.check_training(training, params)
    answers: dict[str, Answers] = {}
    grades: list[Grade] = []
    for name in names:
        responses = read_records(f"data/responses/{name}.jsonl", Response)
        judged = checks.judged_anew(name, exam, params, responses)
        said = {(response.source, response.problem_id, response.sample): response for response in responses}
        keys = [(one.source, one.problem_id, one.sample) for one in judged]
        answers[name] = {key: (said[key], one) for key, one in zip(keys, judged, strict=True)}
        grades += judged
    checks.check_students({name: next(iter(answers[name].values()))[0] for name in names}, training, params)
    trained = {name: params.trained(name) for name in names}
    marks = frame(grades, exam, {name: run for name, run in trained.items() if run is not None})
    for name in names:
        checks.check_metrics(name, marks[marks["run"] == name], exam, params)
    return Study(
        params=params,
        exam=exam,
        chains=chains,
        marks=marks,
        teacher=_teacher(exam, chains),
        answers=answers,
        curves={run: Curve(*(_losses(run, name) for name in ("train", "valid"))) for run in params.runs},
        metrics=metrics | {"training": training},
        leaks=leaks,
        left_out=left_out,
        versions=recorded(),
    )


def _teacher(exam: Exam, chains: Mapping[str, SixLevels]) -> pd.DataFrame:
    """The teacher's grades of the problems of the exams; raises StudyError where verdicts and problems differ."""
    path = "data/verified.jsonl"
    verified = {one.problem_id: one for one in read_records(path, Verified)}
    if odd := sorted(verified.keys() ^ exam.problems.keys()):
        raise StudyError(f"{path}: {odd[0]}: one verdict on each usable problem is meant; run `dvc repro verify`")
    checks.check_teacher(verified, chains, exam)
    return teacher_frame(verified.values(), exam.problems, exam.fold_of, exam.cluster_of)


def _losses(run: str, name: str) -> dict[int, float]:
    """A logged loss by iteration; raises StudyError where the file is missing or a line does not fit."""
    path = Path(f"plots/training/{run}/plots/metrics/{name}/loss.tsv")
    again = f"run `dvc repro train@{run}`"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            losses = {int(row["step"]): float(row["loss"]) for row in csv.DictReader(file, delimiter="\t")}
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; {again}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise StudyError(f"{path}: not a loss by step: {error!r}; {again}") from None
    if not losses:
        raise StudyError(f"{path}: no losses in it; {again}")
    return losses
