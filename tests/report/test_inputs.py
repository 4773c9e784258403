"""stages.report.inputs and checks: every planted error ends in a StudyError that names file, run and problem."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from stages.questions.exam import read_exam
from stages.report.checks import count_leaks
from stages.report.inputs import load
from stages.study import params
from stages.study.errors import StudyError
from stages.study.files import read_json, read_records, write_json, write_records
from stages.study.records import Assignment, Chain, Grade, Problem, Response, Row, Verified
from tests.report.made_study import grade, six_chains, student, write_params, write_study


def responses(run: str) -> list[Response]:
    return read_records(f"data/responses/{run}.jsonl", Response)


def rewrite(run: str, change: Callable[[list[Response]], list[Response]]) -> None:
    write_records(f"data/responses/{run}.jsonl", change(responses(run)))


def edit(path: str, change: Callable[[dict], dict]) -> None:
    """Change every record of a file as text, past the records' own checks."""
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    Path(path).write_text("".join(json.dumps(change(line)) + "\n" for line in lines), encoding="utf-8")


def edit_first(path: str, fits: Callable[[dict], bool], **changes: object) -> None:
    done = False

    def change(line: dict) -> dict:
        nonlocal done
        if done or not fits(line):
            return line
        done = True
        return line | changes

    edit(path, change)
    assert done


def test_a_study_loads(study):
    loaded = load(study)
    assert list(loaded.answers) == ["base", *study.runs, *(key for key in study.variants if key != "base")]
    assert len(loaded.marks) == sum(len(one) for one in loaded.answers.values())
    assert len(loaded.teacher) == len(loaded.exam.problems) == 250
    assert loaded.curves["R1-long"].valid.keys() == set(range(0, 161, 10))
    assert loaded.curves["R1-long"].train.keys() == set(range(1, 161))
    assert loaded.leaks == dict.fromkeys(range(5), 0)


# --- who answered


def swap(one: str, other: str, pretend: bool) -> None:
    """Responses, grades and metrics of two runs change places; `pretend`: each names the run that it stands for."""
    for path in ("data/responses/{}.jsonl", "data/grades/{}.jsonl", "metrics/runs/{}.json"):
        texts = [Path(path.format(name)).read_text(encoding="utf-8") for name in (one, other)]
        for name, owner, text in ((one, other, texts[1]), (other, one, texts[0])):
            shown = text.replace(f'"run": "{owner}"', f'"run": "{name}"') if pretend else text
            Path(path.format(name)).write_text(shown, encoding="utf-8")


def base_under_a_runs_name(run: str) -> None:
    mine = {(one.source, one.problem_id) for one in responses(run)}
    said = [one for one in responses("base") if (one.source, one.problem_id) in mine]
    who = student("base").model_copy(update={"run": run})
    write_records(f"data/responses/{run}.jsonl", [one.model_copy(update={"student": who}) for one in said])
    grade(run)


def another_student(run: str, **changes: object) -> None:
    who = student(run, params.load()).model_copy(update=changes)
    rewrite(run, lambda said: [one.model_copy(update={"student": who}) for one in said])
    grade(run)


def mixed_students(run: str) -> None:
    who = student(run).model_copy(update={"adapter_digest": "f" * 64})
    rewrite(run, lambda said: [said[0].model_copy(update={"student": who}), *said[1:]])


def set_budget(tokens: int) -> None:
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    raw["sample"]["generate"]["max_tokens"] = tokens
    Path("params.yaml").write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")


