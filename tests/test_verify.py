"""The checker decides; the verifier model is asked only where it cannot, and never about a blank."""

import pytest

from stages import verify
from stages.grading.judge import BLANK, CUT_OFF
from stages.study.errors import StudyError
from stages.study.records import Solution, Usage
from stages.teacher import verdicts
from stages.teacher.settings import Role, SolveSettings, VerifySettings
from tests.teacher.scripted import problem, reply, scripted

SETTINGS = VerifySettings(ask="undecided", attempts=2, max_tokens=20)
SOLVE = SolveSettings(samples=1, attempts=1, max_tokens=9, temperature=0, choose="shortest")
VERIFIER = Role(model="verifier", extra={"thinking": {"type": "disabled"}})
UNREADABLE = "the value 2 found above"  # what the checker leaves to a reader


def solution(number: int, answer: str | None, finish: str = "stop", attempt: int = 1, sample: int = 1, **changes):
    values = dict(  # noqa: C408
        problem_id=f"test-2021-fs-{number:02d}",
        sample=sample,
        attempt=attempt,
        reasoning="hm",
        response="" if answer is None else f"Answer: {answer}",
        answer=answer,
        finish_reason=finish,
        usage=Usage(prompt_tokens=1, completion_tokens=2),
        model="solver",
        request=f"{number}-{attempt}",
    )
    return Solution(**values | changes)


def verify_all(problems, solutions, ask, settings=SETTINGS):
    """What the stage does between reading and writing."""
    samples = verify.candidates(problems, solutions)
    replies = verdicts.ask_verifier(
        (item for row in samples.values() for item in row.values()), ask, VERIFIER, settings
    )
    return list(verify.verdicts(samples, solutions, SOLVE)), replies


def judge(answer: str | None, finish: str = "stop", says: str = "CORRECT\nSame."):
    ask, seen = scripted(lambda name, before, body: reply(body, says))
    verified, replies = verify_all([problem(1)], [solution(1, answer, finish)], ask)
    assert len(seen) == len(replies)
    return verified[0], seen


@pytest.mark.parametrize(
    ("answer", "finish", "verdict", "why"),
    [
        ("2", "stop", "match", None),
        ("4/2", "stop", "match", None),
        ("3", "stop", "no", None),
        (None, "stop", "no", BLANK),
        (None, "length", "no", CUT_OFF),
        ("2", "length", "no", CUT_OFF),
    ],
)
def test_what_the_checker_decides_no_model_sees(answer, finish, verdict, why):
    verified, seen = judge(answer, finish)
    assert (verified.verdict, verified.checker, verified.decided_by) == (verdict, verdict, "checker")
    assert verified.why == why or (why is None and verified.why)
    assert not seen


@pytest.mark.parametrize(
    ("says", "verdict", "why"),
    [
        ("CORRECT\nThe same value.", "match", "The same value."),
        ("**CORRECT**\n\nThe same value.", "match", "The same value."),
        ("CORRECT. The same value.", "match", "The same value."),
        ("INCORRECT\nAnother\nvalue.", "no", "Another value."),
        ("INCORRECT", "no", ""),
        ("  \n CORRECT", "match", ""),
        ("", "undecided", "the verifier gave no verdict"),
        ("Let me see.\nCORRECT", "undecided", "the verifier gave no verdict"),
        ("CORRECTION: wrong", "undecided", "the verifier gave no verdict"),
        ("It is not CORRECT", "undecided", "the verifier gave no verdict"),
        ("Correct.", "match", ""),
        ("incorrect: another value", "no", "another value"),
    ],
)
def test_where_the_checker_is_undecided_the_verifier_decides(says, verdict, why):
    verified, seen = judge(UNREADABLE, says=says)
    assert (verified.checker, verified.decided_by) == ("undecided", "verifier")
    assert (verified.verdict, verified.why) == (verdict, why)
    # A verdict that cannot be read is asked for once more, and then there is none.
    assert len(seen) == (2 if verdict == "undecided" else 1)
    body = seen[0][1]
    said = body["messages"][0]["content"]
    for part in ("What is 1?", "<true_answer>\n2\n", f"<given_answer>\n{UNREADABLE}\n"):
        assert part in said
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("verifier", 20, 0.0)
    assert body["thinking"] == {"type": "disabled"}


def test_a_long_why_is_cut():
    assert len(verdicts.read_verdict("CORRECT\n" + "x " * 10_000)[1]) == verdicts.WHY


def test_the_last_attempt_counts():
    ask, _ = scripted(lambda name, before, body: reply(body, "INCORRECT"))
    solutions = [solution(1, None), solution(1, "2", attempt=2), solution(2, None), solution(2, None, attempt=2)]
    verified, _ = verify_all([problem(1), problem(2)], solutions, ask)
    assert [(item.verdict, item.solution.attempt) for item in verified] == [("match", 2), ("no", 2)]


def test_a_problem_without_a_solution_is_an_error():
    ask, _ = scripted(lambda name, before, body: reply(body, "CORRECT"))
    with pytest.raises(StudyError, match=r"solutions.jsonl: no solution of 1 of 2 .*test-2021-fs-02"):
        verify_all([problem(1), problem(2)], [solution(1, "2")], ask)


