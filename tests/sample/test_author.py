"""The sample's teacher: it knows its problems, slips as planned, and its recording answers the very same stages."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from data.sample import author
from data.sample.competition import competition
from data.sample.markup import linear
from stages import compress, solve, verify
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import load
from stages.study.records import Chain, Problem, Solution, Verified
from stages.teacher import prompts
from stages.teacher.chains import falls
from stages.teacher.completion import StoredReply
from stages.teacher.recording import write_replies
from stages.teacher.settings import Role
from tests.teacher.scripted import problem

ROOT = Path(__file__).parents[2]
RECORDING = ROOT / "data" / "recordings" / "sample.jsonl"
LASTING_SLIPS = {"wrong", "blank", "cut off", "worded wrong"}
QUESTIONS = [question for exam in competition() for question in exam.questions if question.item.chains]


def test_each_statement_is_found_even_when_misread():
    dice = random.Random(1)
    by_statement = {linear(question.item.statement): question for question in reversed(QUESTIONS)}
    for statement, question in by_statement.items():
        letters = [place for place, letter in enumerate(statement) if letter.isalpha()]
        misread = list(statement)
        for place in dice.sample(letters, 2):
            misread[place] = "I"
        for text in (statement, "".join(misread), statement.replace(" ", "", 2)):
            found = author._find(text)
            assert found is not None
            assert linear(found.item.statement) == statement, text
        assert question.item.answer == author._find(statement).item.answer


@pytest.mark.parametrize("statement", ["", "What is love?", "In the figure shown, find the length of segment DE."])
def test_a_problem_of_another_exam_is_refused(statement):
    with pytest.raises(StudyError, match="no problem of the sample"):
        author.answer(prompts.body(Role(model="solver"), prompts.solve(statement, 1), 100))


def test_one_in_ten_first_answers_slips_and_no_problem_meets_two_slips():
    solver, compressor = author._slips()
    assert not solver.keys() & compressor.keys()
    slips = sum(slip != "worded" for slip in solver.values())
    assert 0.08 < slips / len(QUESTIONS) < 0.13
    assert Counter(solver.values()) == author.SOLVER_SLIPS
    assert Counter(compressor.values()) == author.COMPRESSOR_SLIPS


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """A folder in which the problems, read without a fault, were recorded, and then replayed without a server."""
    folder = tmp_path_factory.mktemp("study")
    problems = [
        problem(
            1,
            linear(question.item.answer),
            id=question.id,
            year=exam.year,
            section=exam.section,
            statement=linear(question.item.statement),
            usable=bool(question.item.chains),
        )
        for exam in competition()
        for question in exam.questions
    ]
    write_records(folder / "data" / "problems.jsonl", problems)
    (folder / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    recording = author.record(problems, load(ROOT / "params.yaml"))
    write_replies(folder / "data" / "recordings" / "sample.jsonl", recording)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TEACHER_API_KEY", raising=False)
        patch.setenv("DVC_ROOT", str(folder))
        patch.chdir(folder)
        patch.setattr("sys.argv", ["stage"])
        for stage in (solve, verify, compress):
            stage.main()
    return folder


def test_the_recording_is_small_sorted_and_says_nothing_of_when(study):
    path = study / "data" / "recordings" / "sample.jsonl"
    answers = read_records(path, StoredReply)
    assert path.stat().st_size < 2_500_000
    requests = [answer.request for answer in answers]
    assert requests == sorted(set(requests))
    keys = {key for line in path.read_text().split("\n") if line for key in json.loads(line)["response"]}
    assert keys <= {"choices", "model", "usage"}
    assert not (study / ".cache").exists()


def test_every_usable_problem_is_solved_and_judged(study):
    problems = read_records(study / "data" / "problems.jsonl", Problem)
    usable = {item.id for item in problems if item.usable}
    verified = read_records(study / "data" / "verified.jsonl", Verified)
    assert {item.problem_id for item in verified} == usable
    metrics = json.loads((study / "metrics" / "teacher.json").read_text())
    assert metrics["problems"] == len(usable) >= 240
    assert metrics["solved"] + metrics["truncated"] + metrics["blank"] + metrics["wrong"] == len(usable)
    assert 0.85 < metrics["accuracy"]["accuracy"] < 0.97


def test_every_kind_of_slip_happens(study):
    metrics = json.loads((study / "metrics" / "teacher.json").read_text())
    assert min(metrics["truncated"], metrics["blank"], metrics["wrong"], metrics["recovered"]) >= 2
    verified = read_records(study / "data" / "verified.jsonl", Verified)
    asked = [item for item in verified if item.decided_by == "verifier"]
    assert {item.verdict for item in asked} == {"match", "no"}
    assert len(asked) >= 6
    # The checker finds nothing else to disagree with: whoever is not meant to slip is right.
    solver, _ = author._slips()
    firsts = {question.id: author._find(linear(question.item.statement)).id for question in QUESTIONS}
    wrong = {item.problem_id for item in verified if item.verdict == "no"}
    assert wrong == {name for name, first in firsts.items() if solver.get(first) in LASTING_SLIPS}
    solutions = read_records(study / "data" / "solutions.jsonl", Solution)
    assert {solution.finish_reason for solution in solutions} == {"stop", "length"}


def test_broken_chains_are_mended_or_left_out(study):
    metrics = json.loads((study / "metrics" / "chains.json").read_text())
    assert metrics["passed_at_attempt"]["2"] >= 10
    assert metrics["passed_at_attempt"]["3"] >= 1
    assert 1 <= sum(count for kind, count in metrics["left_out"].items() if kind != "unverified") <= 4
    assert metrics["strictly_falling"] == 1.0
    chains = read_records(study / "data" / "chains.jsonl", Chain)
    assert len(chains) == 6 * metrics["with_chains"] == metrics["chains"]
    for start in range(0, len(chains), 6):
        six = chains[start : start + 6]
        assert len({chain.problem_id for chain in six}) == 1
        assert falls([chain.words for chain in six])
        assert {chain.text.rpartition("\n")[2] for chain in six} == {f"Answer: {six[0].answer}"}


def test_the_committed_recording_is_what_the_author_says(study):
    """For the problems that are read without a fault, which are nearly all."""
    fresh, committed = (
        {answer.request: answer for answer in read_records(path, StoredReply)}
        for path in (study / "data" / "recordings" / "sample.jsonl", RECORDING)
    )
    same = fresh.keys() & committed.keys()
    assert len(same) > 0.9 * len(fresh)
    assert all(fresh[request] == committed[request] for request in same)