WHO = {
    "two runs swapped": (
        lambda: swap("R1-r0", "R1-r5", False),
        r"data/responses/R1-r0.jsonl: made-\S+: a response of R1-r5, not R1-r0; run `dvc repro`",
    ),
    "two runs swapped, each under the other's name": (
        lambda: swap("R2-r0", "R3-r0", True),
        r"data/responses/R2-r0.jsonl: R2-r0: made-\S+: adapter_digest \w{12}, but metrics/training/R2-r0.json has",
    ),
    "base under a run's name": (
        lambda: base_under_a_runs_name("R4-r0"),
        r"data/responses/R4-r0.jsonl: R4-r0: made-\S+: adapter_digest missing, but metrics/training/R4-r0.json",
    ),
    "a run under base's name": (
        lambda: another_student("base", adapter_digest="a" * 64),
        r"data/responses/base.jsonl: base: made-\S+: answered with an adapter",
    ),
    "an adapter of an earlier training": (
        lambda: another_student("R1-r3", adapter_digest="a" * 64),
        r"data/responses/R1-r3.jsonl: R1-r3: made-\S+: adapter_digest a{12}, but metrics/training/R1-r3.json",
    ),
    "an adapter trained on another base": (
        lambda: edit_training("R1-r3", base_digest="a" * 64),
        r"R1-r3.jsonl: R1-r3: made-\S+: base_digest b{12}, but metrics/training/R1-r3.json has a{12}",
    ),
    "another run's training": (
        lambda: edit_training("R1-r3", run="R1-r2"),
        r"metrics/training/R1-r3.json: R1-r3: run: R1-r2, but it is to be R1-r3; .*train@R1-r3",
    ),
    "a training with another seed": (
        lambda: edit_training("R1-r3", seed=7),
        r"metrics/training/R1-r3.json: R1-r3: seed: 7, but it is to be 3001; .*train@R1-r3",
    ),
    "a training on another fold": (
        lambda: edit_training("R1-r3", fold=2),
        r"metrics/training/R1-r3.json: R1-r3: fold: 2, but it is to be 3; .*train@R1-r3",
    ),
    "a training on other rows": (
        lambda: write_records(
            "data/datasets/R2/fold-0/train.jsonl", read_records("data/datasets/R2/fold-0/train.jsonl", Row)[1:]
        ),
        r"metrics/training/R2-r0.json: R2-r0: data_digest: \w+, but it is to be \w+; .*train@R2-r0",
    ),
    "another base": (
        lambda: another_student("R5-r0", base_digest="a" * 64),
        r"data/responses/R5-r0.jsonl: R5-r0: made-\S+: another base than that of data/responses/base.jsonl",
    ),
    "another prompt": (
        lambda: another_student("R5-r0", prompt_digest="a" * 64),
        r"data/responses/R5-r0.jsonl: R5-r0: made-\S+: another prompt than that of data/responses/base.jsonl",
    ),
    "another budget": (
        lambda: another_student("R6-r0", budget=500),
        r"data/responses/R6-r0.jsonl: R6-r0: made-\S+: a budget of 500 tokens, but params.yaml gives it 400",
    ),
    "another budget for all": (
        lambda: set_budget(300),
        r"data/responses/base.jsonl: base: made-\S+: a budget of 400 tokens, but params.yaml gives it 300",
    ),
    "several students in a run": (
        lambda: mixed_students("R1-r1"),
        r"data/responses/R1-r1.jsonl: R1-r1: responses of several students",
    ),
}


def edit_training(key: str, **changes: object) -> None:
    path = f"metrics/training/{key}.json"
    write_json(path, read_json(path) | changes)


# --- what was said, and what was made of it


def flip_and_recount(run: str) -> None:
    """Verdicts turned round where the record allows it, and metrics counted from them."""
    flipped = [
        one
        if one.finish_reason == "length" or one.answer is None
        else one.model_copy(update={"verdict": "no" if one.verdict == "match" else "match"})
        for one in read_records(f"data/grades/{run}.jsonl", Grade)
    ]
    write_records(f"data/grades/{run}.jsonl", flipped)
    metrics = read_json(f"metrics/runs/{run}.json")
    metrics["held_out"]["correct"] = sum(one.verdict == "match" and one.split == "test" for one in flipped)
    write_json(f"metrics/runs/{run}.json", metrics)


