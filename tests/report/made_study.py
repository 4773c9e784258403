"""A study made up from a seed: every file that the report reads, plainly test data.

Whether a made-up student is right depends on the run's strength, the problem's own difficulty and, for problems it
was trained on, a bonus; responses hold what a page must survive.
"""

import contextlib
import hashlib
import math
import sys
from pathlib import Path
from random import Random
from unittest import mock

import yaml
from PIL import Image

from stages import evaluate, split
from stages.questions.exam import Question, read_exam
from stages.student import base
from stages.study.files import digest, write_json, write_records
from stages.study.params import BASE, Params, load
from stages.study.records import (
    BenchmarkProblem,
    Chain,
    Level,
    Problem,
    Reading,
    Response,
    Solution,
    Source,
    Student,
    Usage,
    Verified,
)
from tests.student.words import Words

ROOT = Path(__file__).parents[2]
HOSTILE = "<script>alert('x')</script> & {{ 7 * 7 }} \x1b[2J\u202e"
STRENGTH = {"base": -2.6, "R1": -1.0, "R2": -1.1, "R3": -1.2, "R4": -1.5, "R5": -1.9, "R6": -2.2}
STRENGTH |= {"answer": -2.3, "cut-R4": -1.9, "2R1+R4": -1.1}
WORDS = {"base": 96, "R1": 74, "R2": 58, "R3": 47, "R4": 36, "R5": 25, "R6": 16}
WORDS |= {"answer": 3, "cut-R4": 36, "2R1+R4": 60}
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


PROMPT, MODEL = "c" * 64, "b" * 64
ASKED = {"batch_size": 64, "engine": "mlx cpu float32"}
BUDGET = 400


def grid_row(
    level: str, replicate: int = 0, fold: int = 0, long: bool = False, whole: bool = False, benchmark: bool = True
) -> dict[str, object]:
    """A row of the grid as it stands in params.yaml."""
    return {
        "level": level,
        "replicate": replicate,
        "fold": fold,
        "long": long,
        "all_problems": whole,
        "benchmark": benchmark,
    }


GRID = {
    "R1-r0": grid_row("R1", whole=True),
    **{f"R1-r{fold}": grid_row("R1", fold, fold, benchmark=False) for fold in range(1, 5)},
    "R1-r5": grid_row("R1", 5, 0, benchmark=False),
    **{f"R{level}-r0": grid_row(f"R{level}", benchmark=level == 4) for level in range(2, 7)},
    "R1-long": grid_row("R1", long=True),
}


VARIANTS = {
    "base-long": {"student": BASE, "fold": 0, "budget": 2},
    "base-shots": {"student": BASE, "shots": 4},
    "R1-r0-batch": {"student": "adapters/R1-r0", "batch_size": 16},
    "R1-r0-sampled": {"student": "adapters/R1-r0", "temperature": 0.7, "samples": 4},
}


def write_params(runs: dict[str, dict] | None = None, variants: dict | None = None, **split: object) -> Params:
    """params.yaml of the sample's profile with this grid, or the made-up study's own."""
    raw = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    raw |= {"profile": "sample", "corpus": "made", "benchmarks": ["made"], "seed": 1, "runs": runs or GRID}
    raw["variants"] = {BASE: {"student": BASE, "benchmark": True}} | (variants or {})
    raw["sample"]["split"] |= {"protocol": "held_out", "folds": 5, "test_years": []} | split
    raw["sample"]["generate"]["max_tokens"] = BUDGET
    Path("params.yaml").write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    return load()


