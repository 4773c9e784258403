"""metrics/summary.json: every number of the report, counted from the frame of grades; none is rounded here.

A level is measured on the problems that its runs hold out, one run a fold (its lowest replicate, long runs aside), so
each problem counts once. Where the runs cover all folds these are all problems of the study.
"""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

import pandas as pd

from stages.folds.trained import mean_words
from stages.grading.frame import Numbers, accuracy, accuracy_by, held_out, paired, score, spread
from stages.grading.statistics import detectable_gains, holm
from stages.questions.exam import EXAMS
from stages.report.inputs import Curve, Study
from stages.report.variants import baselines, variants
from stages.study.params import BASE, Run
from stages.study.records import Level


def run_of_fold(runs: Mapping[str, Run]) -> dict[str, dict[int, str]]:
    """By level and fold the run that counts: the lowest replicate, no long run. Levels without a run are left out."""
    chosen: dict[str, dict[int, str]] = {}
    for key, run in sorted(runs.items(), key=lambda item: (_place(item[1].level), item[1].fold, item[1].replicate)):
        if not run.long:
            chosen.setdefault(run.level, {}).setdefault(run.fold, key)
    return chosen


def _place(level: str) -> tuple[bool, str]:
    """The order of levels: the six by length, then controls and mixes."""
    return level not in [*Level], level


def pool(study: Study, runs: Iterable[str], folds: Iterable[int]) -> pd.DataFrame:
    """The held-out grades of these runs on the problems of these folds; for the base student its grades of those."""
    marks = held_out(study.marks)
    return marks[marks["run"].isin([*runs]) & marks["fold"].isin([*folds])]


def of_teacher(study: Study, folds: Iterable[int]) -> pd.DataFrame:
    """The teacher's grades of the problems of these folds."""
    return study.teacher[study.teacher["fold"].isin([*folds])]


def grouped(marks: pd.DataFrame) -> Numbers:
    """`score`, the accuracy by section and by year, and that of the responses that were not cut off."""
    groups = {f"by_{column}": accuracy_by(marks, column) for column in ("section", "year")}
    return {**score(marks), **groups, "finished": accuracy(marks[~marks["truncated"]])}


def by_length(marks: pd.DataFrame) -> list[Numbers]:
    """Accuracy of the responses by quarters of their length, from 1, the shortest; equal lengths share a quarter."""
    quarter = (marks["words"].rank(method="min") - 1) * 4 // len(marks)
    return [
        {
            "quarter": int(place) + 1,
            "words": float(group["words"].mean()),
            "shortest": int(group["words"].min()),
            "longest": int(group["words"].max()),
            **accuracy(group),
        }
        for place, group in marks.groupby(quarter, sort=True)
    ]


def trained_tokens(study: Study, runs: Iterable[str]) -> float:
    """Mean over runs of the tokens that they were trained on, each as often as it was trained on."""
    return fmean(study.metrics["training"][run]["trained_tokens"] for run in runs)


def minimum(losses: Mapping[int, float]) -> int:
    """The first iteration with the lowest loss."""
    return min(losses, key=lambda iteration: (losses[iteration], iteration))


def headline(summary: Mapping[str, Any]) -> str:
    """The level that the report opens with: the first whose runs hold out all problems, else the first."""
    levels: Mapping[str, Numbers] = summary["levels"]
    return next((level for level, told in levels.items() if told["complete"]), next(iter(levels)))


