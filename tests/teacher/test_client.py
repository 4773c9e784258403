"""The teacher over a real connection: what it says, what it costs, and every way a server can fail."""

import json
import threading
import time

import pytest

from stages.study.errors import StudyError
from stages.teacher import bill, client, connect, prompts
from stages.teacher.store import Answer, fingerprint
from tests.teacher.conftest import completion


def body(text: str = "1 + 1?") -> dict:
    return prompts.body("solver", [{"role": "user", "content": text}], 100)


def stored(tmp_path) -> list[Answer]:
    (path,) = (tmp_path / ".cache" / "teacher").glob("*.jsonl")
    return [Answer.model_validate_json(line) for line in path.read_text().split("\n") if line]


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "Answer: 2", "reasoning_content": "one and one"}, "Answer: 2", "one and one"),
        ({"content": "Answer: 2", "reasoning": "one and one"}, "Answer: 2", "one and one"),
        ({"content": "<think>\none and one\n</think>\n\nAnswer: 2"}, "Answer: 2", "one and one"),
        ({"content": "one and one\n</think>\nAnswer: 2"}, "Answer: 2", "one and one"),
        ({"content": "<think>one and"}, "", "one and"),
        ({"content": "Answer: 2"}, "Answer: 2", ""),
        ({"content": None, "reasoning_content": "one and"}, "", "one and"),
        ({"content": "\ud800 torn", "reasoning_content": "\x00\u2028\n\"}"}, "? torn", "\x00\u2028\n\"}"),
    ],
)  # fmt: skip
def test_text_and_reasoning_are_kept_apart(teacher, tmp_path, message, text, reasoning):
    content = message.pop("content")
    with connect(teacher(lambda _: (200, completion(content, **message)))) as ask:
        reply = ask("test", {"p1": body()})["p1"]
    assert (reply.text, reply.reasoning) == (text, reasoning)
    assert len(stored(tmp_path)) == 1


def test_a_reply_tells_what_it_cost(teacher):
    with connect(teacher(lambda _: (200, completion("2")))) as ask:
        replies = ask("test", {"p1": body("a"), "p2": body("b")})
    assert replies["p1"].cost == pytest.approx((10 * 1.0 + 20 * 2.0) / 1e6)
    assert replies["p1"].model == "served-model"
    assert bill(replies.values()) == {"requests": 2, "prompt_tokens": 20, "completion_tokens": 40, "cost": 0.0001}


def test_the_server_gets_the_body_and_the_key_as_they_are(teacher):
    seen = []
    with connect(teacher(lambda sent: (seen.append(sent), (200, completion("2")))[1])) as ask:
        ask("test", {"p1": body()})
    assert seen == [body()]


def test_equal_requests_are_paid_for_once_even_over_two_runs(teacher):
    seen = []

    def handler(sent):
        seen.append(sent)
        return 200, completion("2")

    settings = teacher(handler)
    for _ in range(2):
        with connect(settings) as ask:
            replies = ask("test", {"p1": body(), "p2": body(), "p3": body("other")})
    assert len(seen) == 2
    assert replies["p1"] == replies["p2"] != replies["p3"]


def test_another_server_is_asked_anew(teacher):
    first, second = (teacher(lambda _, n=n: (200, completion(str(n)))) for n in (1, 2))
    texts = []
    for settings in (first, second):
        with connect(settings) as ask:
            texts.append(ask("test", {"p1": body()})["p1"].text)
    assert texts == ["1", "2"]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_passing_trouble_is_tried_again(teacher, status):
    answers = [(status, {"error": {"message": "later"}}), (status, b"<html>"), (200, completion("2"))]
    with connect(teacher(lambda _: answers.pop(0))) as ask:
        assert ask("test", {"p1": body()})["p1"].text == "2"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ((401, {"error": {"message": "bad key"}}), ["status 401", "bad key", "check the key in TEST_KEY"]),
        (
            (402, {"error": {"message": "Insufficient Balance"}}),
            ["status 402", "Insufficient Balance", "account is empty"],
        ),
        ((404, {"error": {"message": "no such model"}}), ["status 404", "no such model", "model names"]),
        ((429, {"error": {"message": "slow down"}}), ["status 429", "slow down", "lower teacher.concurrency"]),
        ((500, b"<html>\n\nboom " + b"x" * 10_000), ["status 500", "in trouble after 7 tries"]),
        ((200, b"{"), ["not JSON"]),
        ((200, b""), ["not JSON"]),
        ((200, b"\xff\xfe"), ["not JSON"]),
        ((200, b"[" * 100_000), ["not JSON"]),
        ((200, b"[]"), ["no chat completion"]),
        ((200, {"choices": []}), ["no chat completion", "choices"]),
        ((200, {"choices": [{"message": {"content": ["a"]}}]}), ["choices.0.message.content"]),
        ((200, {"error": {"message": "overloaded"}}), ["no chat completion", "overloaded"]),
        ((200, completion("2") | {"usage": {"prompt_tokens": -1}}), ["usage.prompt_tokens"]),
        ((200, completion("2") | {"usage": {"prompt_tokens": float("nan")}}), ["usage.prompt_tokens"]),
    ],
)
def test_a_lasting_failure_names_problem_server_and_remedy(teacher, reply, told):
    settings = teacher(lambda _: reply)
    with connect(settings) as ask, pytest.raises(StudyError) as error:
        ask("test", {"sample-2021-fs-01": body()})
    message = str(error.value)
    for part in ["sample-2021-fs-01", settings.base_url, *told]:
        assert part in message
    assert len(message) < 1000
    assert "\n" not in message
    assert "secret" not in message


