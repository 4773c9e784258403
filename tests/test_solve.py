"""The solver is asked about every usable problem, again where it gave no answer, and about nothing else."""

import pytest

from stages import solve
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import load
from stages.study.records import Solution
from stages.teacher.settings import Role, SolveSettings
from tests.teacher.faulty import Server, completion, running
from tests.teacher.scripted import problem, reply, scripted

SETTINGS = SolveSettings(samples=1, attempts=3, max_tokens=50, temperature=0.25, choose="first")
SOLVER = Role(model="solver")


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
    solutions = list(solve.solve([problem(1)], ask, SOLVER, SETTINGS))
    assert [solution.answer for solution in solutions] == answers
    assert [solution.attempt for solution in solutions] == list(range(1, len(answers) + 1))
    assert len({solution.request for solution in solutions}) == len(answers) == len(seen)


def test_a_request_holds_the_statement_and_not_the_answer():
    ask, seen = scripted(lambda name, before, body: reply(body, "" if before == 0 else "Answer: 2", "one and one"))
    item = problem(1, answer="secret-key", statement="What is √(x+1) at x = 3?")
    solutions = list(solve.solve([item], ask, SOLVER, SETTINGS))
    (_, first), (_, second) = seen
    assert (first["model"], first["max_tokens"], first["temperature"]) == ("solver", 50, 0.25)
    assert [message["role"] for message in first["messages"]] == ["user"]
    for body in (first, second):
        assert "What is √(x+1) at x = 3?" in body["messages"][0]["content"]
        assert "secret-key" not in str(body)
    assert first != second
    assert solutions[-1].reasoning == "one and one"
    assert (solutions[-1].model, solutions[-1].usage.completion_tokens) == ("solver", 20)


def test_solutions_stand_in_the_order_of_attempts_and_then_of_problems_and_samples():
    ask, _ = scripted(lambda name, before, body: reply(body, "" if name.endswith("02") else "Answer: 2"))
    twice = SETTINGS.model_copy(update={"samples": 2, "attempts": 2})
    solutions = solve.solve([problem(3), problem(2), problem(1)], ask, SOLVER, twice)
    assert [(item.problem_id[-2:], item.sample, item.attempt) for item in solutions] == [
        ("03", 1, 1), ("03", 2, 1), ("02", 1, 1), ("02", 2, 1), ("01", 1, 1), ("01", 2, 1), ("02", 1, 2), ("02", 2, 2),
    ]  # fmt: skip


def test_what_the_server_refuses_is_not_asked_again():
    ask, seen = scripted(lambda name, before, body: reply(body, "", finish="failed", failure="status 400: no"))
    (solution,) = solve.solve([problem(1)], ask, SOLVER, SETTINGS)
    assert (solution.failure, solution.answer, len(seen)) == ("status 400: no", None, 1)


def test_the_stage_leaves_out_what_is_not_usable(tmp_path, monkeypatch):
    problems = [problem(1), problem(2, usable=False, reason="needs a figure", needs_figure=True), problem(3)]
    asked = []

    def brain(body):
        asked.append(body["messages"][0]["content"])
        return completion("Answer: 2", "counted", model=body["model"])

    options = load()
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv("TEACHER_API_KEY", "any")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("sys.argv", ["solve"])
    monkeypatch.chdir(tmp_path)
    write_records("data/problems.jsonl", problems)
    with running(Server(brain)) as url:
        teacher = options.blocks["teacher"] | {"base_url": url}
        blocks = options.blocks | {"teacher": teacher}
        monkeypatch.setattr(solve.params, "load", lambda: options.model_copy(update={"blocks": blocks}))
        solve.main()
    solutions = read_records("data/solutions.jsonl", Solution)
    assert [solution.problem_id for solution in solutions] == [problems[0].id, problems[2].id]
    assert len(asked) == 2
    assert not any(problems[1].statement in text for text in asked)

    write_records("data/problems.jsonl", [problems[1]])
    with pytest.raises(StudyError, match="no usable problem"):
        solve.main()
