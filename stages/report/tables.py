"""Every number of the report: scores counted from predictions, the summary, and tables of text cells.

A table has one denominator, named in its note, and says beside each accuracy how many answers were cut off or blank.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from stages.report.inputs import BASE, Curve, Predictions, Study
from stages.study.records import Level, Prediction, Verified
from stages.study.statistics import mcnemar, mean_and_std, wilson


@dataclass(frozen=True)
class Score:
    """Counts over one set of problems; `words` and `tokens` are means per response.

    `truncated` were cut off at the token budget, `blank` hold no answer (a cut-off response often is both), and of
    `undecided` the checker could not tell.
    """

    n: int
    correct: int
    truncated: int
    blank: int
    undecided: int
    words: float
    tokens: float

    @property
    def accuracy(self) -> float:
        return self.correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.correct, self.n)

    def record(self) -> dict[str, int | float]:
        """As it stands in metrics/summary.json."""
        low, high = self.interval
        return {
            "accuracy": round(self.accuracy, 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "correct": self.correct,
            "n": self.n,
            "truncated": self.truncated,
            "blank": self.blank,
            "undecided": self.undecided,
            "words": round(self.words, 1),
            "tokens": round(self.tokens, 1),
        }


@dataclass(frozen=True)
class Table:
    """Cells as text. The first `text` columns are words and stand left; the others are numbers and stand right."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str
    text: int = 1


def score(predictions: Iterable[Prediction]) -> Score:
    """Count a student's predictions; at least one is needed."""
    return _count((one.verdict, one.finish_reason, one.answer, one.words, one.tokens) for one in predictions)


def score_teacher(verified: Iterable[Verified]) -> Score:
    """Count the teacher by the checker alone, as the students are: the verifier's word makes chains, not scores."""
    return _count(
        (
            one.checker,
            one.solution.finish_reason,
            one.solution.answer,
            len(f"{one.solution.reasoning} {one.solution.response}".split()),
            one.solution.usage.completion_tokens,
        )
        for one in verified
    )


def _count(answers: Iterable[tuple[str, str, str | None, int, int]]) -> Score:
    verdicts, reasons, found, words, tokens = zip(*answers, strict=True)
    return Score(
        n=len(verdicts),
        correct=verdicts.count("match"),
        truncated=reasons.count("length"),
        blank=found.count(None),
        undecided=verdicts.count("undecided"),
        words=fmean(words),
        tokens=fmean(tokens),
    )


def pick(predictions: Predictions, run: str, ids: Iterable[str]) -> list[Prediction]:
    """A run's predictions of these problems."""
    return [predictions[run][one] for one in ids]


def levels(study: Study) -> dict[str, list[str]]:
    """The runs of each level by replicate, long runs aside; levels that no run is trained on are left out."""
    found: dict[str, list[str]] = {}
    for key, run in sorted(study.runs.items(), key=lambda item: (item[1].level, item[1].replicate)):
        if not run.long:
            found.setdefault(run.level.value, []).append(key)
    return found


def versus_base(study: Study, run: str) -> tuple[int, int, float]:
    """Held-out problems that only the run, and only the base student, got right; exact McNemar p of the two."""
    pairs = [(study.exams[run][one].correct, study.exams[BASE][one].correct) for one in study.held_out]
    gained, lost = pairs.count((True, False)), pairs.count((False, True))
    return gained, lost, mcnemar(gained, lost)


def minimum(losses: dict[int, float]) -> int:
    """The first iteration with the lowest loss."""
    return min(losses, key=lambda iteration: (losses[iteration], iteration))