def summarise(study: Study) -> dict[str, Any]:
    """metrics/summary.json. Accuracies are shares in 0..1, words and tokens means per response, costs US dollars."""
    folds = sorted({*study.exam.fold_of.values()})
    chosen = run_of_fold(study.runs)
    clusters = study.exam.cluster_of
    blocks = study.params.blocks
    levels = {level: _level(study, level, of_fold, folds) for level, of_fold in chosen.items()}
    first = headline({"levels": levels})
    return {
        "study": {
            "profile": study.params.profile,
            "corpus": study.params.corpus,
            "student": blocks["student"]["name"],
            "teacher": blocks["teacher"]["solver"],
        },
        "protocol": study.metrics["split"]["protocol"],
        "problems": {
            "all": len(study.exam.problems),
            "clusters": len({clusters[one] for one in study.exam.problems}),
            "benchmarks": {name: len(problems) for name, problems in study.exam.benchmarks.items()},
        },
        "detectable_gain": study.metrics["split"]["detectable_gain"],
        "baselines": baselines(study, first, pool(study, chosen[first].values(), chosen[first])),
        "variants": variants(study),
        "base": {"held_out": grouped(pool(study, [BASE], folds)), "benchmarks": _benchmarks(study, BASE)},
        "teacher": {"held_out": grouped(of_teacher(study, folds))},
        "levels": levels,
        "compared": _compared(study, chosen),
        "folds": {str(fold): _fold(study, fold) for fold in folds},
        "runs": {run: _run(study, run) for run in study.runs},
        "seeds": _seeds(study),
        "long": {key: overfitting(study.curves[key]) for key, run in study.runs.items() if run.long},
        "leaks": {str(fold): count for fold, count in study.leaks.items()},
        "cost": _cost(study),
    }


def _level(study: Study, level: str, of_fold: Mapping[int, str], folds: list[int]) -> Numbers:
    """A level on every problem that its runs hold out, beside base and teacher on the same ones."""
    marks, base = pool(study, of_fold.values(), of_fold), pool(study, [BASE], of_fold)
    shares = [score(pool(study, [run], [fold]))["accuracy"] for fold, run in of_fold.items()]
    found: Numbers = {
        "runs": [*of_fold.values()],
        "folds": [*of_fold],
        "complete": sorted(of_fold) == folds,
        "chain_words": mean_words(level, study.chains),
        "held_out": grouped(marks),
        "over_folds": spread(shares),
        "expected_std": fmean(share * (1 - share) for share in shares) ** 0.5 / (len(marks) / len(of_fold)) ** 0.5,
        "base": grouped(base),
        "teacher": grouped(of_teacher(study, of_fold)),
        "versus_base": paired(marks, base),
        "by_length": {BASE: by_length(base), level: by_length(marks)},
        "trained_tokens": trained_tokens(study, of_fold.values()),
    }
    everything = [_exams(study, run) for run in of_fold.values()]
    if all(len(one) == len(study.exam.problems) for one in everything):
        found["all"] = spread(float(one["correct"].mean()) for one in everything) | {
            "trained_share": fmean(_trained_share(study, fold) for fold in of_fold)
        }
    return found


def _compared(study: Study, chosen: Mapping[str, Mapping[int, str]]) -> Numbers | None:
    """All levels on the folds that all of them cover, paired with base and with the first level; None without any.

    Controls and mixes join where they cover these folds.
    """
    levels = [level for level in chosen if level in [*Level]] or [*chosen]
    common = sorted(set.intersection(*({*chosen[level]} for level in levels)))
    if not common:
        return None
    chosen = {level: of_fold for level, of_fold in chosen.items() if of_fold.keys() >= {*common}}
    marks = {level: pool(study, [of_fold[fold] for fold in common], common) for level, of_fold in chosen.items()}
    first, base = next(iter(chosen)), pool(study, [BASE], common)
    versus_base = {level: paired(mine, base) for level, mine in marks.items()}
    versus_first = {level: paired(mine, marks[first]) for level, mine in marks.items() if level != first}
    family = {f"base {level}": told["p"] for level, told in versus_base.items()}
    family |= {f"first {level}": told["p"] for level, told in versus_first.items()}
    for name, p in holm(family).items():
        whom, _, level = name.partition(" ")
        (versus_base if whom == "base" else versus_first)[level]["holm"] = p
    return {
        "folds": common,
        "n": len(base),
        "tests": len(family),
        "first": first,
        "detectable_gain": detectable_gains(len(base)),
        "base": grouped(base),
        "teacher": grouped(of_teacher(study, common)),
        "levels": {
            level: {
                "runs": [chosen[level][fold] for fold in common],
                "trained_tokens": trained_tokens(study, [chosen[level][fold] for fold in common]),
                **grouped(mine),
                "versus_base": versus_base[level],
                "versus_first": versus_first.get(level),
            }
            for level, mine in marks.items()
        },
    }


