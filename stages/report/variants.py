"""Students that were asked in another way: what a fair baseline is worth, and what the way of asking changes."""

from typing import Any

import pandas as pd

from stages.grading.frame import Numbers, accuracy, flips, held_out, paired, score
from stages.grading.sampling import sampled
from stages.report.inputs import Study
from stages.study.params import BASE


def variants(study: Study) -> dict[str, Numbers]:
    """Every variant but base: how it is asked, its accuracy on what it holds out, and the same student asked as usual.

    `versus` and `flips` compare the two on the variant's problems, problem by problem; where several responses were
    drawn, `sampling` stands in their place, and n counts responses.
    """
    return {key: _variant(study, key) for key in study.params.variants if key != BASE}


def _variant(study: Study, key: str) -> Numbers:
    asked = study.params.variants[key]
    usual = asked.run or BASE
    marks = _of(study, key)
    problems = {*marks["problem"]}
    found: Numbers = {
        "student": usual,
        "budget": int(marks["budget"].iloc[0]),
        "shots": asked.shots,
        "batch_size": asked.batch_size or study.params.blocks["generate"]["batch_size"],
        "instruction": asked.instruction,
        "temperature": asked.temperature,
        "problems": len(problems),
        "held_out": score(marks),
        "finished": accuracy(marks[~marks["truncated"]]),
        "usual": score(_on(_of(study, usual), problems)),
    }
    if asked.samples > 1:
        return found | {"sampling": sampled(marks)}
    plain = _on(_of(study, usual), problems)
    return found | {"versus": paired(marks, plain), "flips": flips(marks, plain)}


def baselines(study: Study, level: str, tuned: pd.DataFrame) -> Numbers:
    """The base student as it is asked best: `tuned`, a level's held-out grades, against each greedy way of asking base.

    `of` holds each way with both accuracies and the paired gain, on the problems that both answered. `best` is the way
    with the highest accuracy on the `common` problems, which all of them and the level answered; the first of equals.
    """
    params = study.params
    ways = [key for key, one in params.variants.items() if one.run is None and one.samples == 1]
    answered = {key: _on(_of(study, key), {*tuned["problem"]}) for key in ways}
    answered = {key: marks for key, marks in answered.items() if len(marks)}
    common = set.intersection(*({*marks["problem"]} for marks in answered.values()))
    shares = {key: float(_on(marks, common)["correct"].mean()) if common else 0.0 for key, marks in answered.items()}
    best = max(shares, key=lambda key: shares[key])
    return {
        "level": level,
        "common": len(common),
        "best": best,
        "of": {key: _gain(marks, tuned) for key, marks in answered.items()},
    }


def _gain(marks: pd.DataFrame, tuned: pd.DataFrame) -> Numbers:
    mine = _on(tuned, {*marks["problem"]})
    return {
        "budget": int(marks["budget"].iloc[0]),
        "held_out": score(marks),
        "finished": accuracy(marks[~marks["truncated"]]),
        "level": score(mine),
        "versus": paired(mine, marks),
    }


def _of(study: Study, key: str) -> pd.DataFrame:
    marks = held_out(study.marks)
    return marks[marks["run"] == key]


def _on(marks: pd.DataFrame, problems: set[Any]) -> pd.DataFrame:
    return marks[marks["problem"].isin(problems)]