def summarise(study: Study, seeds: dict[str, int]) -> dict[str, Any]:
    """metrics/summary.json; `seeds` gives each run's own seed. Accuracies are shares, held-out ones come first."""

    trained_share = round(len(study.trained) / len(study.assignment), 4)

    def one_run(run: str) -> dict[str, Any]:
        told: dict[str, Any] = {
            "held_out": score(pick(study.exams, run, study.held_out)).record(),
            "benchmark": score(study.benchmark[run].values()).record(),
        }
        if run in study.whole:
            share = 0.0 if run == BASE else trained_share
            told["all"] = {**score(study.exams[run].values()).record(), "trained_share": share}
        return told

    def one_level(level: str, keys: list[str]) -> dict[str, Any]:
        told = {
            "replicates": len(keys),
            "chain_words": round(chain_words(study, Level(level)), 1),
            "held_out": spread([runs[key]["held_out"] for key in keys]),
            "benchmark": spread([runs[key]["benchmark"] for key in keys]),
        }
        if set(keys) <= set(study.whole):
            told["all"] = {**spread([runs[key]["all"] for key in keys]), "trained_share": trained_share}
        return told

    runs = {}
    for key, run in study.runs.items():
        gained, lost, p = versus_base(study, key)
        runs[key] = {
            "level": run.level.value,
            "seed": seeds[key],
            **one_run(key),
            "versus_base": {"gained": gained, "lost": lost, "p": float(f"{p:.4g}")},
        }
    return {
        "problems": {
            "held_out": len(study.held_out),
            "held_out_clusters": len({study.assignment[one].cluster for one in study.held_out}),
            "trained": len(study.trained),
            "all": len(study.assignment),
            "benchmark": len(study.benchmark[BASE]),
        },
        "teacher": {"held_out": score_teacher(study.teacher[one] for one in study.held_out).record()},
        "base": one_run(BASE),
        "levels": {level: one_level(level, keys) for level, keys in levels(study).items()},
        "runs": runs,
        "long": {key: overfitting(study.curves[key]) for key, run in study.runs.items() if run.long},
    }


def chain_words(study: Study, level: Level) -> float:
    """Mean words of a level's chains over the problems that are trained on."""
    return fmean(study.chains[one][level].words for one in study.trained)