def other_text(run: str) -> None:
    """A right answer put into a response after it was graded."""
    wrong = next(one for one in read_records(f"data/grades/{run}.jsonl", Grade) if one.verdict == "no")
    key = next(one.answer for one in read_records("data/problems.jsonl", Problem) if one.id == wrong.problem_id)
    changes = {"text": f"So\nAnswer: {key}", "words": 3, "finish_reason": "stop"}
    edit_first(f"data/responses/{run}.jsonl", lambda line: line["problem_id"] == wrong.problem_id, **changes)


def count_wrong(run: str, *keys: str, **changes: object) -> None:
    metrics = block = read_json(f"metrics/runs/{run}.json")
    for key in keys:
        block = block[key]
    block.update(changes)
    write_json(f"metrics/runs/{run}.json", metrics)


def drop_a_grade() -> None:
    write_records("data/grades/R1-r2.jsonl", read_records("data/grades/R1-r2.jsonl", Grade)[:-1])


def is_blank(line: dict) -> bool:
    return line["answer"] is None and line["finish_reason"] == "stop"


def is_right_outside(line: dict) -> bool:
    return line["source"] == "made" and line["verdict"] == "match"


def is_unsolved(line: dict) -> bool:
    return line["checker"] == "no"


SAID = {
    "a cut-off grade marked as a match": (
        lambda: edit_first("data/grades/base.jsonl", lambda line: line["finish_reason"] == "length", verdict="match"),
        r"data/grades/base.jsonl:\d+: .*base: made-\S+: a cut off response cannot be a match",
    ),
    "a blank grade marked as a match": (
        lambda: edit_first("data/grades/base.jsonl", is_blank, verdict="match"),
        r"data/grades/base.jsonl:\d+: .*base: made-\S+: a blank response cannot be a match",
    ),
    "tokens over the budget": (
        lambda: edit_first("data/responses/R1-r4.jsonl", lambda _: True, tokens=401),
        r"data/responses/R1-r4.jsonl:1: .*response of R1-r4 to made-\S+: 401 tokens, over the budget of 400",
    ),
    "an impossible number of words": (
        lambda: edit_first("data/responses/R1-r4.jsonl", lambda _: True, words=1),
        r"data/responses/R1-r4.jsonl:1: .*response of R1-r4 to made-\S+: the text has \d+ words, but 1 are recorded",
    ),
    "verdicts flipped and recounted": (
        lambda: flip_and_recount("R3-r0"),
        r"data/grades/R3-r0.jsonl: R3-r0: made-\S+: (no|match) for made-\S+, but the response is judged (no|match)",
    ),
    "verdicts of the benchmark flipped": (
        lambda: edit_first("data/grades/R1-long.jsonl", is_right_outside, verdict="no"),
        r"data/grades/R1-long.jsonl: R1-long: made-\d+: no for made-\d+, but the response is judged match",
    ),
    "a response changed after it was graded": (
        lambda: other_text("R2-r0"),
        r"data/grades/R2-r0.jsonl: R2-r0: made-\S+: no for made-\S+, but the response is judged match",
    ),
    "a grade of another text": (
        lambda: edit_first("data/grades/R2-r0.jsonl", lambda line: line["verdict"] == "no", why="because"),
        r"data/grades/R2-r0.jsonl: R2-r0: made-\S+: not the grade of the response on disk",
    ),
    "a grade missing": (drop_a_grade, r"data/grades/R1-r2.jsonl: R1-r2: 49 grades of 50; .*evaluate@R1-r2"),
    "metrics that no grades give": (
        lambda: count_wrong("R1-r1", "held_out", low=0.5),
        r"metrics/runs/R1-r1.json: R1-r1: held_out.low: not what its grades give; .*evaluate@R1-r1",
    ),
    "metrics of the benchmark": (
        lambda: count_wrong("base", "benchmarks", "made", correct=60),
        r"metrics/runs/base.json: base: benchmarks.made.correct: not what its grades give",
    ),
    "metrics with one key more": (
        lambda: count_wrong("base", "by_section", nn={"n": 1}),
        r"metrics/runs/base.json: base: by_section.nn: ",
    ),
    "the teacher's verdict": (
        lambda: edit_first("data/verified.jsonl", is_unsolved, checker="match", verdict="match"),
        r"data/verified.jsonl: teacher: made-\S+: 'match' by the checker, but the solution is judged 'no'",
    ),
    "a verdict against the checker": (
        lambda: edit_first("data/verified.jsonl", is_unsolved, verdict="match"),
        r"data/verified.jsonl: teacher: made-\S+: 'match', but the checker says 'no'",
    ),
    "a verifier asked where the checker had decided": (
        lambda: edit_first("data/verified.jsonl", is_unsolved, decided_by="verifier"),
        r"data/verified.jsonl: teacher: made-\S+: decided by the verifier, as 'no'",
    ),
}


