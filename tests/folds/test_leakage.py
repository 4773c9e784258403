"""stages.folds.leakage and summary: what is trained on beside what is asked."""

import pytest

from stages.folds.leakage import across, leaks
from stages.folds.resemblance import Pair
from stages.folds.summary import fold_summary, rows_by_split
from stages.study.records import Assignment, Row
from tests.folds.problems import problem

ONE = "A farmer has twelve hens and nine cows on his land"
LIKE = "A farmer has twelve hens and nine cows on her land"  # 7 of 9 + 9 - 7 shingles: 0.64
OTHER = "Find the sum of all primes below the number ten"


def row(one: str, statement: str) -> Row:
    messages = [
        {"role": "system", "content": ONE},  # never what is compared
        {"role": "user", "content": statement},
        {"role": "assistant", "content": f"{ONE}\nAnswer: 1"},
    ]
    return Row(messages=messages, problem_id=one)


@pytest.mark.parametrize(
    ("rows", "held_out", "expected"),
    [
        ([("a", ONE)], {"b": OTHER}, []),
        ([("a", ONE)], {"a": OTHER}, [("a", "a", 1.0)]),  # by id alone
        ([("a", ONE)], {"b": ONE}, [("a", "b", 1.0)]),  # by text alone
        ([("a", ONE)], {"a": ONE}, [("a", "a", 1.0)]),
        ([("a", ONE)], {"b": LIKE}, [("a", "b", 7 / 11)]),
        ([("z", LIKE)], {"b": ONE}, [("z", "b", 7 / 11)]),  # the row first, whatever the names
        ([("a", ONE), ("a", OTHER)], {"b": ONE}, [("a", "b", 1.0)]),  # a second row of one id hides nothing
        ([("a", OTHER), ("a", ONE)], {"b": ONE}, [("a", "b", 1.0)]),
        ([("a b", ONE)], {"1 c": ONE}, [("a b", "1 c", 1.0)]),
        ([("a", ONE), ("b", LIKE)], {}, []),  # rows among themselves may resemble
        ([], {"a": ONE, "b": LIKE}, []),  # and so may held-out problems
    ],
)
def test_leaks(rows, held_out, expected):
    found = leaks([row(*one) for one in rows], held_out, 0.6)
    assert [(pair.first, pair.second) for pair in found] == [pair[:2] for pair in expected]
    assert [pair.jaccard for pair in found] == pytest.approx([pair[2] for pair in expected])


def test_above_the_threshold_only():
    assert leaks([row("a", ONE)], {"b": LIKE}, 0.65) == []
    assert len(leaks([row("a", ONE)], {"b": LIKE}, 7 / 11)) == 1


def test_across_two_collections():
    assert across({"x": ONE, "y": LIKE}, {"x": ONE, "z": OTHER}, 0.6) == [
        Pair("x", "x", 1.0),
        Pair("y", "x", pytest.approx(7 / 11)),
    ]


def assignment(number: int, fold: int, split: str, cluster: int, has_chain: bool = True) -> Assignment:
    return Assignment(
        problem_id=problem(number).id, fold=fold, split=split, cluster=problem(cluster).id, has_chain=has_chain
    )


def test_what_the_metrics_say_of_a_fold():
    problems = {problem(n).id: problem(n, section="js" if n == 3 else "fs") for n in range(8)}
    problems = {one: told.model_copy(update={"id": one}) for one, told in problems.items()}
    assigned = [
        assignment(0, 0, "train", 0),
        assignment(1, 0, "train", 1, has_chain=False),
        assignment(2, 0, "valid", 2),
        assignment(3, 0, "test", 0),  # its twin is trained on
        assignment(4, 0, "test", 1),  # its twin has no chain, so is not
        assignment(5, 0, "test", 2, has_chain=False),  # its twin chooses the checkpoint
        assignment(6, 0, "excluded", 6),
        assignment(7, 0, "test", 6),
        assignment(0, 1, "test", 0),
    ]
    rows = rows_by_split(assigned)
    assert rows == {
        (0, "train"): [problem(0).id],
        (0, "valid"): [problem(2).id],
        (0, "test"): [problem(3).id, problem(4).id, problem(7).id],
        (1, "test"): [problem(0).id],
    }
    assert fold_summary(0, assigned, problems, rows) == {
        "train": 2,
        "valid": 1,
        "test": 4,
        "excluded": 1,
        "rows": {"train": 1, "valid": 1, "test": 3},
        "sections": {"fs": 3, "js": 1},
        "held_out_with_a_twin_in_training": 2,
    }