def spread(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean and sample standard deviation of the accuracy over replicates, and means of what stands beside it."""
    mean, std = mean_and_std([record["correct"] / record["n"] for record in records])
    beside = ("truncated", "blank", "undecided", "words", "tokens")
    return {
        "accuracy": round(mean, 4),
        "std": None if std is None else round(std, 4),
        "n": records[0]["n"],
        **{key: round(fmean(record[key] for record in records), 1) for key in beside},
    }


def overfitting(curve: Curve) -> dict[str, int | float]:
    """Where a long run's validation loss was lowest, and where it ended."""
    lowest, last = minimum(curve.valid), max(curve.valid)
    return {
        "minimum_iteration": lowest,
        "minimum_valid_loss": round(curve.valid[lowest], 4),
        "last_iteration": last,
        "last_valid_loss": round(curve.valid[last], 4),
    }


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def interval(record: dict[str, Any]) -> str:
    return f"{percent(record['low'])} – {percent(record['high'])}"


def p_value(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def tables(study: Study, summary: dict[str, Any]) -> dict[str, Table]:
    """The report's tables by name, in the order in which they are printed."""
    return {
        "levels": levels_table(summary),
        "runs": runs_table(summary),
        **({"all": all_table(study, summary)} if study.whole else {}),
        "benchmark": benchmark_table(summary),
        "sections": groups_table(study, summary, "section"),
        "years": groups_table(study, summary, "year"),
    }


def levels_table(summary: dict[str, Any]) -> Table:
    def row(name: str, replicates: str, chain: str, record: dict[str, Any], std: float | None) -> tuple[str, ...]:
        return (
            name,
            replicates,
            percent(record["accuracy"]),
            "" if std is None else percent(std),
            f"{record['truncated']:g}",
            f"{record['blank']:g}",
            f"{record['undecided']:g}",
            chain,
            f"{record['words']:.0f}",
        )

    rows = [row("base", "", "", summary["base"]["held_out"], None)]
    for name, level in summary["levels"].items():
        chain = f"{level['chain_words']:.0f}"
        rows.append(row(name, str(level["replicates"]), chain, level["held_out"], level["held_out"]["std"]))
    rows.append(row("teacher", "", "", summary["teacher"]["held_out"], None))
    return Table(
        "Held-out accuracy by reasoning level",
        ("trained on", "replicates", "accuracy, %", "std", "cut off", "blank", "undecided", "chain words", "words"),
        rows,
        f"All rows: the same {summary['problems']['held_out']} problems, of which no run saw any. Accuracy is the mean"
        " over replicates, std their sample standard deviation. Cut-off, blank and undecided answers count as wrong;"
        " where a level has replicates, their mean count is shown.",
    )


def runs_table(summary: dict[str, Any]) -> Table:
    def row(name: str, level: str, seed: str, record: dict[str, Any], versus: tuple[str, ...]) -> tuple[str, ...]:
        return (
            name,
            level,
            seed,
            str(record["correct"]),
            percent(record["accuracy"]),
            interval(record),
            str(record["truncated"]),
            str(record["blank"]),
            str(record["undecided"]),
            *versus,
        )

    rows = [row("base", "–", "", summary["base"]["held_out"], ("", "", ""))]
    for key, run in summary["runs"].items():
        versus = run["versus_base"]
        told = (f"+{versus['gained']}", f"−{versus['lost']}", p_value(versus["p"]))
        rows.append(row(key, run["level"], str(run["seed"]), run["held_out"], told))
    rows.append(row("teacher", "–", "", summary["teacher"]["held_out"], ("", "", "")))
    return Table(
        "Held-out accuracy of every run",
        (
            *("run", "level", "seed", "correct", "accuracy, %", "95 % interval"),
            *("cut off", "blank", "undecided", "gained", "lost", "p"),
        ),
        rows,
        f"All rows: the same {summary['problems']['held_out']} held-out problems. Interval: Wilson. Gained and lost:"
        " problems that only the run, or only the base student, got right; p: exact two-sided McNemar test of the two,"
        " one test a row, not corrected for their number.",
        text=2,
    )


def all_table(study: Study, summary: dict[str, Any]) -> Table:
    splits: dict[str, list[str]] = {"train": [], "valid": [], "test": []}
    for one in study.assignment.values():
        splits[one.split].append(one.problem_id)
    rows = []
    for name in study.whole:
        record = (summary["base"] if name == BASE else summary["runs"][name])["all"]
        by_split = [percent(score(pick(study.exams, name, ids)).accuracy) if ids else "" for ids in splits.values()]
        counts = [str(record[key]) for key in ("truncated", "blank", "undecided")]
        rows.append((name, percent(record["accuracy"]), percent(record["trained_share"]), *by_split, *counts))
    return Table(
        "All problems, with the share that was trained on",
        (
            *("run", "all, %", "trained on, %", "train, %", "valid, %", "held-out, %"),
            *("cut off", "blank", "undecided"),
        ),
        rows,
        f"All rows: the same {summary['problems']['all']} problems, of which train {len(splits['train'])}"
        f" ({len(study.trained)} with chains, which the runs were trained on), valid {len(splits['valid'])}, held-out"
        f" {len(splits['test'])}. Rows: the students that were asked them all. Only for comparison with"
        " studies that report accuracy on all problems.",
    )


def benchmark_table(summary: dict[str, Any]) -> Table:
    rows = []
    for name, run in {BASE: summary["base"], **summary["runs"]}.items():
        record = run["benchmark"]
        counts = (str(record[key]) for key in ("truncated", "blank", "undecided"))
        words = f"{record['words']:.0f}"
        rows.append((name, str(record["correct"]), percent(record["accuracy"]), interval(record), *counts, words))
    return Table(
        "Benchmark from outside the exams",
        ("run", "correct", "accuracy, %", "95 % interval", "cut off", "blank", "undecided", "words"),
        rows,
        f"All rows: the same {summary['problems']['benchmark']} problems of the benchmark file. Interval: Wilson.",
    )


def groups(study: Study, by: str) -> dict[str, list[str]]:
    """Held-out problems by `section` or `year`."""
    found: dict[str, list[str]] = {}
    for one in study.held_out:
        found.setdefault(str(getattr(study.problems[one], by)), []).append(one)
    return dict(sorted(found.items()))


def groups_table(study: Study, summary: dict[str, Any], by: str) -> Table:
    """Held-out accuracy by section or year: base, each level's mean over replicates, teacher."""
    rows = []
    members = groups(study, by)
    of_level: dict[str, list[str]] = {BASE: [BASE], **levels(study)}
    for name, runs in of_level.items():
        means = [fmean(score(pick(study.exams, run, ids)).accuracy for run in runs) for ids in members.values()]
        record = summary["base"]["held_out"] if name == BASE else summary["levels"][name]["held_out"]
        rows.append((name, *map(percent, means), f"{record['truncated']:g}", f"{record['blank']:g}"))
    teacher = summary["teacher"]["held_out"]
    solved = (score_teacher(study.teacher[one] for one in ids).accuracy for ids in members.values())
    rows.append(("teacher", *map(percent, solved), str(teacher["truncated"]), str(teacher["blank"])))
    counts = ", ".join(f"{group} {len(ids)}" for group, ids in members.items())
    return Table(
        f"Held-out accuracy by {by}, %",
        ("trained on", *members, "cut off", "blank"),
        rows,
        f"Problems: {counts}; a level's row is the mean over its replicates. Groups are small: a difference of a few"
        " points is one or two problems.",
    )