def test_no_server_there(teacher):
    settings = teacher(lambda _: (200, completion("2")), base_url="http://127.0.0.1:9/v1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "RETRIES", 1)
        with connect(settings) as ask, pytest.raises(StudyError, match=r"cannot be reached.*check teacher.base_url"):
            ask("test", {"p1": body()})


def test_a_silent_server_is_given_up(teacher, monkeypatch):
    silence = threading.Event()
    monkeypatch.setattr(client, "TIMEOUT", 0.2)
    monkeypatch.setattr(client, "RETRIES", 1)
    settings = teacher(lambda _: (silence.wait(10), (200, completion("2")))[1])
    began = time.monotonic()
    with connect(settings) as ask, pytest.raises(StudyError, match=r"p1: .*was silent"):
        ask("test", {"p1": body()})
    silence.set()
    assert time.monotonic() - began < 5


def test_what_arrived_before_a_failure_is_stored_and_not_asked_again(teacher, tmp_path):
    """One request is refused while others are still under way: they are finished, kept, and not paid for again."""
    refused, seen, broken = threading.Event(), [], True

    def handler(sent):
        name = sent["messages"][0]["content"]
        seen.append(name)
        if name == "bad" and broken:
            refused.set()
            return 400, {"error": {"message": "no"}}
        refused.wait(10)
        time.sleep(0.1)
        return 200, completion(name)

    settings = teacher(handler, concurrency=3)
    bodies = {name: body(name) for name in ["a", "b", "bad", *(f"later{n}" for n in range(50))]}
    with connect(settings) as ask, pytest.raises(StudyError, match=r"bad: .*status 400"):
        ask("test", bodies)
    kept = {answer.response.choices[0].message.content for answer in stored(tmp_path)}
    assert {"a", "b"} <= kept
    assert len(seen) < 20, "requests that had not begun are not begun after a failure"
    broken = False
    seen.clear()
    with connect(settings) as ask:
        replies = ask("test", bodies)
    assert {name: reply.text for name, reply in replies.items()} == {name: name for name in bodies}
    assert kept.isdisjoint(seen)


def test_no_more_requests_at_once_than_allowed(teacher):
    under_way, most, lock = 0, 0, threading.Lock()

    def handler(_):
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1
        return 200, completion("2")

    with connect(teacher(handler, concurrency=3)) as ask:
        ask("test", {str(n): body(str(n)) for n in range(20)})
    assert 1 < most <= 3


def test_without_a_key_nothing_is_asked(teacher, monkeypatch):
    settings = teacher(lambda _: (200, completion("2")))
    monkeypatch.delenv("TEST_KEY")
    with pytest.raises(StudyError, match="TEST_KEY is not set"), connect(settings):
        pass


def test_a_recording_answers_without_key_server_or_store(teacher, tmp_path, monkeypatch):
    monkeypatch.delenv("TEST_KEY")
    recording = tmp_path / "recording.jsonl"
    line = {"request": fingerprint(body()), "response": completion("2", reasoning_content="one and one")}
    recording.write_text(json.dumps(line) + "\n")
    settings = teacher(lambda _: (500, b""), recording=str(recording))
    with connect(settings) as ask:
        reply = ask("test", {"p1": body()})["p1"]
        assert (reply.text, reply.reasoning, reply.usage.completion_tokens) == ("2", "one and one", 20)
        with pytest.raises(StudyError) as error:
            ask("test", {"sample-2021-fs-01": body("something else")})
    for part in ("sample-2021-fs-01", str(recording), settings.base_url, "TEST_KEY", "teacher.recording to null"):
        assert part in str(error.value)
    assert not (tmp_path / ".cache").exists()


@pytest.mark.parametrize(("content", "told"), [(None, "no such file"), ("{}\n", ":1: request"), ("x", ":1: ")])
def test_a_broken_recording_is_named(teacher, tmp_path, content, told):
    recording = tmp_path / "recording.jsonl"
    if content is not None:
        recording.write_text(content)
    with pytest.raises(StudyError, match=told), connect(teacher(lambda _: (500, b""), recording=str(recording))):
        pass
