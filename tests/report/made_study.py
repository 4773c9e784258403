"""A study made up from a seed: every file that the report reads, plainly test data.

Whether a made-up student is right depends on the run's strength, the problem's own difficulty and, for problems it
was trained on, a bonus; responses hold what a page must survive.
"""

import math
from pathlib import Path
from random import Random

from stages import split
from stages.study.files import read_records, write_json, write_records
from stages.study.params import Params, load
from stages.study.records import (
    Assignment,
    BenchmarkProblem,
    Chain,
    Level,
    Prediction,
    Problem,
    Reading,
    Solution,
    Source,
    Usage,
    Verified,
)

ROOT = Path(__file__).parents[2]
HOSTILE = "<script>alert('x')</script> & {{ 7 * 7 }} \x1b[2J\u202e"
STRENGTH = {"base": -2.6, "R1": -1.0, "R2": -1.1, "R3": -1.2, "R4": -1.5, "R5": -1.9, "R6": -2.2}
WORDS = {"base": 96, "R1": 74, "R2": 58, "R3": 47, "R4": 36, "R5": 25, "R6": 16}
NOUNS = [
    "apples",
    "boxes",
    "coins",
    "dice",
    "eggs",
    "forks",
    "gates",
    "hats",
    "inns",
    "jars",
    "kites",
    "lamps",
    "mugs",
    "nets",
    "oars",
    "pens",
]


def write_study(seed: int = 11) -> Params:
    """Write the study into the working directory, which must hold params.yaml."""
    random = Random(seed)
    params = load()
    problems = [
        _problem(random, year, section, number)
        for year in range(2021, 2026)
        for section, size in (("fs", 20), ("js", 20), ("tp", 10))
        for number in range(1, size + 1)
    ]
    solved = {one.id: random.random() < 0.88 for one in problems}
    chains = [chain for one in problems if solved[one.id] for chain in _chains(one)]
    benchmark = [BenchmarkProblem(id=f"made-{n:02}", statement=f"Made-up {n}", answer=str(n)) for n in range(60)]
    write_records("data/problems.jsonl", problems)
    write_records("data/verified.jsonl", [_verified(one, solved[one.id]) for one in problems])
    write_records("data/chains.jsonl", chains)
    write_records("data/benchmarks/sample.jsonl", benchmark)
    split.main()
    assignment = read_records("data/assignment.jsonl", Assignment)
    hardness = {one.id: random.gauss(0, 1.2) for one in [*problems, *benchmark]}
    for run in ["base", *params.runs]:
        name = "base" if run == "base" else params.runs[run].level.value
        strength = STRENGTH[name] + random.gauss(0, 0.1)
        answers = {one.id: one.answer for one in problems}
        asked = [(one.problem_id, answers[one.problem_id], one.split) for one in assignment]
        _sit(f"data/predictions/{run}.jsonl", random, name, strength, hardness, asked)
        outside = [(one.id, one.answer, "benchmark") for one in benchmark]
        _sit(f"data/predictions/benchmark/{run}.jsonl", random, name, strength - 0.3, hardness, outside)
        recount(run)
        if run != "base":
            _train(random, run, 160 if params.runs[run].long else 40)
    _metrics(problems, solved, chains)
    return params


def recount(run: str) -> None:
    """Metrics that fit the predictions on disk, as the stages write them."""
    for folder, key, path in (
        ("runs", "held_out", f"data/predictions/{run}.jsonl"),
        ("benchmarks", "all", f"data/predictions/benchmark/{run}.jsonl"),
    ):
        chosen = [one for one in read_records(path, Prediction) if one.split in ("test", "benchmark")]
        marks = {"n": len(chosen), "correct": sum(one.correct for one in chosen)}
        write_json(f"metrics/{folder}/{run}.json", {key: marks})


def _problem(random: Random, year: int, section: str, number: int) -> Problem:
    one, two, three = random.sample(NOUNS, 3)
    a, b = random.randint(2, 99), random.randint(2, 99)
    return Problem(
        id=f"made-{year}-{section}-{number:02}",
        corpus="made",
        year=year,
        section=section,
        number=f"{number:02}",
        statement=f"TEST DATA: a shop sells {a} {one} and {b} {two} for each of its {three}; how many {one} and {two}"
        f" are that in year {year}, section {section}, question {number}, if x^2 ≤ {a} and √{b} < y?",
        answer=str(a + b),
        source=Source(file="made.pdf", page=1, box=(0, 0, 1, 1)),
        reading=Reading(engine="text", confidence=1.0),
    )