# --- who was asked what


def drop_everywhere(count: int = 1) -> None:
    """One problem of fold 0, and one of the benchmark, left out by every student, and graded so."""
    gone = next(one.problem_id for one in responses("R1-r0"))
    for run in ["base", *params.load().runs]:
        rewrite(run, lambda said: [one for one in said if one.problem_id not in (gone, "made-07")])
        write_records(
            f"data/grades/{run}.jsonl",
            [one for one in read_records(f"data/grades/{run}.jsonl", Grade) if one.problem_id not in (gone, "made-07")],
        )


def drop_from_the_assignment() -> None:
    kept = read_records("data/assignment.jsonl", Assignment)
    write_records("data/assignment.jsonl", [one for one in kept if one.problem_id != kept[0].problem_id])


def drop_from_one_fold() -> None:
    kept = read_records("data/assignment.jsonl", Assignment)
    gone = next(one for one in kept if one.split == "train")
    write_records("data/assignment.jsonl", [one for one in kept if one != gone])


def drop_the_problem() -> None:
    """From problems, assignment, responses and grades alike."""
    gone = read_records("data/problems.jsonl", Problem)[3].id
    for path in ["data/problems.jsonl", "data/assignment.jsonl", *map(str, Path("data").glob("[rg]*s/*.jsonl"))]:
        text = Path(path).read_text(encoding="utf-8").splitlines(keepends=True)
        Path(path).write_text("".join(line for line in text if f'"{gone}"' not in line), encoding="utf-8")
    write_records(
        "data/chains.jsonl", [one for one in read_records("data/chains.jsonl", Chain) if one.problem_id != gone]
    )


def drop_from_the_benchmark() -> None:
    path = Path("data/benchmarks/made.jsonl")
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")


ASKED = {
    "a row missing in every run": (
        drop_everywhere,
        r"data/responses/base.jsonl: base: 2 of 310 responses missing, made-\S+ first; run `dvc repro`",
    ),
    "a row missing in one run": (
        lambda: rewrite("R1-r2", lambda said: said[1:]),
        r"data/responses/R1-r2.jsonl: R1-r2: 1 of 50 responses missing, made-\S+ first",
    ),
    "a trained problem missing": (
        lambda: rewrite("R1-r0", lambda said: [one for one in said if one.problem_id != "made-2023-fs-05"]),
        r"data/responses/R1-r0.jsonl: R1-r0: 1 of 310 responses missing, made-2023-fs-05 first",
    ),
    "answered twice": (
        lambda: rewrite("R2-r0", lambda said: [*said, said[0]]),
        r"data/responses/R2-r0.jsonl: made-\S+: answered twice",
    ),
    "not asked": (
        lambda: rewrite("R2-r0", lambda said: [*said, said[0].model_copy(update={"problem_id": "made-x"})]),
        r"data/responses/R2-r0.jsonl: R2-r0: made-x of exams was not asked",
    ),
    "a problem that no fold holds out": (drop_from_the_assignment, r"data/assignment.jsonl: made-\S+: each usable"),
    "a problem that a fold does not know": (
        drop_from_one_fold,
        r"data/assignment.jsonl: fold \d: made-\S+: each usable",
    ),
    "a problem lost in all files": (drop_the_problem, r"metrics/extract.json: usable: 250, but .* has 249 usable"),
    "a problem lost in the benchmark": (
        drop_from_the_benchmark,
        r"metrics/split.json: benchmarks.made.problems: 60, .*59",
    ),
    "a teacher without a verdict": (
        lambda: write_records("data/verified.jsonl", read_records("data/verified.jsonl", Verified)[1:]),
        r"data/verified.jsonl: made-\S+: one verdict on each usable problem",
    ),
}


