"""One request for six chains; a broken rule goes back with what is wrong, and nothing that breaks one is kept."""

import pytest

from stages import compress
from stages.study.records import Level, Solution, Usage, Verified
from stages.teacher.dialogues import Outcomes
from stages.teacher.settings import Role
from tests.teacher.scripted import problem, reply, scripted
from tests.teacher.test_chains import GOOD, LEVELS
from tests.teacher.test_chains import reply as marked

SETTINGS = LEVELS.model_copy(update={"attempts": 3, "max_tokens": 400})
COMPRESSOR = Role(model="compressor")
REASONING = "one and one and so on " * 6
LENGTH = marked(GOOD | {Level.R1: GOOD[Level.R2], Level.R2: GOOD[Level.R1]})
WRONG = marked(GOOD | {Level.R6: "Count.\nAnswer: 3"})


def verified(number: int, verdict: str = "match", reasoning: str = REASONING, **changes) -> Verified:
    solution = Solution(
        problem_id=f"test-2021-fs-{number:02d}",
        attempt=1,
        reasoning=reasoning,
        response="Count them.\nAnswer: 2",
        answer="2",
        finish_reason="stop",
        usage=Usage(),
        model="solver",
        request="r",
    )
    return Verified(problem_id=solution.problem_id, solution=solution, verdict=verdict, decided_by="checker",
                    checker=verdict, why="", **changes)  # fmt: skip


def run(*replies: tuple[str, str]):
    ask, seen = scripted(lambda name, before, body: reply(body, replies[before][0], finish=replies[before][1]))
    (dialogue,) = compress.compress([problem(1)], [verified(1)], ask, COMPRESSOR, SETTINGS)
    return dialogue, seen


@pytest.mark.parametrize(
    ("replies", "faults"),
    [
        ([(marked(GOOD), "stop")], []),
        ([(LENGTH, "stop"), (marked(GOOD), "stop")], []),
        ([("", "stop"), (WRONG, "stop"), (marked(GOOD), "stop")], []),
        ([(marked(GOOD), "length"), (marked(GOOD), "stop")], []),
        ([(LENGTH, "stop"), (LENGTH, "stop"), (WRONG, "stop")], ["wrong answer"]),
        ([("", "length")] * 3, ["truncated", "missing level"]),
    ],
)
def test_chains_or_none_after_some_attempts(replies, faults):
    dialogue, seen = run(*replies)
    assert len(seen) == len(replies)
    assert list(dialogue.faults) == faults
    assert [chain.level for chain in dialogue.chains] == ([] if faults else list(Level))


def test_the_first_request_is_one_for_all_levels():
    _, ((_, body),) = run((marked(GOOD), "stop"))
    said = body["messages"][0]["content"]
    assert REASONING.strip() in said
    assert "<answer>\n2\n</answer>" in said
    for level, words in {"R1": 36, "R6": 12}.items():
        assert f"{level}: at most {words} words" in said
    assert (body["model"], body["max_tokens"]) == ("compressor", 400)


def test_a_broken_rule_goes_back_with_what_is_wrong():
    _, seen = run((LENGTH, "stop"), ("", "stop"), (marked(GOOD), "stop"))
    messages = seen[2][1]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user", "assistant", "user"]
    assert messages[1]["content"] == LENGTH
    assert "The words do not fall from level to level: R1 13, R2 17" in messages[2]["content"]
    assert messages[3]["content"], "servers refuse an empty turn"
    assert "Missing or without a word of reasoning: R1, R2, R3, R4, R5, R6." in messages[4]["content"]


def test_without_reasoning_the_response_is_compressed():
    ask, seen = scripted(lambda name, before, body: reply(body, marked(GOOD)))
    list(compress.compress([problem(1)], [verified(1, reasoning="")], ask, COMPRESSOR, SETTINGS))
    assert "Count them." in seen[0][1]["messages"][0]["content"]


def test_another_form_of_the_key_becomes_the_key():
    dialogue, _ = run((marked(GOOD | {Level.R4: "One and one are counted.\n**Answer: 2.0**"}), "stop"))
    assert {chain.text.split("\n")[-1] for chain in dialogue.chains} == {"Answer: 2"}
    assert {chain.answer for chain in dialogue.chains} == {"2"}


def test_only_verified_solutions_are_compressed_and_all_are_counted():
    problems = [problem(n) for n in range(1, 6)]
    says = {1: [marked(GOOD)], 2: [WRONG, marked(GOOD)], 3: [LENGTH] * 3, 4: [WRONG] * 3}
    ask, seen = scripted(lambda name, before, body: reply(body, says[int(name[-2:])][before]))
    judged = [*(verified(n) for n in range(1, 5)), verified(5, "no")]
    outcomes = Outcomes()
    for dialogue in compress.compress(problems, judged, ask, COMPRESSOR, SETTINGS):
        outcomes.add(dialogue)
    assert {name for name, _ in seen} == {item.id for item in problems[:4]}
    metrics = outcomes.summary(len(problems))
    assert metrics["left_out"] == {"unverified": 1, "length": 1, "wrong answer": 1}
    assert metrics["problems"] == metrics["with_chains"] + sum(metrics["left_out"].values()) == 5
    assert metrics["passed_at_attempt"] == {"1": 1, "2": 1}
    assert (metrics["retries"], metrics["chains"], metrics["strictly_falling"]) == (5, 12, 1.0)
    assert metrics["compressor"]["requests"] == 9
    assert metrics["refused"] == {"length": 3, "wrong answer": 4}
    assert metrics["words"]["R6"]["median"] == 3


def test_what_the_server_refuses_is_left_out_at_once_and_named():
    ask, seen = scripted(lambda name, before, body: reply(body, "", failure="status 400: filtered"))
    outcomes = Outcomes()
    for dialogue in compress.compress([problem(1)], [verified(1)], ask, COMPRESSOR, SETTINGS):
        outcomes.add(dialogue)
    metrics = outcomes.summary(1)
    assert len(seen) == 1
    assert metrics["failed"] == {problem(1).id: "status 400: filtered"}
    assert metrics["left_out"] == {"unverified": 0, "failed": 1}
