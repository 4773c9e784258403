"""The solver is asked about every usable problem, again where it gave no answer, and about nothing else."""

import pytest

from stages import solve
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import Solve, load
from stages.study.records import Solution
from tests.teacher.scripted import problem, reply, scripted
from tests.teacher.server import serve

SETTINGS = Solve(attempts=3, max_tokens=50, temperature=0.25)


@pytest.mark.parametrize(
    ("replies", "answers"),
    [
        ([("Answer: 2", "stop")], ["2"]),
        ([("It is \\boxed{2}.", "stop")], ["2"]),
        ([("", "stop"), ("Answer: 2", "stop")], [None, "2"]),
        ([("", "length"), ("Answer: 2", "stop")], [None, "2"]),
        ([("Answer: 12", "length"), ("Answer: 2", "stop")], [None, "2"]),
        ([("Answer: 3", "stop")], ["3"]),
        ([("", "stop"), ("", "length"), ("", "stop")], [None, None, None]),
    ],
)
def test_asked_again_until_there_is_an_answer(replies, answers):
    ask, seen = scripted(lambda name, before, body: reply(body, replies[before][0], "hm", replies[before][1]))
    solutions = solve.solve([problem(1)], ask, "solver", SETTINGS)
    assert [solution.answer for solution in solutions] == answers
    assert [solution.attempt for solution in solutions] == list(range(1, len(answers) + 1))
    assert len({solution.request for solution in solutions}) == len(answers) == len(seen)


def test_a_request_holds_the_statement_and_not_the_answer():
    ask, seen = scripted(lambda name, before, body: reply(body, "" if before == 0 else "Answer: 2", "one and one"))
    item = problem(1, answer="secret-key", statement="What is √(x+1) at x = 3?")
    solutions = solve.solve([item], ask, "solver", SETTINGS)
    (_, first), (_, second) = seen
    assert (first["model"], first["max_tokens"], first["temperature"]) == ("solver", 50, 0.25)
    assert [message["role"] for message in first["messages"]] == ["user"]
    for body in (first, second):
        assert "What is √(x+1) at x = 3?" in body["messages"][0]["content"]
        assert "secret-key" not in str(body)
    assert first != second
    assert solutions[-1].reasoning == "one and one"
    assert (solutions[-1].model, solutions[-1].cost) == ("solver", 0.5)


def test_attempts_stay_in_the_order_of_the_problems():
    ask, _ = scripted(lambda name, before, body: reply(body, "" if name.endswith("02") else "Answer: 2"))
    solutions = solve.solve([problem(3), problem(2), problem(1)], ask, "solver", SETTINGS)
    assert [(solution.problem_id[-2:], solution.attempt) for solution in solutions] == [
        ("03", 1), ("02", 1), ("02", 2), ("02", 3), ("01", 1),
    ]  # fmt: skip


def test_the_stage_leaves_out_what_is_not_usable(tmp_path, monkeypatch):
    problems = [problem(1), problem(2, usable=False, reason="needs a figure", needs_figure=True), problem(3)]
    asked = []

    def handler(body):
        asked.append(body["messages"][0]["content"])
        message = {"content": "Answer: 2", "reasoning_content": "counted"}
        return 200, {"model": "m", "choices": [{"message": message, "finish_reason": "stop"}]}

    options = load()
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv(options.active.teacher.key_variable, "any")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    write_records("data/problems.jsonl", problems)
    with serve(handler) as url:
        server = options.active.teacher.model_copy(update={"base_url": url, "recording": None})
        profile = options.active.model_copy(update={"teacher": server})
        options = options.model_copy(update={"profiles": {options.profile: profile}})
        monkeypatch.setattr(solve.params, "load", lambda: options)
        solve.main()
    solutions = read_records("data/solutions.jsonl", Solution)
    assert [solution.problem_id for solution in solutions] == [problems[0].id, problems[2].id]
    assert len(asked) == 2
    assert not any(problems[1].statement in text for text in asked)

    write_records("data/problems.jsonl", [problems[1]])
    with pytest.raises(StudyError, match="no usable problem"):
        solve.main()
