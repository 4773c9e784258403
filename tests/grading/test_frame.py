"""stages.grading.frame and summary: one line a grade, and what is counted from it, against plain counting."""

import json
from collections import Counter
from statistics import fmean, stdev

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.grading.frame import (
    accuracy,
    accuracy_by,
    frame,
    held_out,
    paired,
    response_stats,
    score,
    spread,
    teacher_frame,
)
from stages.grading.statistics import effective_size, mcnemar, paired_interval, wilson
from stages.grading.summary import run_metrics
from stages.questions.exam import EXAMS, Exam
from stages.study.params import Run
from stages.study.records import (
    Assignment,
    BenchmarkProblem,
    Grade,
    Problem,
    Reading,
    Solution,
    Source,
    Student,
    Usage,
    Verified,
)

RUN = Run(level="R2", replicate=3, fold=1, long=False, all_problems=True, benchmark=True)


def problem(one: str, section: str, year: int) -> Problem:
    return Problem(
        id=one,
        corpus="made",
        year=year,
        section=section,
        number="01",
        statement=f"Find {one}.",
        answer="1",
        source=Source(file="x.pdf", page=1, box=(0, 0, 1, 1)),
        reading=Reading(engine="text", confidence=1),
    )


PLACES = {"a": ("fs", 2021), "b": ("js", 2021), "c": ("fs", 2022), "d": ("tp", 2022)}
PROBLEMS = {one: problem(one, *place) for one, place in PLACES.items()}
FOLD_OF = {"a": 1, "b": 1, "c": 1, "d": 0}
CLUSTER_OF = {"a": "a", "b": "a", "c": "c", "d": "d"}
ASSIGNED = tuple(
    Assignment(
        problem_id=one,
        fold=fold,
        split="test" if FOLD_OF[one] == fold else "train",
        cluster=CLUSTER_OF[one],
        has_chain=one != "c",
    )
    for fold in (0, 1)
    for one in PROBLEMS
)
OUTSIDE = {
    f"m{n}": BenchmarkProblem(id=f"m{n}", statement="?", answer="1", subject=("sums", "")[n], difficulty=("4", "2")[n])
    for n in (0, 1)
}
EXAM = Exam(PROBLEMS, ASSIGNED, {"made": OUTSIDE}, published=False)


def grade(one: str, verdict: str = "no", run: str = "R2-r3", split: str = "test", **changes: object) -> Grade:
    told = {
        "source": EXAMS if one in PROBLEMS else "made",
        "problem_id": one,
        "answer": "1",
        "tier": "line",
        "verdict": verdict,
        "why": "so",
        "finish_reason": "stop",
        "tokens": 10,
        "words": 5,
        "split": split,
        "fold": FOLD_OF.get(one),
        "student": Student(
            run=run, base_digest="b", adapter_digest="a", prompt_digest="p", budget=20, batch_size=8, engine="mlx"
        ),
    }
    return Grade.model_validate(told | changes)


GRADES = [
    grade("c", "match", tokens=4, words=1),
    grade("b", "undecided"),
    grade("a", "no", finish_reason="length", answer=None, tokens=20, words=9),
    grade("d", "match", split="train"),
    grade("m1", "match", split="benchmark"),
    grade("m0", "no", split="benchmark", answer=None),
]


def made() -> pd.DataFrame:
    return frame(GRADES, EXAM, {"R2-r3": RUN})


def test_one_line_a_grade():
    lines = made().to_dict("records")
    assert [(line["source"], line["problem"]) for line in lines] == [
        ("exams", "a"),
        ("exams", "b"),
        ("exams", "c"),
        ("exams", "d"),
        ("made", "m0"),
        ("made", "m1"),
    ]
    assert lines[0] == {
        "run": "R2-r3",
        "level": "R2",
        "replicate": 3,
        "run_fold": 1,
        "long": False,
        "source": "exams",
        "problem": "a",
        "split": "test",
        "fold": 1,
        "section": "fs",
        "year": "2021",
        "subject": "",
        "difficulty": "",
        "cluster": "a",
        "answer": "",
        "budget": 20,
        "sample": 1,
        "verdict": "no",
        "correct": False,
        "truncated": True,
        "blank": True,
        "undecided": False,
        "words": 9,
        "tokens": 20,
    }
    assert [line["cluster"] for line in lines] == ["a", "a", "c", "d", "m0", "m1"]
    assert [line["fold"] for line in lines] == [1, 1, 1, 0, -1, -1]
    assert [line["subject"] for line in lines] == ["", "", "", "", "sums", ""]
    assert [line["section"] for line in lines] == ["fs", "js", "fs", "tp", "", ""]
    assert [line["correct"] for line in lines] == [False, False, True, True, False, True]
    assert [line["undecided"] for line in lines] == [False, True, False, False, False, False]
    assert [line["blank"] for line in lines] == [True, False, False, False, True, False]