def _fold(study: Study, fold: int) -> Numbers:
    """What a fold holds out, and how base and teacher do on it."""
    return {
        "base": score(pool(study, [BASE], [fold])),
        "teacher": score(of_teacher(study, [fold])),
        "runs": [key for key, run in study.runs.items() if run.fold == fold],
    }


def _run(study: Study, key: str) -> Numbers:
    """One run on the problems that its fold holds out, and on whatever else it was asked."""
    run = study.runs[key]
    marks = pool(study, [key], [run.fold])
    found: Numbers = {
        "level": run.level,
        "fold": run.fold,
        "seed": study.params.run_seed(key),
        "trained_tokens": study.metrics["training"][key]["trained_tokens"],
        "held_out": score(marks),
        "versus_base": paired(marks, pool(study, [BASE], [run.fold])),
    }
    exams = _exams(study, key)
    if len(exams) > len(marks):
        found["all"] = score(exams) | {
            "trained_share": _trained_share(study, run.fold),
            "by_split": accuracy_by(exams, "split"),
        }
    if run.benchmark:
        found["benchmarks"] = _benchmarks(study, key)
    return found


def _exams(study: Study, run: str) -> pd.DataFrame:
    return study.marks[(study.marks["run"] == run) & (study.marks["source"] == EXAMS)]


def _benchmarks(study: Study, run: str) -> dict[str, Numbers]:
    """By benchmark, how a student does on it, by subject and difficulty as well where it has such groups."""
    mine = study.marks[study.marks["run"] == run]
    return {name: _benchmark(mine[mine["source"] == name]) for name in study.exam.benchmarks}


def _benchmark(marks: pd.DataFrame) -> Numbers:
    groups = {f"by_{column}": accuracy_by(marks, column) for column in ("subject", "difficulty")}
    return {**score(marks), **groups}


def _trained_share(study: Study, fold: int) -> float:
    return len(study.exam.trained(fold)) / len(study.exam.problems)


def _seeds(study: Study) -> list[Numbers]:
    """Runs of one level on one fold that differ in their seed alone: what training itself scatters."""
    alike: dict[tuple[str, int], list[str]] = {}
    for key, run in study.runs.items():
        if not run.long:
            alike.setdefault((run.level, run.fold), []).append(key)
    found = []
    for (level, fold), runs in sorted(alike.items()):
        if len(runs) > 1:
            marks = {run: pool(study, [run], [fold]) for run in runs}
            shares = {run: score(mine)["accuracy"] for run, mine in marks.items()}
            found.append(
                {
                    "level": level,
                    "fold": fold,
                    "n": len(marks[runs[0]]),
                    "accuracy": shares,
                    **spread(shares.values()),
                    "difference": max(shares.values()) - min(shares.values()),
                    "versus": {run: paired(marks[run], marks[runs[0]]) for run in runs[1:]},
                }
            )
    return found


def overfitting(curve: Curve) -> dict[str, int | float]:
    """Where a long run's validation loss was lowest, and where it ended."""
    lowest, last = minimum(curve.valid), max(curve.valid)
    return {
        "minimum_iteration": lowest,
        "minimum_valid_loss": curve.valid[lowest],
        "last_iteration": last,
        "last_valid_loss": curve.valid[last],
    }


def _cost(study: Study) -> Numbers:
    """What the teacher's tokens cost at the prices of params.yaml outside peak hours, by role; the metrics hold tokens.

    Cached tokens are part of the prompt's. Tries in vain are not in it.
    """
    cost = {}
    for role, prices in study.params.machine.teacher["prices"].items():
        told = bill(study, role)
        prompt, cached, completion = (told[f"{kind}_tokens"] for kind in ("prompt", "cached", "completion"))
        total = (prompt - cached) * prices["prompt"] + cached * prices["cached"] + completion * prices["completion"]
        cost[role] = total / 1e6
    return {**cost, "total": sum(cost.values())}


ASKING = ("extract", "teacher", "chains", "judged")  # metrics of the stages that ask a teacher
BILLED = ("requests", "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")


def bill(study: Study, role: str) -> dict[str, int]:
    """Requests and tokens of one of the teacher's roles, over the metrics of all stages that ask it."""
    told = [metrics.get(role, {}) for name, metrics in study.metrics.items() if name in ASKING]
    return {kind: sum(one.get(kind, 0) for one in told) for kind in BILLED}
