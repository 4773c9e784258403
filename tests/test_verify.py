"""The checker decides; the verifier model is asked only where it cannot, and never about a blank."""

import pytest

from stages import verify
from stages.study.errors import StudyError
from stages.study.params import Verify
from stages.study.records import Solution, Usage
from tests.teacher.scripted import problem, reply, scripted

SETTINGS = Verify(max_tokens=20)
UNREADABLE = "the value 2 found above"  # what the checker leaves to a reader


def solution(number: int, answer: str | None, finish: str = "stop", attempt: int = 1) -> Solution:
    return Solution(
        problem_id=f"test-2021-fs-{number:02d}",
        attempt=attempt,
        reasoning="hm",
        response=f"Answer: {answer}",
        answer=answer,
        finish_reason=finish,
        usage=Usage(prompt_tokens=1, completion_tokens=2),
        cost=0.25,
        model="solver",
        request=f"{number}-{attempt}",
    )


def judge(answer: str | None, finish: str = "stop", says: str = "CORRECT\nSame."):
    ask, seen = scripted(lambda name, before, body: reply(body, says))
    verified, replies = verify.verify([problem(1)], [solution(1, answer, finish)], ask, "verifier", SETTINGS)
    assert len(seen) == len(replies)
    return verified[0], seen


@pytest.mark.parametrize(
    ("answer", "finish", "verdict", "why"),
    [
        ("2", "stop", "match", None),
        ("4/2", "stop", "match", None),
        ("3", "stop", "no", None),
        (None, "stop", "no", "blank"),
        (None, "length", "no", "truncated"),
        ("2", "length", "no", "truncated"),
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
        ("", "no", "the verifier gave no verdict"),
        ("Let me see.\nCORRECT", "no", "the verifier gave no verdict"),
        ("CORRECTION: wrong", "no", "the verifier gave no verdict"),
        ("It is not CORRECT", "no", "the verifier gave no verdict"),
        ("Correct.", "match", ""),
        ("incorrect: another value", "no", "another value"),
    ],
)
def test_where_the_checker_is_undecided_the_verifier_decides(says, verdict, why):
    verified, seen = judge(UNREADABLE, says=says)
    assert (verified.checker, verified.decided_by) == ("undecided", "verifier")
    assert (verified.verdict, verified.why) == (verdict, why)
    ((_, body),) = seen
    said = body["messages"][0]["content"]
    for part in ("What is 1?", "<true_answer>\n2\n", f"<given_answer>\n{UNREADABLE}\n"):
        assert part in said
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("verifier", 20, 0.0)


def test_a_long_why_is_cut():
    assert len(verify.read_verdict("CORRECT\n" + "x " * 10_000)[1]) == verify.WHY


def test_the_last_attempt_counts():
    ask, _ = scripted(lambda name, before, body: reply(body, "INCORRECT"))
    solutions = [solution(1, None), solution(1, "2", attempt=2), solution(2, None), solution(2, None, attempt=2)]
    verified, _ = verify.verify([problem(1), problem(2)], solutions, ask, "verifier", SETTINGS)
    assert [(item.verdict, item.solution.attempt) for item in verified] == [("match", 2), ("no", 2)]


def test_a_problem_without_a_solution_is_an_error():
    ask, _ = scripted(lambda name, before, body: reply(body, "CORRECT"))
    with pytest.raises(StudyError, match=r"solutions.jsonl: no solution of 1 of 2 .*test-2021-fs-02"):
        verify.verify([problem(1), problem(2)], [solution(1, "2")], ask, "verifier", SETTINGS)


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
    verified, replies = verify.verify(problems, solutions, ask, "verifier", SETTINGS)
    metrics = verify.summary(problems, solutions, verified, replies)
    assert {key: metrics[key] for key in ("problems", "solved", "truncated", "blank", "wrong")} == {
        "problems": 7, "solved": 3, "truncated": 1, "blank": 1, "wrong": 2,
    }  # fmt: skip
    assert metrics["accuracy"] == {"share": 0.4286, "low": 0.1582, "high": 0.7495, "n": 7}
    assert {name: row["n"] for name, row in metrics["by_section"].items()} == {"fs": 3, "js": 4}
    assert {name: row["n"] for name, row in metrics["by_year"].items()} == {"2020": 3, "2021": 4}
    assert metrics["decided_by"] == {"checker": 5, "verifier": 2}
    assert metrics["checker"] == {"match": 2, "no": 3, "undecided": 2}
    assert (metrics["attempts"], metrics["recovered"]) == (8, 1)
    assert metrics["solver"] == {"requests": 8, "prompt_tokens": 8, "completion_tokens": 16, "cost": 2.0}
    assert metrics["verifier"]["requests"] == 2