def write_study(seed: int = 11, years: range = range(2021, 2026)) -> Params:
    """Write the study into the working directory, which must hold params.yaml."""
    random = Random(seed)
    params = load()
    problems = [
        _problem(random, year, section, number)
        for year in years
        for section, size in (("fs", 20), ("js", 20), ("tp", 10))
        for number in range(1, size + 1)
    ]
    for one, other in ((0, 60), (7, 130), (30, 205)):  # near-duplicates across years
        problems[other] = problems[other].model_copy(update={"statement": problems[one].statement + " Say it again."})
    solved = {one.id: random.random() < 0.88 for one in problems}
    chains = [chain for one in problems if solved[one.id] for chain in six_chains(one)]
    benchmark = [
        BenchmarkProblem(id=f"made-{n:02}", statement=f"Made-up {n}", answer=str(n), subject=("sums", "")[n % 2])
        for n in range(60)
    ]
    versions = (ROOT / "data/versions.yaml").read_text(encoding="utf-8")
    write_records("data/problems.jsonl", [*problems, *_unusable(problems)])
    write_records("data/verified.jsonl", [_verified(one, solved[one.id]) for one in problems])
    write_records("data/chains.jsonl", chains)
    write_records("data/benchmarks/made.jsonl", benchmark)
    Path("data/versions.yaml").write_text(versions, encoding="utf-8")
    split_problems()
    hardness = {one.id: random.gauss(0, 1.2) for one in [*problems, *benchmark]}
    for key in [BASE, *params.runs, *(key for key in params.variants if key != BASE)]:
        run = params.trained(key)
        level = "base" if run is None else run.level
        answer(key, params, random, level, STRENGTH[level] + random.gauss(0, 0.1), hardness)
        if key in params.runs:
            _train(random, key, params, 160 if params.runs[key].long else 40)
    _metrics(problems, solved, chains)
    return params


def split_problems() -> None:
    """The stage `split`, on what is on disk."""
    with arguments("split"), mock.patch.object(base, "load_tokenizer", Words):
        split.main()


def grade(key: str) -> None:
    """The stage `evaluate`, on the responses on disk."""
    with arguments("evaluate", key):
        evaluate.main()


@contextlib.contextmanager
def arguments(*words: str):
    """A stage's command line."""
    before, sys.argv = sys.argv, [*words]
    try:
        yield
    finally:
        sys.argv = before


def student(key: str, params: Params | None = None) -> Student:
    """Who answers as the run or variant `key`, asked as `params` say, or as runs are."""
    asked = params.asked(key) if params else None
    run = key if asked is None else asked.run or BASE
    adapter = "" if run == BASE else hashlib.sha256(run.encode()).hexdigest()
    prompt = "e" * 64 if asked and asked.shots else PROMPT
    told = Student(run=key, base_digest=MODEL, adapter_digest=adapter, prompt_digest=prompt, budget=BUDGET, **ASKED)
    if asked is None:
        return told
    how = {"budget": BUDGET * asked.budget, "batch_size": asked.batch_size or 64, "temperature": asked.temperature}
    return told.model_copy(update=how)


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


def _unusable(problems: list[Problem]) -> list[Problem]:
    """Questions that were left out, for two reasons, with their images."""
    Path("data/crops").mkdir(parents=True, exist_ok=True)
    found = []
    for number, one in enumerate(problems[:9]):
        reason = "needs its figure" if number < 6 else "the statement is missing"
        crop = f"data/crops/left-{number}.png"
        Image.new("L", (60, 20), 40 * (number % 5)).save(crop)
        source = one.source.model_copy(update={"crop": crop})
        changes = {"id": f"made-2019-fs-{number:02}", "usable": False, "reason": reason, "source": source}
        found.append(one.model_copy(update=changes))
    return found


def six_chains(one: Problem) -> list[Chain]:
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
            model="made-teacher",
            request="0" * 64,
        ),
        verdict="match" if solved else "no",
        decided_by="checker",
        checker="match" if solved else "no",
        why="made up",
    )


def answer(key: str, params: Params, random: Random, level: str, strength: float, hardness: dict[str, float]) -> None:
    """Responses of a run to all that it is asked, in words that the real judge reads, and their grades."""
    exam = read_exam(params)
    questions = exam.asked_of(params.trained(key), params.asked(key))
    said = [
        say(one, student(key, params), random, level, strength, hardness).model_copy(update={"sample": sample})
        for one in questions
        for sample in range(1, params.asked(key).samples + 1)
    ]
    write_records(f"data/responses/{key}.jsonl", said)
    grade(key)