# --- what a run was trained on


def plant(level: str, fold: int, split: str, statement: Callable[[Problem], str], own_id: bool) -> None:
    """One more row in a dataset: a problem that the fold holds out, in some words, under its own or another's id."""
    path = f"data/datasets/{level}/fold-{fold}/{split}.jsonl"
    rows = read_records(path, Row)
    held_out = next(
        one.problem_id
        for one in read_records("data/assignment.jsonl", Assignment)
        if (one.fold, one.split) == (fold, "test")
    )
    problem = next(one for one in read_records("data/problems.jsonl", Problem) if one.id == held_out)
    messages = [rows[0].messages[0], {"role": "user", "content": statement(problem)}, rows[0].messages[2]]
    planted = Row(messages=messages, problem_id=held_out if own_id else rows[0].problem_id)
    write_records(path, [planted, *rows])


def unverified_chains() -> None:
    unsolved = next(one.problem_id for one in read_records("data/verified.jsonl", Verified) if one.verdict == "no")
    problem = next(one for one in read_records("data/problems.jsonl", Problem) if one.id == unsolved)
    write_records("data/chains.jsonl", [*read_records("data/chains.jsonl", Chain), *six_chains(problem)])


TRAINED = {
    "a held-out problem": (
        lambda: plant("R1", 0, "train", lambda one: one.statement, True),
        r"data/datasets/R1/fold-0/train.jsonl: R1-r0, R1-r5, R1-long: the row of (made-\S+) is \1, which",
    ),
    "its statement under another's id, which stands there as well": (
        lambda: plant("R1", 3, "train", lambda one: one.statement, False),
        r"data/datasets/R1/fold-3/train.jsonl: R1-r3: the row of made-\S+ resembles \(1.00\) made-\S+, which fold 3",
    ),
    "its id with other words": (
        lambda: plant("R2", 0, "train", lambda _: "nothing like it", True),
        r"data/datasets/R2/fold-0/train.jsonl: R2-r0: the row of (made-\S+) is \1",
    ),
    "a near-duplicate": (
        lambda: plant("R6", 0, "train", lambda one: one.statement.upper() + " Say it again, and say it well.", False),
        r"data/datasets/R6/fold-0/train.jsonl: R6-r0: the row of made-\S+ resembles \(0.\d\d\) made-\S+",
    ),
    "among the problems that choose the checkpoint": (
        lambda: plant("R4", 0, "valid", lambda one: one.statement, True),
        r"data/datasets/R4/fold-0/valid.jsonl: R4-r0: the row of (made-\S+) is \1",
    ),
    "chains of what was not verified": (
        unverified_chains,
        r"data/chains.jsonl: made-\S+: chains of a solution that is not verified",
    ),
}


@pytest.mark.parametrize("name", [*WHO, *SAID, *ASKED, *TRAINED])
def test_what_lies_is_named(study, name):
    fault, message = (WHO | SAID | ASKED | TRAINED)[name]
    fault()
    with pytest.raises(StudyError, match=message):
        load(params.load())


def test_a_leak_is_counted_under_the_published_protocol(study):
    write_params(protocol="published")
    write_study()
    before = load(params.load()).leaks
    assert sum(before.values()) > 0  # near-duplicates are not kept apart
    plant("R1", 2, "train", lambda one: one.statement, True)
    after = count_leaks(read_exam(params.load()), params.load())
    assert {fold: after[fold] - before[fold] for fold in after} == {0: 0, 1: 0, 2: 1, 3: 0, 4: 0}