def test_the_base_student_has_no_level_of_its_own():
    [line] = frame([grade("a", run="base")], EXAM, {"R2-r3": RUN}).to_dict("records")
    assert (line["level"], line["replicate"], line["run_fold"], line["long"]) == ("base", 0, -1, False)


def test_runs_stand_apart_and_in_order():
    grades = [grade("a", run="z"), grade("b", run="a"), grade("a", run="a")]
    runs = {"a": RUN, "z": RUN.model_copy(update={"long": True, "fold": 0})}
    found = frame(grades, EXAM, runs)
    assert [*zip(found["run"], found["problem"], strict=True)] == [("a", "a"), ("a", "b"), ("z", "a")]
    assert found["long"].tolist() == [False, False, True]
    assert found["run_fold"].tolist() == [1, 1, 0]


VERDICTS = st.sampled_from(["match", "no", "undecided"])
MARK = st.tuples(VERDICTS, st.sampled_from("uvwx"), st.booleans(), st.integers(0, 99))
MARKS = st.lists(MARK, min_size=1, max_size=40)


def marks(drawn: list) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "problem": f"p{number:02}",
            "cluster": cluster,
            "section": "fs" if number % 3 else "js",
            "correct": verdict == "match",
            "undecided": verdict == "undecided",
            "truncated": cut,
            "blank": not cut and words < 3,
            "words": words,
            "tokens": 2 * words,
        }
        for number, (verdict, cluster, cut, words) in enumerate(drawn)
    )


@given(MARKS)
def test_scores_are_counts(drawn):
    found = score(marks(drawn))
    right = sum(verdict == "match" for verdict, *_ in drawn)
    sizes = Counter(cluster for _, cluster, *_ in drawn)
    known = Counter(cluster for verdict, cluster, *_ in drawn if verdict == "match")
    size = effective_size([known[cluster] for cluster in sizes], [*sizes.values()])
    assert found == {
        "n": len(drawn),
        "correct": right,
        "accuracy": right / len(drawn),
        "low": pytest.approx(wilson(right / len(drawn) * size, size)[0], abs=1e-12),
        "high": pytest.approx(wilson(right / len(drawn) * size, size)[1], abs=1e-12),
        "truncated": sum(cut for *_, cut, _ in drawn),
        "blank": sum(not cut and words < 3 for *_, cut, words in drawn),
        "undecided": sum(verdict == "undecided" for verdict, *_ in drawn),
        "words": pytest.approx(fmean(words for *_, words in drawn)),
        "tokens": pytest.approx(2 * fmean(words for *_, words in drawn)),
    }
    assert json.loads(json.dumps(found)) == found  # plain numbers, no pandas ones
    assert found["low"] <= found["accuracy"] <= found["high"]


@given(MARKS)
def test_groups_add_up(drawn):
    found = accuracy_by(marks(drawn), "section")
    assert list(found) == sorted(found)
    assert sum(group["n"] for group in found.values()) == len(drawn)
    assert sum(group["correct"] for group in found.values()) == accuracy(marks(drawn))["correct"]


def test_of_nothing_there_is_nothing():
    nothing = marks([("no", "u", False, 1)]).iloc[:0]
    assert (accuracy(nothing), response_stats(nothing), accuracy_by(nothing, "section")) == ({"n": 0}, {}, {})


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("uvwxyz")), min_size=1, max_size=60))
def test_pairs(drawn):
    first, second = (
        pd.DataFrame({"problem": f"p{n:02}", "cluster": pair[2], "correct": pair[side]} for n, pair in enumerate(drawn))
        for side in (0, 1)
    )
    found = paired(first, second.iloc[::-1])  # by problem, in whatever order
    gained, lost = (sum(pair[:2] == sides for pair in drawn) for sides in ((True, False), (False, True)))
    sums = Counter({name: 0 for *_, name in drawn})
    for one, other, name in drawn:
        sums[name] += one - other
    sizes = Counter(name for *_, name in drawn)
    low, high = paired_interval([sums[name] for name in sorted(sums)], [sizes[name] for name in sorted(sizes)])
    assert found == {
        "n": len(drawn),
        "gained": gained,
        "lost": lost,
        "p": mcnemar(gained, lost),
        "difference": (gained - lost) / len(drawn),
        "low": low,
        "high": high,
    }
    assert json.loads(json.dumps(found)) == found
    back = paired(second, first)
    assert (back["gained"], back["lost"], back["difference"]) == (lost, gained, -found["difference"])


@pytest.mark.parametrize("second", [["a", "c"], ["a"], ["a", "b", "c"], ["a", "a"], ["b", "a", "b"]])
def test_students_of_other_problems_are_no_pair(second):
    one = pd.DataFrame({"problem": ["a", "b"], "cluster": ["a", "b"], "correct": [True, False]})
    other = pd.DataFrame({"problem": second, "cluster": second, "correct": [True] * len(second)})
    with pytest.raises(ValueError, match="same problems once each"):
        paired(one, other)
    with pytest.raises(ValueError, match="same problems once each"):
        paired(other, one)