def say(
    one: Question, who: Student, random: Random, level: str, strength: float, hardness: dict[str, float]
) -> Response:
    """A response that is right by chance, cut off or blank now and then where it is wrong."""
    bonus = 1.4 if one.split == "train" and who.adapter_digest else 0.0
    right = random.random() < 1 / (1 + math.exp(hardness[one.problem_id] - strength - bonus))
    cut = not right and random.random() < (0.08 if who.adapter_digest else 0.3)
    blank = not right and not cut and random.random() < 0.05
    words = max(3, round(random.gauss(WORDS[level], WORDS[level] / 5)))
    said = one.key if right else str(random.randint(2, 198) + 1000)
    end = "" if cut else "" if blank else f"\nAnswer: {said}"
    text = "" if blank else f"{HOSTILE} " + " ".join(["so"] * words) + end
    return Response(
        source=one.source,
        problem_id=one.problem_id,
        text=text,
        finish_reason="length" if cut else "stop",
        tokens=who.budget if cut else 2 * len(text.split()),
        words=len(text.split()),
        student=who,
    )


def _train(random: Random, key: str, params: Params, iterations: int) -> None:
    """Losses as a short and a long training show them: falling, then rising again on problems never trained on."""
    folder = Path(f"plots/training/{key}/plots/metrics")
    train, valid = ["step\tloss"], ["step\tloss"]
    for step in range(iterations + 1):
        if step:
            train.append(f"{step}\t{0.4 + 1.9 * math.exp(-step / 30) + random.gauss(0, 0.05)}")
        if step % 10 == 0:
            valid.append(f"{step}\t{1.1 + 1.3 * math.exp(-step / 18) + 0.003 * max(0, step - 50)}")
    for name, lines in (("train", train), ("valid", valid)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "loss.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = params.runs[key]
    folder = Path(f"data/datasets/{run.level}/fold-{run.fold}")
    losses = {int(step): float(loss) for step, loss in (line.split("\t") for line in valid[1:])}
    kept = max(losses) if run.long else min(losses, key=lambda step: losses[step])
    told = {
        "run": key,
        "level": run.level,
        "replicate": run.replicate,
        "fold": run.fold,
        "seed": params.run_seed(key),
        "base_digest": MODEL,
        "data_digest": digest(folder / "train.jsonl", folder / "valid.jsonl"),
        "kept_iteration": kept,
        "versions": {},
        "adapter_digest": student(key).adapter_digest,
        "kept_loss": losses[kept],
        "last_loss": losses[max(losses)],
        "last_iteration": max(losses),
        "trained_tokens": 100 * iterations,
    }
    write_json(f"metrics/training/{key}.json", told)


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
    some = {"continued": 240, "exact": 1, "near": 3}
    sources = {"exams": {"statements": 250, **some, "by_year": {"2021": some}}, "made": {"statements": 60, **some}}
    write_json("metrics/contamination.json", {"share": 0.6, "least_words": 5, "near": 0.9, "sources": sources})
    write_json("metrics/judged.json", {"ask": "none"})
    write_json(
        "metrics/teacher.json",
        {
            "problems": len(problems),
            "solved": sum(solved.values()),
            "accuracy": {"accuracy": share, "low": 0.83, "high": 0.91, "n": len(problems)},
            "by_section": {name: {"accuracy": share, "n": 100} for name in ("fs", "js", "tp")},
            "decided_by": {"checker": len(problems), "verifier": 0},
            "solver": {
                "requests": len(problems),
                "prompt_tokens": 20_000,
                "cached_tokens": 5000,
                "completion_tokens": 100_000,
            },
            "verifier": {"requests": 9, "prompt_tokens": 1000, "completion_tokens": 100},
        },
    )
    write_json(
        "metrics/chains.json",
        {
            "problems": len(problems),
            "with_chains": len(chains) // 6,
            "left_out": {"unverified": 30},
            "words": {level: {"mean": 50.5, "min": 17, "max": 101} for level in Level},
            "compressor": {"requests": len(problems), "prompt_tokens": 80_000, "completion_tokens": 70_000},
        },
    )
