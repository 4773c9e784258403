"""stages.folds.examples and stages.questions.examples: worked examples never come near what they stand before."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.folds.clusters import assign
from stages.folds.examples import choose_examples
from stages.folds.settings import SplitSettings
from stages.questions.exam import Question
from stages.questions.examples import examples_of
from stages.questions.prompt import INSTRUCTION, student_messages
from stages.study.errors import StudyError
from stages.study.files import write_records
from stages.study.params import MOST_SHOTS
from stages.study.records import Chain, Example, Level
from tests.folds.problems import problem, settings

PROBLEMS = {one.id: one for one in map(problem, range(40))}
CHAINS = {
    one: {
        level: Chain(problem_id=one, level=level, text=f"{level} of {one}\nAnswer: 1", words=5, answer="1")
        for level in Level
    }
    for one in PROBLEMS
}


def chosen(clusters: dict[str, list[str]], has_chain: set[str], how: SplitSettings) -> tuple[list[Example], list]:
    assignments = assign(PROBLEMS, clusters, has_chain, how)
    return choose_examples(PROBLEMS, CHAINS, assignments, how), assignments


@given(
    groups=st.lists(st.integers(0, 25), min_size=40, max_size=40),
    without=st.sets(st.sampled_from(sorted(PROBLEMS)), max_size=20),
    seed=st.integers(0, 99),
    protocol=st.sampled_from(["held_out", "published"]),
)
def test_no_example_is_of_the_fold_or_a_cluster_that_it_holds_out(groups, without, seed, protocol):
    by_group: dict[int, list[str]] = {}
    for one, group in zip(sorted(PROBLEMS), groups, strict=True):
        by_group.setdefault(group, []).append(one)
    clusters = {min(members): members for members in by_group.values()}
    cluster_of = {member: name for name, members in clusters.items() for member in members}
    found, assignments = chosen(clusters, {*PROBLEMS} - without, settings(folds=3, seed=seed, protocol=protocol))
    for fold in range(3):
        mine = [one for one in found if one.fold == fold]
        asked = {cluster_of[one.problem_id] for one in assignments if (one.fold, one.split) == (fold, "test")}
        trained = {one.problem_id for one in assignments if (one.fold, one.split) == (fold, "train")}
        assert not {cluster_of[one.problem_id] for one in mine} & asked
        assert {one.problem_id for one in mine} <= trained - without
        assert len({cluster_of[one.problem_id] for one in mine}) == len(mine) <= MOST_SHOTS


def test_they_are_short_and_the_same_each_time_and_others_with_another_seed():
    clusters = {one: [one] for one in PROBLEMS}
    found, _ = chosen(clusters, {*PROBLEMS}, settings(folds=3))
    assert [one.fold for one in found] == [fold for fold in range(3) for _ in range(MOST_SHOTS)]
    assert all(one.text == CHAINS[one.problem_id][Level.R6].text for one in found)
    assert all(one.statement == PROBLEMS[one.problem_id].statement for one in found)
    assert chosen(clusters, {*PROBLEMS}, settings(folds=3))[0] == found
    assert chosen(clusters, {*PROBLEMS}, settings(folds=3, seed=2))[0] != found


def question(fold: int | None) -> Question:
    return Question("exams", "p", "Find p.", "1", "test", fold)


def test_a_question_gets_the_first_examples_of_its_own_fold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = [
        Example(fold=fold, problem_id=f"{fold}{n}", statement=f"s{fold}{n}", text="t") for fold in (0, 1) for n in "ab"
    ]
    write_records("data/examples.jsonl", told)
    assert examples_of([question(0), question(1)], 1) == {0: [told[0]], 1: [told[2]]}
    assert examples_of([question(1)], 2) == {1: told[2:]}
    with pytest.raises(StudyError, match=r"data/examples.jsonl: fold 2: 0 worked examples of 1; take fewer shots"):
        examples_of([question(2)], 1)
    Path("data/examples.jsonl").unlink()
    assert examples_of([question(0), question(None)], 0) == {0: [], None: []}
    with pytest.raises(StudyError, match=r"data/examples.jsonl: no such file"):
        examples_of([question(0)], 1)


def test_worked_examples_are_earlier_turns_under_the_one_instruction():
    example = Example(fold=0, problem_id="a", statement="Find a.", text="So\nAnswer: 1")
    assert student_messages("Find b.", examples=[example]) == [
        {"role": "system", "content": INSTRUCTION},
        {"role": "user", "content": "Find a."},
        {"role": "assistant", "content": "So\nAnswer: 1"},
        {"role": "user", "content": "Find b."},
    ]
    assert student_messages("Find b.", "Say it.")[0] == {"role": "system", "content": "Say it."}
