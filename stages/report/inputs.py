"""What the report is made from, read from disk and held together: one set of problems for all rows, or an error."""

import csv
import json
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.params import Run
from stages.study.records import Assignment, Chain, Level, Prediction, Problem, Verified

BASE = "base"

Predictions = dict[str, dict[str, Prediction]]


@dataclass(frozen=True)
class Curve:
    """Losses of one run by iteration, in nats per response token."""

    train: dict[int, float]
    valid: dict[int, float]


@dataclass(frozen=True)
class Study:
    """Everything on disk. `exams` and `benchmark` hold each run's predictions by problem, the base student first."""

    runs: dict[str, Run]
    problems: dict[str, Problem]
    chains: dict[str, dict[Level, Chain]]
    assignment: dict[str, Assignment]
    teacher: dict[str, Verified]
    exams: Predictions
    benchmark: Predictions
    curves: dict[str, Curve]
    metrics: dict[str, Any]

    @property
    def held_out(self) -> list[str]:
        """Ids of the answered problems that no run was trained on or chosen by."""
        return [one for one, prediction in self.exams[BASE].items() if prediction.split == "test"]

    @property
    def trained(self) -> list[str]:
        """Ids of the problems whose chains the tuned students were trained on."""
        return [one for one, told in self.assignment.items() if told.split == "train" and told.has_chain]

    @property
    def whole(self) -> list[str]:
        """The students that answered every problem, those that they were trained on among them."""
        return [run for run, predictions in self.exams.items() if predictions.keys() == self.assignment.keys()]


def load(runs: dict[str, Run]) -> Study:
    """Read what the stages wrote. Raises StudyError for a missing file, and where two runs answer other problems."""
    assignment = {one.problem_id: one for one in read_records("data/assignment.jsonl", Assignment)}
    exams = {run: _predictions(Path(f"data/predictions/{run}.jsonl")) for run in [BASE, *runs]}
    benchmark = {run: _predictions(Path(f"data/predictions/benchmark/{run}.jsonl")) for run in [BASE, *runs]}
    _same_problems(exams, "data/predictions", assignment.keys())
    _same_problems(benchmark, "data/predictions/benchmark")
    for run, predictions in exams.items():
        for one in predictions.values():
            split = assignment[one.problem_id].split if one.problem_id in assignment else "none"
            if one.split != split:
                raise StudyError(
                    f"data/predictions/{run}.jsonl: {one.problem_id}: split {one.split!r}, but data/assignment.jsonl"
                    f" has {split!r}; run `dvc repro`"
                )
    study = Study(
        runs=runs,
        problems={one.id: one for one in read_records("data/problems.jsonl", Problem)},
        chains=_by_level(read_records("data/chains.jsonl", Chain)),
        assignment=assignment,
        teacher={one.problem_id: one for one in read_records("data/verified.jsonl", Verified)},
        exams=exams,
        benchmark=benchmark,
        curves={run: Curve(*(_losses(run, name) for name in ("train", "valid"))) for run in runs},
        metrics={name: _metrics(Path(f"metrics/{name}.json")) for name in ("extract", "teacher", "chains", "split")},
    )
    for run in exams:
        _same_counts(study, run)
    if not study.held_out:
        raise StudyError("data/predictions/base.jsonl: no held-out problem is answered; add test to generate.splits")
    if unsolved := [one for one in study.held_out if one not in study.teacher]:
        raise StudyError(f"data/verified.jsonl: no verdict on {', '.join(unsolved)}; run `dvc repro verify`")
    return study


def _predictions(path: Path) -> dict[str, Prediction]:
    records = read_records(path, Prediction)
    found = {record.problem_id: record for record in sorted(records, key=lambda record: record.problem_id)}
    if len(found) < len(records):
        raise StudyError(f"{path}: a problem is answered twice; run the stage again")
    return found


def _same_problems(runs: Predictions, folder: str, everything: Set[str] = frozenset()) -> None:
    """One denominator for all rows: raises StudyError where a run's problems are not those of the base student.

    A run may answer other splits than the base student as well, and then `everything`.
    """
    splits = {prediction.split for prediction in runs[BASE].values()}
    for run, predictions in runs.items():
        beyond = {one for one, prediction in predictions.items() if prediction.split not in splits}
        if beyond and (unasked := sorted(everything - predictions.keys())):
            raise StudyError(
                f"{folder}/{run}.jsonl: {len(predictions)} of all {len(everything)} problems; {unasked[0]} is missing;"
                f" run `dvc repro evaluate@{run}`"
            )
        if other := sorted((predictions.keys() - beyond) ^ runs[BASE].keys()):
            raise StudyError(
                f"{folder}/{run}.jsonl: {len(predictions)} problems, {BASE}.jsonl {len(runs[BASE])}; only one of them"
                f" has {', '.join(other[:3])}{' ...' if len(other) > 3 else ''}; run `dvc repro` so that all answer"
                " the same problems"
            )


def _same_counts(study: Study, run: str) -> None:
    """Raises StudyError where a run's metrics were counted on other predictions than those on disk."""
    held_out = [study.exams[run][one] for one in study.held_out]
    for folder, key, predictions in (
        ("runs", "held_out", held_out),
        ("benchmarks", "all", list(study.benchmark[run].values())),
    ):
        path = Path(f"metrics/{folder}/{run}.json")
        told = _metrics(path).get(key, {})
        counted = {"n": len(predictions), "correct": sum(one.correct for one in predictions)}
        if {name: told.get(name, 0) for name in counted} != counted:
            raise StudyError(f"{path}: {key}: {told}, but the predictions on disk give {counted}; run `dvc repro`")


def _by_level(chains: Iterable[Chain]) -> dict[str, dict[Level, Chain]]:
    found: dict[str, dict[Level, Chain]] = {}
    for chain in chains:
        found.setdefault(chain.problem_id, {})[chain.level] = chain
    return found


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


def _metrics(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; run the stage that writes it (`dvc repro`)") from None
    except json.JSONDecodeError as error:
        raise StudyError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
