"""What summary.json says of baselines, variants and drawn responses, recounted from the responses alone."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.report.recount import Recount

SIX = [f"R{number}" for number in range(1, 7)]
LEVELS = [*SIX, "2R1+R4", "answer", "cut-R4"]


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


class Asked:
    """The part of a recount that is about ways of asking."""

    def __init__(self, study: Recount) -> None:
        self.study = study

    def asked(self, key: str) -> dict[tuple[str, int], dict]:
        """A variant's marks by problem and sample, of problems held out."""
        said = [one for one in lines(f"data/responses/{key}.jsonl") if one["source"] == "exams"]
        run = self.study.ways.get(key, {"student": key})["student"].removeprefix("adapters/")
        fold = self.study.runs[run]["fold"] if run in self.study.runs else None
        mine = [one for one in said if fold in (None, self.study.fold_of[one["problem_id"]])]
        return {(one["problem_id"], one["sample"]): self.study.mark(one) for one in mine}

    def variants(self) -> dict[str, Any]:
        return {key: self.variant(key, told) for key, told in self.study.ways.items()}

    def variant(self, key: str, told: dict[str, Any]) -> dict[str, Any]:
        student = told["student"].removeprefix("adapters/")
        settings, marks = self.study.params["sample"]["generate"], self.asked(key)
        problems = sorted({one for one, _ in marks})
        usual = {one: self.study.exams[student][one] for one in problems}
        found = {
            "student": student,
            "budget": settings["max_tokens"] * told.get("budget", 1),
            "shots": told.get("shots", 0),
            "batch_size": told.get("batch_size") or settings["batch_size"],
            "instruction": told.get("instruction", ""),
            "temperature": told.get("temperature", 0.0),
            "problems": len(problems),
            "held_out": self.study.score(marks),
            "finished": self.study.accuracy({one: mark for one, mark in marks.items() if not mark["cut"]}),
            "usual": self.study.score(usual),
        }
        if told.get("samples", 1) > 1:
            return found | {"sampling": self.sampling(marks, problems, told["samples"])}
        mine = {one: mark for (one, _), mark in marks.items()}
        other = [sum(mine[one][key] != usual[one][key] for one in problems) for key in ("answer", "right")]
        flips = {"n": len(problems), "answers": other[0], "verdicts": other[1]}
        flips |= {"answer_share": other[0] / len(problems), "verdict_share": other[1] / len(problems)}
        return found | {"versus": self.study.paired(mine, usual), "flips": flips}

    def sampling(self, marks: dict[tuple[str, int], dict], problems: list[str], samples: int) -> dict[str, Any]:
        """pass@k by going through every choice of k samples; the majority by counting equal answers."""
        drawn = {one: [marks[one, sample] for sample in range(1, samples + 1)] for one in problems}
        shares = {}
        for k in (1, 2, 4):
            chosen = {
                one: fmean(any(mark["right"] for mark in some) for some in combinations(told, k))
                for one, told in drawn.items()
            }
            low, high = self.study.bootstrap(chosen)
            near = 2.5 / len(problems)
            ends = {"low": pytest.approx(low, abs=near), "high": pytest.approx(high, abs=near)}
            shares[str(k)] = {"share": fmean(chosen.values()), **ends}
        votes = {}
        for one, told in drawn.items():
            valid = [mark["answer"] for mark in told if not mark["cut"] and not mark["blank"]]
            answer = Counter(valid).most_common(1)[0][0] if valid else None
            votes[one] = {"right": answer is not None and answer == self.study.problems[one]["answer"]}
        return {"samples": samples, "pass_at": shares, "majority": self.study.accuracy(votes)}

    def baselines(self) -> dict[str, Any]:
        whole = [level for level in LEVELS if {*self.study.chosen(level)} == {*self.study.folds}]
        level = next(iter(whole or [level for level in LEVELS if self.study.chosen(level)]))
        tuned = self.study.pooled(self.study.chosen(level))
        keys = [
            key for key in self.study.params["variants"] if key == "base" or self.study.ways[key]["student"] == "base"
        ]
        marks = {key: {one: mark for (one, _), mark in self.asked(key).items() if one in tuned} for key in keys}
        common = [one for one in tuned if all(one in mine for mine in marks.values())]
        right = {key: sum(mine[one]["right"] for one in common) for key, mine in marks.items()}
        found = {}
        for key, mine in marks.items():
            same = {one: tuned[one] for one in mine}
            ended = {one: mark for one, mark in mine.items() if not mark["cut"]}
            found[key] = {
                "budget": self.study.params["sample"]["generate"]["max_tokens"]
                * self.study.ways.get(key, {}).get("budget", 1),
                "held_out": self.study.score(mine),
                "finished": self.study.accuracy(ended),
                "level": self.study.score(same),
                "versus": self.study.paired(same, mine),
            }
        best = next(key for key in keys if right[key] == max(right.values()))
        return {"level": level, "common": len(common), "best": best, "of": found}