def _chains(one: Problem) -> list[Chain]:
    steps = (101, 78, 55, 38, 27, 17)
    return [
        Chain(
            problem_id=one.id,
            level=level,
            text=" ".join(["so"] * (words - 2)) + f"\nAnswer: {one.answer}",
            words=words,
            answer=one.answer,
        )
        for level, words in zip(Level, steps, strict=True)
    ]


def _verified(one: Problem, solved: bool) -> Verified:
    answer = one.answer if solved else None if len(one.statement) % 2 else "0"
    return Verified(
        problem_id=one.id,
        solution=Solution(
            problem_id=one.id,
            attempt=1,
            reasoning="so " * 150,
            response=f"Answer: {answer}",
            answer=answer,
            finish_reason="stop" if answer else "length",
            usage=Usage(prompt_tokens=60, completion_tokens=240),
            cost=0.0005,
            model="made-teacher",
            request="0" * 64,
        ),
        verdict="match" if solved else "no",
        decided_by="checker",
        checker="match" if solved else "no",
        why="made up",
    )


def _sit(path: str, random: Random, name: str, strength: float, hardness: dict[str, float], asked: list) -> None:
    predictions = []
    for problem_id, key, where in asked:
        bonus = 1.4 if where == "train" and name != "base" else 0.0
        right = random.random() < 1 / (1 + math.exp(hardness[problem_id] - strength - bonus))
        cut = not right and random.random() < (0.3 if name == "base" else 0.08)
        words = max(3, round(random.gauss(WORDS[name], WORDS[name] / 5)))
        answer = key if right else None if cut else str(random.randint(2, 198) + 1000)
        end = "" if cut else f"\nAnswer: {answer}"
        predictions.append(
            Prediction(
                problem_id=problem_id,
                response=f"{HOSTILE} " + " ".join(["so"] * words) + end,
                answer=answer,
                tier="none" if cut else "answer line",
                verdict="match" if right else "no",
                why="made up",
                finish_reason="length" if cut else "stop",
                tokens=160 if cut else 2 * words,
                words=words,
                split=where,
            )
        )
    write_records(path, predictions)


def _train(random: Random, run: str, iterations: int) -> None:
    """Losses as a short and a long training show them: falling, then rising again on problems never trained on."""
    folder = Path(f"plots/training/{run}/plots/metrics")
    train, valid = ["step\tloss"], ["step\tloss"]
    for step in range(iterations + 1):
        if step:
            train.append(f"{step}\t{0.4 + 1.9 * math.exp(-step / 30) + random.gauss(0, 0.05)}")
        if step % 10 == 0:
            valid.append(f"{step}\t{1.1 + 1.3 * math.exp(-step / 18) + 0.003 * max(0, step - 50)}")
    for name, lines in (("train", train), ("valid", valid)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "loss.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _metrics(problems: list[Problem], solved: dict[str, bool], chains: list[Chain]) -> None:
    """In the form of the stages that write them; the report shows whatever keys they hold."""
    share = sum(solved.values()) / len(problems)
    write_json(
        "metrics/extract.json",
        {
            "files": 12,
            "pages": 96,
            "questions": len(problems) + 9,
            "usable": len(problems),
            "unusable": {"needs its figure": 6, "the statement is missing": 3},
            "engines": {"rapidocr": 50, "text": 200},
            "corrected": 0,
            "truth": {"questions": 259, "recall": 0.9961, "statements_right": 0.981, "missing": ["made-2021-fs-07"]},
        },
    )
    write_json(
        "metrics/teacher.json",
        {
            "problems": len(problems),
            "solved": sum(solved.values()),
            "accuracy": {"share": round(share, 4), "low": 0.83, "high": 0.91, "n": len(problems)},
            "by_section": {name: {"share": round(share, 4), "n": 100} for name in ("fs", "js", "tp")},
            "decided_by": {"checker": len(problems), "verifier": 0},
            "solver": {"requests": len(problems), "cost": 0.12},
            "cost": 0.13,
        },
    )
    write_json(
        "metrics/chains.json",
        {
            "problems": len(problems),
            "with_chains": len(chains) // 6,
            "left_out": {"unverified": 30},
            "words": {level: {"mean": 50.5, "min": 17, "max": 101} for level in Level},
        },
    )