def test_every_problem_is_counted_once():
    problems = [problem(n, section="fs" if n < 4 else "js", year=2020 + n % 2) for n in range(1, 8)]
    solutions = [
        solution(1, "2"),
        solution(2, None),
        solution(2, "2", attempt=2),
        solution(3, "3"),
        solution(4, None),
        solution(5, None, "length"),
        solution(6, UNREADABLE),
        solution(7, UNREADABLE),
    ]
    ask, _ = scripted(lambda name, before, body: reply(body, "CORRECT" if name.endswith("06") else "INCORRECT"))
    verified, replies = verify_all(problems, solutions, ask)
    metrics = verify.summary(problems, solutions, verified, replies)
    assert {key: metrics[key] for key in ("problems", "solved", "truncated", "blank", "wrong", "undecided")} == {
        "problems": 7, "solved": 3, "truncated": 1, "blank": 1, "wrong": 2, "undecided": 0,
    }  # fmt: skip
    assert (metrics["accuracy"]["n"], metrics["accuracy"]["correct"]) == (7, 2), "the checker alone counts"
    assert {name: row["n"] for name, row in metrics["by_section"].items()} == {"fs": 3, "js": 4}
    assert {name: row["n"] for name, row in metrics["by_year"].items()} == {"2020": 3, "2021": 4}
    assert metrics["decided_by"] == {"checker": 5, "verifier": 2}
    assert metrics["checker"] == {"match": 2, "no": 3, "undecided": 2}
    assert (metrics["attempts"], metrics["recovered"]) == (8, 1)
    assert metrics["solver"] == {
        "served": ["solver"], "requests": 8, "prompt_tokens": 8, "cached_tokens": 0, "completion_tokens": 16,
        "reasoning_tokens": 0,
    }  # fmt: skip
    assert metrics["verifier"]["requests"] == 2
    assert metrics["samples"] is None


def test_an_unreadable_verdict_is_asked_for_again_as_another_sample():
    said = ["", "CORRECT\nSame."]
    ask, seen = scripted(lambda name, before, body: reply(body, said[before]))
    (verified,), replies = verify_all([problem(1)], [solution(1, UNREADABLE)], ask)
    assert (verified.verdict, verified.verifier, verified.why) == ("match", "match", "Same.")
    assert [item.sample for item in replies] == [1, 2]
    assert seen[0] == seen[1]


def test_no_readable_verdict_is_undecided_and_counted():
    ask, _ = scripted(lambda name, before, body: reply(body, "Hm."))
    problems, solutions = [problem(1), problem(2)], [solution(1, UNREADABLE), solution(2, "2")]
    verified, replies = verify_all(problems, solutions, ask)
    assert [item.verdict for item in verified] == ["undecided", "match"]
    metrics = verify.summary(problems, solutions, verified, replies)
    assert (metrics["solved"], metrics["undecided"], metrics["wrong"]) == (1, 1, 0)


def test_a_verifier_that_refuses_is_not_asked_again():
    ask, seen = scripted(lambda name, before, body: reply(body, "", failure="status 400: filtered"))
    (verified,), _ = verify_all([problem(1)], [solution(1, UNREADABLE)], ask)
    assert (verified.verdict, verified.why, len(seen)) == ("undecided", "status 400: filtered", 1)


def test_where_both_are_asked_the_checker_decides_and_their_disagreement_is_counted():
    ask, seen = scripted(lambda name, before, body: reply(body, "INCORRECT" if name.endswith("01") else "CORRECT"))
    problems = [problem(1), problem(2), problem(3)]
    solutions = [solution(1, "2"), solution(2, "2"), solution(3, None)]
    both = SETTINGS.model_copy(update={"ask": "all"})
    verified, replies = verify_all(problems, solutions, ask, both)
    assert [(item.verdict, item.checker, item.verifier) for item in verified] == [
        ("match", "match", "no"), ("match", "match", "match"), ("no", "no", None),
    ]  # fmt: skip
    assert len(seen) == 2, "a blank is never shown"
    assert verify.summary(problems, solutions, verified, replies)["both_asked"] == {"verdicts": 2, "disagreement": 1}


@pytest.mark.parametrize(
    ("answers", "choose", "taken", "agreement", "majority"),
    [
        (["2", "2", "3"], "first", 1, 2 / 3, True),
        (["3", "2", "3"], "first", 2, 2 / 3, False),
        (["3", "2", "4/2"], "first", 2, 2 / 3, True),
        (["2", "2", "2"], "shortest", 3, 1.0, True),
        (["3", "4", None], "first", 1, 1 / 3, False),
        ([None, None, "2"], "shortest", 3, 1 / 3, True),
        ([None, None, None], "shortest", 1, 0.0, False),
    ],
)
def test_of_several_samples_one_is_taken_and_their_agreement_is_kept(answers, choose, taken, agreement, majority):
    solutions = [
        solution(1, answer, sample=number, reasoning="hm " * (9 - number)) for number, answer in enumerate(answers, 1)
    ]
    samples = verify.candidates([problem(1)], solutions)
    (verified,) = verify.verdicts(samples, solutions, SOLVE.model_copy(update={"choose": choose}))
    assert (verified.solution.sample, verified.samples) == (taken, 3)
    assert verified.agreement == pytest.approx(agreement)
    assert verified.majority is majority


def test_a_problem_that_the_solver_was_refused_is_named():
    failed = solution(1, None, finish="failed", failure="status 400: filtered")
    ask, _ = scripted(lambda name, before, body: reply(body, "CORRECT"))
    verified, replies = verify_all([problem(1)], [failed], ask)
    metrics = verify.summary([problem(1)], [failed], verified, replies)
    assert metrics["failed"] == {problem(1).id: "status 400: filtered"}
    assert (metrics["solved"], metrics["blank"], metrics["wrong"]) == (0, 0, 0)
