"""The checker decides; the verifier model is asked only where it cannot, and never about a blank."""

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages import verify
from stages.answers import compare
from stages.grading.frame import teacher_frame
from stages.grading.judge import BLANK, CUT_OFF
from stages.student import base
from stages.study.errors import StudyError
from stages.study.records import Solution, Usage
from stages.teacher import verdicts
from stages.teacher.settings import Role, VerifySettings
from tests.student.test_likelihood import prefer
from tests.teacher.scripted import problem, reply, scripted

SETTINGS = VerifySettings(ask="undecided", attempts=2, max_tokens=20)
SOLVE = "shortest"
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


def same(one: str, other: str) -> bool:
    return compare(one, other).verdict == "match"


def verify_all(problems, solutions, ask, settings=SETTINGS):
    """What the stage does between reading and writing."""
    samples = verify.candidates(problems, solutions)
    replies = verdicts.ask_verifier(
        (item for row in samples.values() for item in row.values()), ask, VERIFIER, settings
    )
    choices = verdicts.choose(samples, SOLVE, same)
    verified = list(verdicts.verdicts(choices, solutions))
    return verified, verify.summary(problems, solutions, verified, replies, choices)


def judge(answer: str | None, finish: str = "stop", says: str = "CORRECT\nSame."):
    ask, seen = scripted(lambda name, before, body: reply(body, says))
    verified, metrics = verify_all([problem(1)], [solution(1, answer, finish)], ask)
    assert len(seen) == metrics["verifier"]["requests"]
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
    _, metrics = verify_all(problems, solutions, ask)
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
    (verified,), metrics = verify_all([problem(1)], [solution(1, UNREADABLE)], ask)
    assert (verified.verdict, verified.verifier, verified.why) == ("match", "match", "Same.")
    assert seen[0] == seen[1]
    assert metrics["verifier"]["requests"] == 2, "the same body again is another sample"


def test_no_readable_verdict_is_undecided_and_counted():
    ask, _ = scripted(lambda name, before, body: reply(body, "Hm."))
    problems, solutions = [problem(1), problem(2)], [solution(1, UNREADABLE), solution(2, "2")]
    verified, metrics = verify_all(problems, solutions, ask)
    assert [item.verdict for item in verified] == ["undecided", "match"]
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
    verified, metrics = verify_all(problems, solutions, ask, both)
    assert [(item.verdict, item.checker, item.verifier) for item in verified] == [
        ("match", "match", "no"), ("match", "match", "match"), ("no", "no", None),
    ]  # fmt: skip
    assert len(seen) == 2, "a blank is never shown"
    assert metrics["both_asked"] == {"verdicts": 2, "disagreement": 1}


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
    (verified,) = verdicts.verdicts(verdicts.choose(samples, choose, same), solutions)
    assert (verified.solution.sample, verified.samples) == (taken, 3)
    assert verified.agreement == pytest.approx(agreement)
    assert verified.majority is majority


def test_a_problem_that_the_solver_was_refused_is_named():
    failed = solution(1, None, finish="failed", failure="status 400: filtered")
    ask, _ = scripted(lambda name, before, body: reply(body, "CORRECT"))
    _, metrics = verify_all([problem(1)], [failed], ask)
    assert metrics["failed"] == {problem(1).id: "status 400: filtered"}
    assert (metrics["solved"], metrics["blank"], metrics["wrong"]) == (0, 0, 0)


def sampled(*answers: str | None, how: str = "first", likelihoods: tuple[float, ...] = ()):
    """The record and the choice of one problem, from samples with these answers."""
    solutions = [solution(1, answer, sample=number) for number, answer in enumerate(answers, 1)]
    samples = verify.candidates([problem(1)], solutions)
    for item, likelihood in zip(samples[problem(1).id].values(), likelihoods, strict=False):
        item.likelihood = likelihood
    choices = verdicts.choose(samples, how, same)
    (verified,) = verdicts.verdicts(choices, solutions)
    return verified, choices


@pytest.mark.parametrize(
    ("answers", "rates"),
    [
        (["3", "2", "2"], (0, 1, 1)),
        (["3", "3", "2"], (0, 0, 1)),
        (["2", "3", "3"], (1, 0, 1)),
        ([None, "3", "4"], (0, 0, 0)),
        ([None, None, "2"], (0, 1, 1)),
    ],
)
def test_the_teachers_accuracy_is_that_of_first_samples_whatever_was_chosen(answers, rates):
    verified, choices = sampled(*answers)
    found = verdicts.sample_rates(choices.values())
    assert found == dict(zip(("first_sample", "majority", "any_sample"), rates, strict=True))
    grades = teacher_frame([verified], {problem(1).id: problem(1)})
    assert (grades["correct"][0], grades["blank"][0]) == (rates[0] == 1, answers[0] is None)
    assert (verified.first is None) == (verified.solution.sample == 1)


def test_one_sample_needs_no_rates_and_the_record_no_first_solution():
    verified, choices = sampled("3")
    assert verdicts.sample_rates(choices.values()) is None
    assert "first" not in verified.model_dump()


def test_the_last_attempt_of_the_first_sample_may_come_after_what_was_chosen():
    solutions = [solution(1, None, sample=1), solution(1, "2", sample=2), solution(1, "3", attempt=2, sample=1)]
    choices = verdicts.choose(verify.candidates([problem(1)], solutions), "first", same)
    (verified,) = verdicts.verdicts(choices, solutions)
    assert (verified.solution, verified.first) == (solutions[1], solutions[2])


@pytest.mark.parametrize(
    ("answers", "likelihoods", "taken"),
    [
        (["2", "2", "2"], (-3, -1, -2), 2),
        (["2", "2", "2"], (-3, -1, -1), 2),  # of equal ones the first
        (["3", "2", "2"], (-1, -3, -2), 3),  # never a wrong one
        (["3", "4", "5"], (-3, -1, -2), 1),
    ],
)
def test_the_likeliest_of_the_verified_samples_is_taken(answers, likelihoods, taken):
    assert sampled(*answers, how="likeliest", likelihoods=likelihoods)[0].solution.sample == taken


@pytest.mark.parametrize(("texts", "taken"), [(["zzz zz", "aaa za", "aa z"], 2), (["z", "", "b"], 1)])
def test_the_base_student_says_which_sample_is_likeliest(tmp_path, monkeypatch, texts, taken):
    monkeypatch.chdir(tmp_path)
    prefer(tiny.make(base.BASE), "a", by=3.2)
    monkeypatch.setattr(verify, "check_versions", lambda _: None)
    solutions = [solution(1, "2", sample=number, reasoning=text) for number, text in enumerate(texts, 1)]
    alone = [solution(2, "2", reasoning="a")]
    samples = verify.candidates([problem(1), problem(2)], [*solutions, *alone])
    verify.find_likelihoods(samples, solutions, 1)
    (verified,) = verdicts.verdicts(
        verdicts.choose({problem(1).id: samples[problem(1).id]}, "likeliest", same), solutions
    )
    assert verified.solution.sample == taken
    assert samples[problem(2).id][1].likelihood == 0, "there is nothing to choose from"


def test_without_a_choice_no_student_is_needed(monkeypatch):
    monkeypatch.setattr(verify, "check_versions", lambda _: None)
    monkeypatch.setattr(base, "load", None)
    solutions = [solution(1, answer, sample=number) for number, answer in enumerate(["3", "2", None], 1)]
    verify.find_likelihoods(verify.candidates([problem(1)], solutions), solutions, 1)
