"""metrics/summary.json and the page's cells once more: from the responses alone, by other code than the report's.

Verdicts are read off the made-up responses by a regular expression, intervals and tests come from statsmodels, and the
power of the paired test from scipy's binomial distribution.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.stats import binom, norm, t
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tests.report.recount_asked import LEVELS, SIX, Asked, lines


class Recount:
    """What the files say, as plain dictionaries."""

    def __init__(self) -> None:
        self.params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        self.runs: dict[str, dict] = self.params["runs"]
        self.problems = {one["id"]: one for one in lines("data/problems.jsonl") if one["usable"]}
        self.training = {run: json.loads(Path(f"metrics/training/{run}.json").read_text()) for run in self.runs}
        self.benchmark = {one["id"]: one for one in lines("data/benchmarks/made.jsonl")}
        self.assigned = {(one["fold"], one["problem_id"]): one for one in lines("data/assignment.jsonl")}
        self.fold_of = {one: fold for (fold, one), told in self.assigned.items() if told["split"] == "test"}
        self.cluster_of = {one: told["cluster"] for (_, one), told in self.assigned.items()}
        self.folds = sorted({*self.fold_of.values()})
        self.chains = lines("data/chains.jsonl")
        self.exams: dict[str, dict[str, dict]] = {}
        self.outside: dict[str, dict[str, dict]] = {}
        for run in ["base", *self.runs]:
            said = lines(f"data/responses/{run}.jsonl")
            self.exams[run] = {one["problem_id"]: self.mark(one) for one in said if one["source"] == "exams"}
            self.outside[run] = {one["problem_id"]: self.mark(one) for one in said if one["source"] != "exams"}
        self.ways = {key: told for key, told in self.params["variants"].items() if key != "base"}
        self.teacher = {}
        for one in lines("data/verified.jsonl"):
            solution = one["solution"]
            words = len(f"{solution['reasoning']} {solution['response']}".split())
            said = {"text": solution["response"], "finish_reason": solution["finish_reason"], "words": words}
            tokens = solution["usage"]["completion_tokens"]
            marked = self.mark(said | {"tokens": tokens, "source": "exams", "problem_id": one["problem_id"]})
            self.teacher[one["problem_id"]] = marked | {"blank": solution["answer"] is None}

    def mark(self, said: dict[str, Any]) -> dict[str, Any]:
        pool = self.problems if said["source"] == "exams" else self.benchmark
        key = pool[said["problem_id"]]["answer"]
        found = re.search(r"\nAnswer: (\S+)\Z|\AAnswer: (\d+)\Z", said["text"])
        answer = found and (found[1] or found[2])
        cut = said["finish_reason"] == "length"
        return {
            "right": not cut and answer == key,
            "cut": cut,
            "blank": answer is None,
            "answer": answer or "",
            "words": said["words"],
            "tokens": said["tokens"],
        }

    def accuracy(self, marks: dict[Any, dict], clusters: bool = True) -> dict[str, Any]:
        n, right = len(marks), sum(one["right"] for one in marks.values())
        ids = [one if isinstance(one, str) else one[0] for one in marks]  # or problem and sample
        names = [self.cluster_of[one] if clusters else one for one in ids]
        effective = self.worth(names, [float(one["right"]) for one in marks.values()])
        low, high = proportion_confint(right / n * effective, effective, alpha=0.05, method="wilson")
        return {"n": n, "correct": right, "accuracy": right / n, "low": max(0, low), "high": min(1, high)}

    @staticmethod
    def worth(clusters: list[str], right: list[float]) -> float:
        """Trials that these are worth: by the covariance within clusters, between all alike and all apart."""
        members = {one: np.array([r for c, r in zip(clusters, right, strict=True) if c == one]) for one in clusters}
        n, share, m = len(right), fmean(right), len(members)
        residuals = np.array([(told - share).sum() for told in members.values()])
        least = n**2 / sum(len(told) ** 2 for told in members.values())
        if m == 1 or not residuals.any() or share in (0, 1):
            return least
        design = n * np.var(residuals, ddof=1) * m / n / (share * (1 - share)) / n
        return float(np.clip(n / design, least, n))

    def score(self, marks: dict[Any, dict], clusters: bool = True) -> dict[str, Any]:
        return self.accuracy(marks, clusters) | {
            "truncated": sum(one["cut"] for one in marks.values()),
            "blank": sum(one["blank"] for one in marks.values()),
            "undecided": 0,
            "words": fmean(one["words"] for one in marks.values()),
            "tokens": fmean(one["tokens"] for one in marks.values()),
        }

    def by(self, marks: dict[str, dict], key: str) -> dict[str, Any]:
        names = sorted({str(self.problems[one][key]) for one in marks})
        chosen = {name: {one: m for one, m in marks.items() if str(self.problems[one][key]) == name} for name in names}
        return {name: self.accuracy(group) for name, group in chosen.items()}

    def benchmarks(self, run: str) -> dict[str, Any]:
        """The one benchmark of the made-up studies, by its groups."""
        found = self.score(self.outside[run], clusters=False)
        for column in ("subject", "difficulty"):
            groups: dict[str, dict[str, dict]] = {}
            for one, mark in self.outside[run].items():
                groups.setdefault(self.benchmark[one][column], {})[one] = mark
            found[f"by_{column}"] = {name: self.accuracy(groups[name], clusters=False) for name in sorted(groups)}
        return {"made": found}

    def grouped(self, marks: dict[str, dict]) -> dict[str, Any]:
        groups = {f"by_{key}": self.by(marks, key) for key in ("section", "year")}
        ended = {one: mark for one, mark in marks.items() if not mark["cut"]}
        return self.score(marks) | groups | {"finished": self.accuracy(ended) if ended else {"n": 0}}

    def by_length(self, marks: dict[str, dict]) -> list[dict[str, Any]]:
        """By quarters: how many responses are shorter says which one a response is in."""
        quarters: dict[int, dict[str, dict]] = {}
        for one, mark in sorted(marks.items(), key=lambda item: item[1]["words"]):
            shorter = sum(other["words"] < mark["words"] for other in marks.values())
            quarters.setdefault(math.floor(4 * shorter / len(marks)), {})[one] = mark
        words = {place + 1: [mark["words"] for mark in group.values()] for place, group in quarters.items()}
        ranges = [
            {"quarter": place, "words": fmean(told), "shortest": min(told), "longest": max(told)}
            for place, told in words.items()
        ]
        return [told | self.accuracy(group) for told, group in zip(ranges, quarters.values(), strict=True)]

    def tokens(self, runs: Iterable[str]) -> float:
        return fmean(self.training[run]["trained_tokens"] for run in runs)

    def paired(self, first: dict[str, dict], second: dict[str, dict]) -> dict[str, Any]:
        assert first.keys() == second.keys()
        pairs = Counter((first[one]["right"], second[one]["right"]) for one in first)
        table = [[pairs[True, True], pairs[True, False]], [pairs[False, True], pairs[False, False]]]
        p = mcnemar(table, exact=True).pvalue
        gained, lost = pairs[True, False], pairs[False, True]
        low, high = self.bootstrap({one: first[one]["right"] - second[one]["right"] for one in first}, [1, -1])
        return {
            "n": len(first),
            "gained": gained,
            "lost": lost,
            "p": float(p),
            "difference": (gained - lost) / len(first),
            "low": pytest.approx(low, abs=1.5 / len(first)),  # by other random numbers: a problem more or less
            "high": pytest.approx(high, abs=1.5 / len(first)),
        }

    def bootstrap(self, differences: dict[str, float], more: Iterable[float] = ()) -> tuple[float, float]:
        """Percentiles over drawn clusters and `more`, as far out as t is wider than the normal distribution."""
        clusters: dict[str, list[float]] = {}
        for one, difference in differences.items():
            clusters.setdefault(self.cluster_of[one], []).append(difference)
        clusters |= {f"more {one}": [one] for one in more}
        n = len(clusters)
        sums = np.array([sum(members) for members in clusters.values()])
        sizes = np.array([len(members) for members in clusters.values()])
        drawn = np.random.default_rng(7).integers(0, n, (3000, n))
        share = norm.cdf(-math.sqrt(n / (n - 1)) * t.ppf(0.975, n - 1))
        low, high = np.percentile(sums[drawn].sum(1) / sizes[drawn].sum(1), [100 * share, 100 * (1 - share)])
        return float(low), float(high)

    def on(self, marks: dict[str, dict], folds: list[int]) -> dict[str, dict]:
        return {one: marks[one] for one, fold in self.fold_of.items() if fold in folds}

    def chosen(self, level: str) -> dict[int, str]:
        """The run of each fold: the lowest replicate."""
        runs = {key: run for key, run in self.runs.items() if run["level"] == level and not run["long"]}
        found = {}
        for fold in sorted({run["fold"] for run in runs.values()}):
            replicates = {run["replicate"]: key for key, run in runs.items() if run["fold"] == fold}
            found[fold] = replicates[min(replicates)]
        return found

    def pooled(self, of_fold: dict[int, str]) -> dict[str, dict]:
        return {one: mark for fold, run in of_fold.items() for one, mark in self.on(self.exams[run], [fold]).items()}

    def trained(self, fold: int) -> set[str]:
        mine = {one: told for (number, one), told in self.assigned.items() if number == fold}
        return {one for one, told in mine.items() if told["split"] == "train" and told["has_chain"]}

    def summary(self) -> dict[str, Any]:
        levels = {level: self.level(level) for level in LEVELS if self.chosen(level)}
        compared = self.compared(list(levels))
        base = self.exams["base"]
        prices = self.params["machine"]["teacher"]["prices"]
        bills = {
            "reader": (0, 0, 0),
            "solver": (20_000, 5000, 100_000),
            "verifier": (1000, 0, 100),
            "compressor": (80_000, 0, 70_000),
        }
        cost = {}
        for role, (prompt, cached, completion) in bills.items():
            price = prices[role]
            fresh = (prompt - cached) * price["prompt"]
            cost[role] = (fresh + cached * price["cached"] + completion * price["completion"]) / 1e6
        profile = self.params["sample"]
        return {
            "study": {
                "profile": "sample",
                "corpus": "made",
                "student": profile["student"]["name"],
                "teacher": profile["teacher"]["solver"],
            },
            "protocol": self.params["sample"]["split"]["protocol"],
            "problems": {
                "all": len(self.problems),
                "clusters": len({*self.cluster_of.values()}),
                "benchmarks": {"made": len(self.benchmark)},
            },
            "detectable_gain": detectable(len(self.problems)),
            "baselines": Asked(self).baselines(),
            "variants": Asked(self).variants(),
            "base": {"held_out": self.grouped(base), "benchmarks": self.benchmarks("base")},
            "teacher": {"held_out": self.grouped(self.teacher)},
            "levels": levels,
            "compared": compared,
            "folds": {
                str(fold): {
                    "base": self.score(self.on(base, [fold])),
                    "teacher": self.score(self.on(self.teacher, [fold])),
                    "runs": [key for key, run in self.runs.items() if run["fold"] == fold],
                }
                for fold in self.folds
            },
            "runs": {key: self.run(key) for key in self.runs},
            "seeds": self.seeds(),
            "long": {key: self.long(key) for key, run in self.runs.items() if run["long"]},
            "leaks": {str(fold): self.leaks(fold) for fold in self.folds},
            "cost": cost | {"total": sum(cost.values())},
        }

    def level(self, level: str) -> dict[str, Any]:
        of_fold = self.chosen(level)
        folds = list(of_fold)
        marks, base = self.pooled(of_fold), self.on(self.exams["base"], folds)
        alone = [self.on(self.exams[run], [fold]).values() for fold, run in of_fold.items()]
        shares = [fmean(one["right"] for one in mine) for mine in alone]
        found = {
            "runs": [*of_fold.values()],
            "folds": folds,
            "complete": folds == self.folds,
            "chain_words": pytest.approx(self.words(level)),
            "held_out": self.grouped(marks),
            "over_folds": {"mean": fmean(shares), "std": stdev(shares) if len(shares) > 1 else None},
            "expected_std": math.sqrt(fmean(share * (1 - share) for share in shares) * len(folds) / len(marks)),
            "base": self.grouped(base),
            "teacher": self.grouped(self.on(self.teacher, folds)),
            "versus_base": self.paired(marks, base),
            "by_length": {"base": self.by_length(base), level: self.by_length(marks)},
            "trained_tokens": self.tokens(of_fold.values()),
        }
        if all(len(self.exams[run]) == len(self.problems) for run in of_fold.values()):
            alls = [fmean(one["right"] for one in self.exams[run].values()) for run in of_fold.values()]
            share = fmean(len(self.trained(fold)) / len(self.problems) for fold in folds)
            std = stdev(alls) if len(alls) > 1 else None
            found["all"] = {"mean": fmean(alls), "std": std, "trained_share": share}
        return found

    def words(self, level: str) -> float:
        """Mean words of what is trained on. R1 cut to R4's words has R4's."""
        if level == "answer":
            return fmean(len(one["text"].splitlines()[-1].split()) for one in self.chains if one["level"] == "R1")
        if level == "2R1+R4":
            return (2 * self.words("R1") + self.words("R4")) / 3
        return fmean(len(one["text"].split()) for one in self.chains if one["level"] == level.removeprefix("cut-"))

    def compared(self, levels: list[str]) -> dict[str, Any] | None:
        six = [level for level in levels if level in SIX]
        common = [fold for fold in self.folds if all(fold in self.chosen(level) for level in six or levels)]
        if not common:
            return None
        levels = [level for level in levels if all(fold in self.chosen(level) for fold in common)]
        marks = {level: self.pooled({fold: self.chosen(level)[fold] for fold in common}) for level in levels}
        base = self.on(self.exams["base"], common)
        to_base = {level: self.paired(mine, base) for level, mine in marks.items()}
        to_first = {level: self.paired(mine, marks[levels[0]]) for level, mine in marks.items() if level != levels[0]}
        tests = [*to_base.values(), *to_first.values()]
        for told, p in zip(tests, multipletests([one["p"] for one in tests], method="holm")[1], strict=True):
            told["holm"] = float(p)
        return {
            "folds": common,
            "n": len(base),
            "tests": len(tests),
            "first": levels[0],
            "detectable_gain": detectable(len(base)),
            "base": self.grouped(base),
            "teacher": self.grouped(self.on(self.teacher, common)),
            "levels": {
                level: {
                    "runs": [self.chosen(level)[fold] for fold in common],
                    "trained_tokens": self.tokens(self.chosen(level)[fold] for fold in common),
                    **self.grouped(mine),
                    "versus_base": to_base[level],
                    "versus_first": to_first.get(level),
                }
                for level, mine in marks.items()
            },
        }

    def run(self, key: str) -> dict[str, Any]:
        run = self.runs[key]
        marks = self.on(self.exams[key], [run["fold"]])
        found = {
            "level": run["level"],
            "fold": run["fold"],
            "seed": self.params["seed"] + 1000 * run["replicate"],
            "trained_tokens": self.tokens([key]),
            "held_out": self.score(marks),
            "versus_base": self.paired(marks, self.on(self.exams["base"], [run["fold"]])),
        }
        if len(self.exams[key]) > len(marks):
            splits: dict[str, dict[str, dict]] = {}
            for one, mark in self.exams[key].items():
                splits.setdefault(self.assigned[run["fold"], one]["split"], {})[one] = mark
            found["all"] = self.score(self.exams[key]) | {
                "trained_share": len(self.trained(run["fold"])) / len(self.problems),
                "by_split": {split: self.accuracy(chosen) for split, chosen in splits.items()},
            }
        if run["benchmark"]:
            found["benchmarks"] = self.benchmarks(key)
        return found

    def seeds(self) -> list[dict[str, Any]]:
        found = []
        for level in LEVELS:
            for fold in self.folds:
                alike = [
                    key
                    for key, run in self.runs.items()
                    if (run["level"], run["fold"], run["long"]) == (level, fold, False)
                ]
                if len(alike) > 1:
                    marks = {key: self.on(self.exams[key], [fold]) for key in alike}
                    shares = {key: fmean(one["right"] for one in mine.values()) for key, mine in marks.items()}
                    found.append(
                        {
                            "level": level,
                            "fold": fold,
                            "n": len(marks[alike[0]]),
                            "accuracy": shares,
                            "mean": fmean(shares.values()),
                            "std": stdev(shares.values()),
                            "difference": max(shares.values()) - min(shares.values()),
                            "versus": {key: self.paired(marks[key], marks[alike[0]]) for key in alike[1:]},
                        }
                    )
        return found

    def long(self, key: str) -> dict[str, Any]:
        text = Path(f"plots/training/{key}/plots/metrics/valid/loss.tsv").read_text(encoding="utf-8")
        losses = {int(step): float(loss) for step, loss in (line.split("\t") for line in text.splitlines()[1:])}
        lowest = min(losses, key=lambda step: (losses[step], step))
        return {
            "minimum_iteration": lowest,
            "minimum_valid_loss": losses[lowest],
            "last_iteration": max(losses),
            "last_valid_loss": losses[max(losses)],
        }

    def leaks(self, fold: int) -> int:
        """Held-out problems whose statement has half its word 3-grams in common with that of a row of the fold."""
        seen: set[str] = set()
        for split in ("train", "valid"):
            for row in lines(f"data/datasets/R1/fold-{fold}/{split}.jsonl"):
                seen.add(row["messages"][1]["content"])
        threshold = self.params["sample"]["split"]["similarity"]

        def grams(text: str) -> set[tuple[str, ...]]:
            words = re.findall(r"[^\W_]+", text.lower())
            return {tuple(words[place : place + 3]) for place in range(len(words) - 2)}

        rows = [grams(text) for text in seen]
        held_out = [grams(self.problems[one]["statement"]) for one, own in self.fold_of.items() if own == fold]
        return sum(any(len(one & row) >= threshold * len(one | row) for row in rows) for one in held_out)


@cache
def detectable(n: int) -> dict[str, float | None]:
    """The smallest gain with 80 % power, to 1e-4, by summing over all numbers of gained and lost problems."""
    found: dict[str, float | None] = {}
    for discordant in (0.15, 0.25):
        low, high = 0.0, discordant
        if power(n, discordant, discordant) < 0.8:
            found[f"{discordant:.0%}".replace("%", " % discordant")] = None
            continue
        while high - low > 1e-4:
            middle = (low + high) / 2
            low, high = (low, middle) if power(n, discordant, middle) >= 0.8 else (middle, high)
        found[f"{discordant:.0%}".replace("%", " % discordant")] = high
    return found


def power(n: int, discordant: float, gain: float) -> float:
    total = 0.0
    for pairs in range(n + 1):
        weight = binom.pmf(pairs, n, discordant)
        if weight > 1e-13:
            critical = binom.ppf(0.025, pairs, 0.5) - 1
            while binom.cdf(critical + 1, pairs, 0.5) <= 0.025:
                critical += 1
            share = (discordant + gain) / 2 / discordant
            total += weight * (binom.cdf(critical, pairs, share) + binom.sf(pairs - critical - 1, pairs, share))
    return float(total)