def test_twice_the_same_problem_is_no_pair_with_itself():
    twice = pd.DataFrame({"problem": ["a", "a"], "cluster": ["a", "a"], "correct": [True, False]})
    with pytest.raises(ValueError, match="once each"):
        paired(twice, twice)


def test_spread_over_replicates():
    assert spread([0.25, 0.5, 0.75]) == {"mean": 0.5, "std": pytest.approx(stdev([0.25, 0.5, 0.75]))}
    assert spread([0.25]) == {"mean": 0.25, "std": None}


def test_held_out_are_the_exam_problems_that_the_run_did_not_see():
    assert held_out(made())["problem"].tolist() == ["a", "b", "c"]


def test_every_number_of_a_runs_metrics():
    found = run_metrics(made(), EXAM, RUN)
    size = 3**2 / (2**2 + 1)
    assert (found["level"], found["fold"]) == ("R2", 1)
    assert found["held_out"] == {
        "n": 3,
        "correct": 1,
        "accuracy": 1 / 3,
        "low": wilson(size / 3, size)[0],
        "high": wilson(size / 3, size)[1],
    }
    assert {name: (told["n"], told["correct"]) for name, told in found["by_section"].items()} == {
        "fs": (2, 1),
        "js": (1, 0),
    }
    assert {name: (told["n"], told["correct"]) for name, told in found["by_year"].items()} == {
        "2021": (2, 0),
        "2022": (1, 1),
    }
    assert found["held_out_responses"] == {
        "truncated": 1,
        "blank": 1,
        "undecided": 1,
        "words": 5.0,
        "tokens": pytest.approx(34 / 3),
    }
    everything = found["all"]
    assert (everything["n"], everything["correct"], everything["trained_share"]) == (4, 2, 1 / 4)
    assert {name: (told["n"], told["correct"]) for name, told in everything["by_split"].items()} == {
        "test": (3, 1),
        "train": (1, 1),
    }
    outside = found["benchmarks"]["made"]
    assert (outside["n"], outside["correct"], outside["low"]) == (2, 1, wilson(1, 2)[0])
    assert found["budget"] == 20
    assert found["cut_off_share"] == pytest.approx(1 / 3)
    assert (found["finished"]["n"], found["finished"]["correct"]) == (2, 1)
    assert {name: told["correct"] for name, told in outside["by_subject"].items()} == {"": 1, "sums": 0}
    assert {name: told["correct"] for name, told in outside["by_difficulty"].items()} == {"2": 1, "4": 0}
    assert outside["responses"]["blank"] == 1
    assert json.loads(json.dumps(found)) == found


def test_what_a_run_was_not_asked_does_not_stand_in_its_metrics():
    found = run_metrics(frame(GRADES[:3], EXAM, {"R2-r3": RUN}), EXAM, RUN)
    assert not {"all", "benchmarks"} & found.keys()


def test_the_base_student_was_trained_on_nothing():
    grades = [grade("a", "match", run="base", split="test"), grade("d", run="base", split="valid")]
    found = run_metrics(frame(grades, EXAM, {}), EXAM, None)
    assert (found["level"], found["fold"], found["all"]["trained_share"]) == (None, None, 0.0)


def verified(one: str, checker: str, verdict: str = "no", answer: str | None = "1", finish: str = "stop") -> Verified:
    solution = Solution(
        problem_id=one,
        attempt=1,
        reasoning="so it is",
        response="Answer: 1",
        answer=answer,
        finish_reason=finish,
        usage=Usage(prompt_tokens=5, completion_tokens=11),
        model="made",
        request="0",
    )
    by = "verifier" if checker == "undecided" else "checker"
    return Verified(problem_id=one, solution=solution, verdict=verdict, decided_by=by, checker=checker, why="so")


def test_the_teacher_is_counted_by_the_checker_alone():
    """The verifier's word makes chains, not scores: the students have no verifier."""
    given_ = [
        verified("d", "undecided", "match"),
        verified("b", "match", "match"),
        verified("a", "no", answer=None, finish="length"),
    ]
    found = teacher_frame(given_, PROBLEMS, FOLD_OF, CLUSTER_OF)
    assert found["problem"].tolist() == ["a", "b", "d"]
    assert found["correct"].tolist() == [False, True, False]
    assert found["undecided"].tolist() == [False, False, True]
    assert found["truncated"].tolist() == [True, False, False]
    assert found["blank"].tolist() == [True, False, False]
    assert found["fold"].tolist() == [1, 1, 0]
    assert found["cluster"].tolist() == ["a", "a", "d"]
    assert found["section"].tolist() == ["fs", "js", "tp"]
    assert found["year"].tolist() == ["2021", "2021", "2022"]
    assert found["words"].tolist() == [5, 5, 5]
    assert found["tokens"].tolist() == [11, 11, 11]
    alone = teacher_frame(given_, PROBLEMS)
    assert alone["fold"].tolist() == [-1, -1, -1]
    assert alone["cluster"].tolist() == ["a", "b", "d"]
