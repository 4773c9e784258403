"""stages.questions.exam and prompt: what each student is asked, and so the denominator of every table."""

from pathlib import Path

import pytest
import yaml

from stages.questions.exam import EXAMS, Question, read_exam
from stages.questions.prompt import INSTRUCTION, student_messages
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import Params, Run, Variant, load
from stages.study.records import ANSWER_LINE, Assignment, BenchmarkProblem, Problem, Reading, Source

ROOT = Path(__file__).parents[2]
SPLITS = {"a": ("test", "train"), "b": ("train", "test"), "c": ("valid", "test"), "d": ("test", "excluded")}


def problem(one: str, usable: bool = True) -> Problem:
    return Problem(
        id=one,
        corpus="made",
        year=2021,
        section="fs",
        number="01",
        statement=f"Find {one}.",
        answer=one.upper(),
        usable=usable,
        source=Source(file="x.pdf", page=1, box=(0, 0, 1, 1)),
        reading=Reading(engine="text", confidence=1),
    )


@pytest.fixture
def study(tmp_path, monkeypatch) -> Params:
    """Four problems in two folds, one that is not usable, a benchmark of two."""
    monkeypatch.chdir(tmp_path)
    assigned = [
        Assignment(problem_id=one, fold=fold, split=SPLITS[one][fold], cluster=min(one, "c"), has_chain=one != "b")
        for fold in (0, 1)
        for one in SPLITS
    ]
    write_records("data/problems.jsonl", [problem(one) for one in "dcba"] + [problem("z", usable=False)])
    write_records("data/assignment.jsonl", assigned)
    outside = [BenchmarkProblem(id=one, statement=f"Outside {one}.", answer="1") for one in ("m2", "m1")]
    write_records("data/benchmarks/made.jsonl", outside)
    raw = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    raw |= {
        "corpus": "made",
        "benchmarks": ["made"],
        "runs": {"one": {"level": "R1", "replicate": 0, "fold": 1, "long": False, "benchmark": True}},
        "variants": {"base": {"student": "base", "benchmark": True}, "other": {"student": "adapters/one", "shots": 2}},
    }
    Path("params.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return load()


def run(fold: int, **changes: object) -> Run:
    return Run.model_validate({"level": "R1", "replicate": 0, "fold": fold, "long": False} | changes)


def asked_of(study: Params, run: Run | None, **asked: object) -> list[Question]:
    student = "base" if run is None else "adapters/one"
    return read_exam(study).asked_of(run, Variant.model_validate({"student": student} | asked))


def test_what_the_exam_knows(study):
    exam = read_exam(study)
    assert exam.problems.keys() == {*"abcd"}
    assert exam.fold_of == {"a": 0, "b": 1, "c": 1, "d": 0}
    assert exam.cluster_of == {"a": "a", "b": "b", "c": "c", "d": "c"}
    assert exam.trained(0) == set()  # b would be, but has no chain
    assert exam.trained(1) == {"a"}
    assert not exam.published


@pytest.mark.parametrize(
    ("run", "asked", "expected"),
    [
        (run(0), {}, "a test 0, d test 0"),
        (run(1), {}, "b test 1, c test 1"),
        (run(1), {"benchmark": True}, "b test 1, c test 1, m2 benchmark None, m1 benchmark None"),
        (run(0), {"all_problems": True}, "a test 0, d test 0, b train 1, c valid 1"),
        (run(1), {"all_problems": True}, "b test 1, c test 1, a train 0, d excluded 0"),
        (run(1), {"all_problems": True, "fold": 0}, "a train 0, d excluded 0"),
        (None, {}, "a test 0, b test 1, c test 1, d test 0"),
        (None, {"fold": 1}, "b test 1, c test 1"),
        (None, {"benchmark": True}, "a test 0, b test 1, c test 1, d test 0, m2 benchmark None, m1 benchmark None"),
    ],
)
def test_who_is_asked_what(study, run, asked, expected):
    asked = asked_of(study, run, **asked)
    assert ", ".join(f"{one.problem_id} {one.split} {one.fold}" for one in asked) == expected
    for one in asked:
        if one.source == EXAMS:
            assert (one.statement, one.key) == (f"Find {one.problem_id}.", one.problem_id.upper())
        else:
            assert (one.source, one.statement, one.key) == ("made", f"Outside {one.problem_id}.", "1")


def test_under_the_published_protocol_every_run_answers_all(study):
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    raw["sample"]["split"]["protocol"] = "published"
    Path("params.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    assert read_exam(load()).published
    assert [one.problem_id for one in asked_of(load(), run(0))] == ["a", "d", "b", "c"]


def test_a_fold_that_holds_nothing_out_is_an_error(study):
    with pytest.raises(StudyError, match=r"data/assignment.jsonl: fold 2, which a run names, holds out no problem"):
        asked_of(study, run(2))
    for who, fold in ((run(1), 0), (None, 2)):
        with pytest.raises(StudyError, match=rf"fold {fold}, which a variant names, has no problem to ask"):
            asked_of(study, who, fold=fold)


def assigned() -> list[Assignment]:
    return read_records("data/assignment.jsonl", Assignment)


def change(one: str, fold: int, **changes: object) -> None:
    write_records(
        "data/assignment.jsonl",
        [
            told.model_copy(update=changes) if (told.problem_id, told.fold) == (one, fold) else told
            for told in assigned()
        ],
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda: change("b", 1, split="train"), r"data/assignment.jsonl: b: .*held out once; run `dvc repro split`"),
        (lambda: change("b", 0, split="test"), r"data/assignment.jsonl: b: .*held out once"),
        (lambda: change("a", 1, problem_id="z"), r"data/assignment.jsonl: fold 1: (a|z): .*in each fold once"),
        (lambda: change("a", 1, problem_id="b"), r"data/assignment.jsonl: fold 1: (a|b): .*in each fold once"),
        (
            lambda: write_records("data/assignment.jsonl", [*assigned(), assigned()[1]]),
            r"data/assignment.jsonl: fold 0: b: .*in each fold once",
        ),
        (
            lambda: write_records("data/problems.jsonl", [problem(one) for one in "abc"]),
            r"data/assignment.jsonl: d: .*held out once",
        ),
        (
            lambda: write_records("data/problems.jsonl", [problem(one) for one in "abcde"]),
            r"data/assignment.jsonl: e: .*held out once",
        ),
        (lambda: Path("data/benchmarks/made.jsonl").write_text(""), "no problems in it"),
        (lambda: Path("data/assignment.jsonl").unlink(), "data/assignment.jsonl: no such file"),
    ],
)
def test_files_that_do_not_belong_together(study, fault, message):
    fault()
    with pytest.raises(StudyError, match=message):
        read_exam(study)


def test_a_student_by_its_key(study):
    assert (study.trained("base"), study.asked("base")) == (None, study.variants["base"])
    assert (study.trained("one"), study.asked("one")) == (
        study.runs["one"],
        Variant(student="adapters/one", benchmark=True),
    )
    assert (study.trained("other"), study.asked("other").shots) == (study.runs["one"], 2)
    for find in (study.trained, study.asked):
        with pytest.raises(StudyError, match=r"params.yaml: two: neither a run nor a variant; .* one, base, other"):
            find("two")


def test_the_prompt_names_the_answer_line():
    messages = student_messages("Find {x} % of <b>")
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[0]["content"] == INSTRUCTION
    assert messages[1]["content"] == "Find {x} % of <b>"  # as it is, whatever it holds
    assert f"'{ANSWER_LINE}'" in INSTRUCTION
