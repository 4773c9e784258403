"""What must hold before a number is shown. Each function raises StudyError naming file, run and problem, or is silent.

Nothing is taken on trust that can be counted again: verdicts from the responses, metrics from the verdicts, leaks from
the rows that were trained on.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stages.folds.leakage import leaks
from stages.folds.settings import SplitSettings
from stages.grading.grades import grade_run
from stages.grading.judge import judge
from stages.grading.summary import run_metrics
from stages.questions.exam import Exam
from stages.study.errors import StudyError
from stages.study.files import digest, read_json, read_records
from stages.study.params import BASE, Params
from stages.study.records import Grade, Response, Row, Verified


def judged_anew(run: str, exam: Exam, params: Params, responses: Sequence[Response]) -> list[Grade]:
    """The grades of the responses of a run or variant, judged once more; they must be those in data/grades/."""
    path, again = Path(f"data/grades/{run}.jsonl"), _again("evaluate", run, params)
    asked = params.asked(run)
    questions = exam.asked_of(params.trained(run), asked)
    judged = grade_run(run, questions, responses, Path(f"data/responses/{run}.jsonl"), asked.samples)
    told = read_records(path, Grade)
    for one, other in zip(judged, told, strict=False):
        if one != other:
            what = f"{other.verdict} for {other.problem_id}, but the response is judged {one.verdict}"
            if one.verdict == other.verdict or one.problem_id != other.problem_id:
                what = "not the grade of the response on disk"
            raise StudyError(f"{path}: {run}: {one.problem_id}: {what}; {again}")
    if len(told) != len(judged):
        raise StudyError(f"{path}: {run}: {len(told)} grades of {len(judged)}; {again}")
    return judged


def _again(stage: str, run: str, params: Params) -> str:
    """What brings the outputs of `generate` or `evaluate` back, which are stages of their own for a variant."""
    return f"run `dvc repro {stage}{'-variant' * (run in params.variants)}@{run}`"


def check_metrics(run: str, marks: pd.DataFrame, exam: Exam, params: Params) -> None:
    """metrics/runs/<run>.json must be what is counted from the grades of the run or variant, to the last digit."""
    path = f"metrics/runs/{run}.json"
    counted, told = json.loads(json.dumps(run_metrics(marks, exam, params.trained(run)))), read_json(path)
    if counted != told:
        key = _first_difference(counted, told)
        raise StudyError(f"{path}: {run}: {key}: not what its grades give; {_again('evaluate', run, params)}")


def _first_difference(one: Any, other: Any, place: str = "") -> str:
    """The key, as a.b.c, at which two JSON values first differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *other]:
            if key not in one or key not in other or one[key] != other[key]:
                return _first_difference(one.get(key), other.get(key), f"{place}.{key}".lstrip("."))
    return place or "(file)"


def check_students(first: Mapping[str, Response], training: Mapping[str, Any], params: Params) -> None:
    """Who answered: the run's own adapter on the one base, asked as params.yaml says, by default under one prompt.

    `first` is a response of each run and variant; the rest of a student's responses name the same one.
    """
    base = first[BASE].student
    settings = params.blocks.get("generate", {})
    for run, response in first.items():
        who, path = response.student, f"data/responses/{run}.jsonl: {run}: {response.problem_id}"
        asked, again = params.asked(run), _again("generate", run, params)
        budget = asked.budget * settings["max_tokens"]
        if who.budget != budget:
            raise StudyError(f"{path}: a budget of {who.budget} tokens, but params.yaml gives it {budget}; {again}")
        meant = {"batch_size": asked.batch_size or settings["batch_size"], "temperature": asked.temperature}
        for name, value in meant.items():
            if getattr(who, name) != value:
                raise StudyError(f"{path}: {name} {getattr(who, name)}, but params.yaml says {value}; {again}")
        alike = ["base_digest"] if asked.shots or asked.instruction else ["base_digest", "prompt_digest"]
        for name in alike:
            if getattr(who, name) != getattr(base, name):
                told = name.partition("_")[0]
                raise StudyError(f"{path}: another {told} than that of data/responses/{BASE}.jsonl; {again}")
        if asked.run is None:
            if who.adapter_digest:
                raise StudyError(f"{path}: answered with an adapter, not by the student before training; {again}")
            continue
        told = f"metrics/training/{asked.run}.json"
        for name in ("adapter_digest", "base_digest"):
            if not getattr(who, name) or getattr(who, name) != training[asked.run].get(name):
                raise StudyError(
                    f"{path}: {name} {getattr(who, name)[:12] or 'missing'}, but {told} has"
                    f" {str(training[asked.run].get(name))[:12]}: another student answered; {again}"
                )


def check_teacher(verified: Mapping[str, Verified], chains: Mapping[str, object], exam: Exam) -> None:
    """The teacher judged once more by the students' judge; and only what was verified has become chains."""
    path = "data/verified.jsonl: teacher"
    for one in verified.values():
        solution, again = one.solution, "run `dvc repro verify`"
        judged = judge(exam.problems[one.problem_id].answer, solution.response, solution.finish_reason)
        if judged.verdict != one.checker:
            told = f"{one.checker!r} by the checker, but the solution is judged {judged.verdict!r}"
            raise StudyError(f"{path}: {one.problem_id}: {told}; {again}")
        if one.decided_by != ("verifier" if one.checker == "undecided" else "checker"):
            raise StudyError(f"{path}: {one.problem_id}: decided by the {one.decided_by}, as {one.checker!r}; {again}")
        if one.decided_by == "checker" and one.verdict != one.checker:
            raise StudyError(
                f"{path}: {one.problem_id}: {one.verdict!r}, but the checker says {one.checker!r}; {again}"
            )
    if unverified := sorted(one for one in chains if verified[one].verdict != "match"):
        raise StudyError(
            f"data/chains.jsonl: {unverified[0]}: chains of a solution that is not verified; run `dvc repro compress`"
        )


def check_training(training: Mapping[str, Any], params: Params) -> None:
    """Each run was trained as params.yaml says, on the rows that are on disk."""
    for run, told in training.items():
        asked = params.runs[run]
        folder = Path(f"data/datasets/{asked.level}/fold-{asked.fold}")
        expected = {
            "run": run,
            "level": asked.level,
            "replicate": asked.replicate,
            "fold": asked.fold,
            "seed": params.run_seed(run),
            "data_digest": digest(folder / "train.jsonl", folder / "valid.jsonl"),
        }
        for key, value in expected.items():
            if told.get(key) != value:
                raise StudyError(
                    f"metrics/training/{run}.json: {run}: {key}: {told.get(key)}, but it is to be {value}; "
                    f"run `dvc repro train@{run}`"
                )


def check_counts(metrics: Mapping[str, Any], exam: Exam, left_out: int) -> None:
    """The problems on disk are as many as were extracted and split, so that none can go missing for all runs alike."""
    for file, key, n in (
        ("extract", "usable", len(exam.problems)),
        ("split", "problems", len(exam.problems)),
        ("teacher", "problems", len(exam.problems)),
    ):
        if metrics[file].get(key) != n:
            raise StudyError(
                f"metrics/{file}.json: {key}: {metrics[file].get(key)}, but data/problems.jsonl has {n} usable"
                " problems; run `dvc repro`"
            )
    if metrics["extract"].get("questions") != len(exam.problems) + left_out:
        raise StudyError(
            f"metrics/extract.json: questions: {metrics['extract'].get('questions')}, but data/problems.jsonl has"
            f" {len(exam.problems) + left_out}; run `dvc repro extract`"
        )
    for name, problems in exam.benchmarks.items():
        told = metrics["split"]["benchmarks"].get(name, {}).get("problems")
        if told != len(problems):
            raise StudyError(
                f"metrics/split.json: benchmarks.{name}.problems: {told}, but the benchmark file has {len(problems)};"
                " run `dvc repro split`"
            )


def count_leaks(exam: Exam, params: Params) -> dict[int, int]:
    """By fold, how many held-out problems stand in the fold's datasets, themselves or as a near-duplicate.

    Found in the rows of every level that train the runs or choose their checkpoints. Under the protocol `held_out` one
    is an error; under `published` the number is the size of the leak.
    """
    settings = params.block("split", SplitSettings)
    found: dict[int, set[str]] = {}
    for fold in range(settings.folds):
        mine = [one for one in exam.assignments if one.fold == fold and one.split in ("test", "excluded")]
        statements = {one.problem_id: exam.problems[one.problem_id].statement for one in mine}
        for level in params.levels:
            runs = [key for key, run in params.runs.items() if (run.level, run.fold) == (level, fold)]
            for split in ("train", "valid"):
                path = f"data/datasets/{level}/fold-{fold}/{split}.jsonl"
                pairs = leaks(read_records(path, Row), statements, settings.similarity)
                if pairs and settings.protocol == "held_out":
                    row, problem, jaccard = pairs[0]
                    what = "is" if row == problem else f"resembles ({jaccard:.2f})"
                    raise StudyError(
                        f"{path}: {', '.join(runs) or 'no run'}: the row of {row} {what} {problem}, which fold {fold}"
                        " holds out; run `dvc repro split`"
                    )
                leaked = {problem for _, problem, _ in pairs if exam.fold_of[problem] == fold}
                found.setdefault(fold, set()).update(leaked)
    return {fold: len(problems) for fold, problems in found.items()}
