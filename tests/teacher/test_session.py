"""The teacher over a real connection: what it says, what is bought, and every way a server can fail."""

import json
import sqlite3
import threading
import time

import pytest

from stages.study.errors import StudyError
from stages.teacher import bill, client, pace, store
from stages.teacher.completion import Completion, judge
from stages.teacher.settings import Role
from stages.teacher.store import fingerprint
from tests.teacher.conftest import KEY, Bench, body, echo
from tests.teacher.faulty import FAULTS, PASSING, SPOILT, completion


def attempts(bench: Bench) -> list[tuple[str, str]]:
    with sqlite3.connect(bench.folder / ".cache" / "teacher.sqlite") as db:
        return db.execute("SELECT outcome, detail FROM attempts ORDER BY id").fetchall()


@pytest.fixture
def hasty(monkeypatch):
    """Pauses of no length, so that many tries take no time."""
    monkeypatch.setattr(client, "back_off", lambda *_: 0.001)
    monkeypatch.setattr(pace, "back_off", lambda *_: 0.001)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "Answer: 2", "reasoning_content": "one and one"}, "Answer: 2", "one and one"),
        ({"content": "<think>\none and one\n</think>\n\nAnswer: 2"}, "Answer: 2", "one and one"),
        ({"content": "one and one\n</think>\nAnswer: 2"}, "Answer: 2", "one and one"),
        ({"content": "Answer: 2"}, "Answer: 2", ""),
        ({"content": "\ud800 torn", "reasoning_content": "\x00\u2028\x85\n\"}"}, "\ufffd torn", "\x00\u2028\x85\n\"}"),
        ({"content": "x" * 399 + "\U0001f600 and √"}, "x" * 399 + "\U0001f600 and √", ""),
    ],
)  # fmt: skip
def test_text_and_reasoning_are_kept_apart_streamed_or_not(bench, message, text, reasoning, plain):
    def brain(sent):
        told = completion("", model=sent["model"])
        told["choices"][0]["message"] = message
        return told

    reply = bench(brain, plain=plain).ask("a")["a"]
    assert (reply.text, reply.reasoning, reply.model) == (text, reasoning, "solver")


def test_a_reply_tells_its_tokens_by_kind_and_the_store_what_they_cost(bench):
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_cache_hit_tokens": 600,
             "completion_tokens_details": {"reasoning_tokens": 70}}  # fmt: skip
    made = bench(lambda sent: echo(sent) | {"usage": usage})
    replies = made.ask("a", "b")
    assert bill(replies.values()) == {
        "served": ["solver"], "requests": 2, "prompt_tokens": 2000, "cached_tokens": 1200, "completion_tokens": 200,
        "reasoning_tokens": 140,
    }  # fmt: skip
    with sqlite3.connect(made.folder / ".cache" / "teacher.sqlite") as db:
        assert db.execute("SELECT spent FROM servers").fetchone()[0] == pytest.approx(2 * (400 + 60 + 200) / 1e6)


def test_the_server_gets_the_body_and_the_key_as_they_are(bench):
    seen = []
    made = bench(lambda sent: (seen.append(sent), echo(sent))[1])
    made.ask("a")
    assert [{key: value for key, value in sent.items() if not key.startswith("stream")} for sent in seen] == [body("a")]
    assert made.server.keys == {f"Bearer {KEY}"}


def test_equal_requests_are_bought_once_even_over_two_runs_and_samples_are_not_equal(bench):
    made = bench()
    for _ in range(2):
        replies = made.ask("a", "a", "b")
    assert len(made.server.seen) == 2
    assert list(replies) == ["a", "b"]
    assert len(made.ask("a", samples=3)) == 3
    assert len(made.server.seen) == 4


def test_another_server_is_asked_anew(bench):
    first, second = bench(), bench()
    first.ask("a")
    second.ask("a")
    assert (len(first.server.seen), len(second.server.seen)) == (1, 1)


@pytest.mark.parametrize("fault", [*PASSING, *SPOILT])
def test_fifteen_per_cent_of_a_fault_change_nothing(bench, hasty, fault):
    made = bench(faults={fault: 0.15}, silence=2, machine={"silence": 1.0, "concurrency": 16})
    texts = [str(number) for number in range(60)]
    replies = made.ask(*texts)
    assert {name: reply.text for name, reply in replies.items()} == {text: f"Answer: {text}" for text in texts}
    met = made.server.met(fault)
    assert met >= 3
    assert made.server.bought_twice() == 0
    assert len(made.server.seen) <= met + len(texts)


def test_all_faults_mixed(bench, hasty):
    made = bench(faults=dict.fromkeys([*PASSING, *SPOILT], 0.01), silence=2, machine={"silence": 1.0})
    texts = [str(number) for number in range(100)]
    assert all(reply.text == f"Answer: {text}" for text, reply in made.ask(*texts).items())
    assert made.server.bought_twice() == 0


def test_a_cut_off_reply_is_asked_again_with_twice_the_budget_and_the_next_run_begins_there(bench):
    budgets = []

    def brain(sent):
        budgets.append(sent["max_tokens"])
        told = completion("Answer " * 60, finish="length" if len(budgets) < 5 else "stop", model=sent["model"])
        return told | {"usage": {"prompt_tokens": 5, "completion_tokens": sent["max_tokens"]}}

    made = bench(brain)
    assert made.ask("a")["a"].finish_reason == "length"
    assert budgets == [100, 200, 400]
    reply = made.ask("a")["a"]
    assert budgets == [100, 200, 400, 400, 400]
    assert (reply.finish_reason, reply.request) == ("stop", fingerprint(body("a")))
    assert [outcome for outcome, _ in attempts(made)] == ["cut off"] * 4 + ["answered"]


SPENT = {"prompt_tokens": 5, "completion_tokens": 100}


@pytest.mark.parametrize(
    ("text", "thoughts", "usage", "outcome"),
    [
        ("word " * 40, "", {"prompt_tokens": 5, "completion_tokens": 40}, "cut short"),
        ("word " * 40, "", SPENT, "cut off"),
        ("word " * 40, "", None, "cut off"),
        ("word", "", SPENT, "cut short"),  # four tokens at most, whatever the bill says
        ("word", "", None, "cut short"),
        ("x" * 49, "", None, "cut short"),
        ("x" * 50, "", None, "cut off"),
        ("word", "thought " * 30, SPENT, "cut off"),
        ("word", "", SPENT | {"reasoning_tokens": 96}, "cut off"),  # thoughts that are not shown
        ("", "", SPENT, "cut off"),
        ("", "", None, "cut off"),
        ("", "", {"prompt_tokens": 5, "completion_tokens": 0}, "cut short"),
        ("word " * 40, "", {"prompt_tokens": 5, "completion_tokens": 0}, "cut off"),
        ("√" * 17, "", None, "cut off"),  # 51 bytes
    ],
)
def test_a_reply_that_ended_before_half_of_its_budget_is_told_from_one_that_used_it(text, thoughts, usage, outcome):
    told = completion(text, thoughts, "length") | {"usage": usage}
    assert judge(Completion.model_validate(told), 100) == outcome


def test_a_model_that_refuses_a_larger_budget_is_no_fault_of_the_settings(bench):
    made = bench(
        lambda sent: completion("Answer " * 20, finish="length", model=sent["model"]),
        machine={"concurrency": 16},
        delay=0.05,
    )
    answer = made.server._fault
    made.server._fault = lambda request: "refused" if request not in known else answer(request)
    texts = [str(number) for number in range(30)]
    known = {fingerprint(body(text)) for text in texts}
    replies = made.ask(*texts)
    assert all((reply.finish_reason, reply.failure) == ("length", "") for reply in replies.values())
    assert len(made.server.seen) == 2 * len(texts)


def test_a_blank_reply_is_asked_again_and_the_next_run_asks_once_more(bench):
    made = bench(lambda sent: completion("", "thoughts only", model=sent["model"]))
    assert made.ask("a")["a"].reasoning == "thoughts only"
    assert len(made.server.seen) == store.SPOILT_TRIES
    made.ask("a")
    assert len(made.server.seen) == 2 * store.SPOILT_TRIES


def test_what_is_refused_for_good_is_a_failure_of_that_request_alone(bench):
    def brain(sent):
        return echo(sent)

    made = bench(brain, faults={"refused": 0.3})
    replies = made.ask(*(str(number) for number in range(40)))
    refused = {name for name, reply in replies.items() if reply.failure}
    assert 3 < len(refused) < 25
    assert len(made.server.seen) == 40, "a refusal is not tried again in the same run"
    assert all("status 400: " in replies[name].failure and not replies[name].text for name in refused)


def test_when_all_is_refused_the_settings_are_to_blame(bench):
    made = bench(faults={"refused": 1.0})
    with pytest.raises(StudyError, match=r"refused 10 requests in a row, with status 400: .*max_tokens"):
        made.ask(*(str(number) for number in range(100)))
    assert len(made.server.seen) < 20


@pytest.mark.parametrize(
    ("fault", "told"), [("401", "check the key in TEST_KEY"), ("402", "the account is empty"), ("404", "model names")]
)
def test_an_account_error_stops_before_the_next_call_and_keeps_what_arrived(bench, monkeypatch, fault, told):
    made = bench(delay=0.05, machine={"concurrency": 3})
    answer = made.server._fault
    monkeypatch.setattr(made.server, "_fault", lambda request: fault if len(made.server.seen) >= 5 else answer(request))
    if fault == "404":
        monkeypatch.setattr(made.server, "_misbehave", lambda _, body, writer: made.server._send(
            writer, 404, b'{"error": {"message": "no such model"}}', "application/json"))  # fmt: skip
    texts = [str(number) for number in range(30)]
    with pytest.raises(StudyError) as error:
        made.ask(*texts)
    for part in (made.settings.base_url, fault, told, "are kept"):
        assert part in str(error.value)
    assert KEY not in str(error.value)
    asked = len(made.server.seen)
    assert asked <= 5 + 2 * 3
    answered = made.server.met("answered")
    monkeypatch.setattr(made.server, "_fault", answer)
    made.ask(*texts)
    assert made.server.met("answered") == len(texts)
    assert answered >= 5
    assert made.server.bought_twice() == 0


def test_a_server_that_answers_nobody_is_given_up(bench, hasty):
    made = bench(faults={"500": 1.0})
    with pytest.raises(StudyError, match=r"status 500: .*, and answered no other request; the server is in trouble"):
        made.ask("a", "b")


def test_no_server_there(bench, hasty):
    made = bench(settings={"base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(StudyError, match=r"cannot be reached.*check teacher.base_url"):
        made.ask("a")


def test_the_served_model_is_held_against_the_one_asked_for(bench):
    made = bench(lambda sent: completion("2", model="cheaper"))
    with pytest.raises(StudyError, match=r"asked for solver and answered as cheaper; .*teacher.solver.served"):
        made.ask("a")
    made.settings = made.settings.model_copy(update={"solver": Role(model="solver", served=["cheaper"])})
    assert made.ask("a")["a"].model == "cheaper"
    assert len(made.server.seen) == 1, "what was bought is used, once it is allowed"


def test_at_most_so_many_at_once(bench):
    made = bench(delay=0.02, machine={"concurrency": 3})
    made.ask(*(str(number) for number in range(20)))
    assert 1 < made.server.most_under_way <= 3


def test_two_connections_at_once_share_the_work(bench):
    made = bench(delay=0.02)
    texts = [str(number) for number in range(40)]
    found: list[dict] = []
    threads = [threading.Thread(target=lambda: found.append(made.ask(*texts))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    assert len(made.server.seen) == len(texts)


def test_a_budget_stops_before_the_call_that_could_pass_it(bench):
    made = bench(machine={"budget_usd": 0.01, "concurrency": 2})
    with pytest.raises(StudyError, match=r"budget_usd is 0\.01: .*this request may cost up to 0\.0008"):
        made.ask(*(str(number) for number in range(2000)))
    with sqlite3.connect(made.folder / ".cache" / "teacher.sqlite") as db:
        assert 0 < db.execute("SELECT spent FROM servers").fetchone()[0] <= 0.01


def test_a_limit_a_minute_is_kept_without_a_refusal(bench, monkeypatch):
    monkeypatch.setattr(pace, "MINUTE", 1.0)
    made = bench(machine={"requests_per_minute": 20, "concurrency": 16})
    began = time.monotonic()
    made.ask(*(str(number) for number in range(30)))
    assert 1.3 < time.monotonic() - began < 3


def test_limits_are_learnt_from_headers(bench, monkeypatch):
    monkeypatch.setattr(pace, "MINUTE", 1.0)
    made = bench(headers={"x-ratelimit-limit-requests": "20"})
    began = time.monotonic()
    made.ask(*(str(number) for number in range(30)))
    assert time.monotonic() - began > 1


def test_a_recording_answers_without_key_server_or_store(bench, monkeypatch):
    made = bench()
    monkeypatch.delenv("TEST_KEY")
    made.recording.parent.mkdir()
    line = {"request": fingerprint(body("a")), "response": completion("2", "one and one")}
    made.recording.write_text(json.dumps(line) + "\n")
    reply = made.ask("a", "a")["a"]
    assert (reply.text, reply.reasoning, reply.usage.completion_tokens) == ("2", "one and one", 4)
    with pytest.raises(StudyError) as error:
        made.ask("a", "sample-2021-fs-01", "c")
    for part in ("sample-2021-fs-01: ", str(made.recording), made.settings.base_url, "TEST_KEY", "1 more of 3"):
        assert part in str(error.value)
    assert not (made.folder / ".cache").exists()
    assert not made.server.seen


def test_what_a_recording_lacks_is_asked(bench):
    made = bench()
    made.recording.parent.mkdir()
    lines = [{"request": fingerprint(body("a")), "response": completion("recorded")},
             {"request": fingerprint(body("b")), "failure": "refused"}]  # fmt: skip
    made.recording.write_text("".join(json.dumps(line) + "\n" for line in lines))
    replies = made.ask("a", "b", "c")
    assert [replies[name].text for name in "abc"] == ["recorded", "", "Answer: c"]
    assert replies["b"].failure == "refused"
    assert len(made.server.seen) == 1


@pytest.mark.parametrize(("content", "told"), [("{}\n", ":1: request"), ("x", ":1: "), ('\n{"request": "a"}', ":2: ")])
def test_a_broken_recording_is_named(bench, content, told):
    made = bench()
    made.recording.parent.mkdir()
    made.recording.write_text(content)
    with pytest.raises(StudyError, match=told):
        made.ask("a")


def test_without_a_key_the_store_still_answers(bench, monkeypatch):
    made = bench()
    made.ask("a")
    monkeypatch.delenv("TEST_KEY")
    assert made.ask("a")["a"].text == "Answer: a"
    with pytest.raises(StudyError, match="put its key into TEST_KEY"):
        made.ask("a", "b")
    assert len(made.server.seen) == 1


def test_the_key_is_nowhere(bench, capsys):
    def brain(sent):
        return completion(f"Answer: {KEY}", f"thinking of {KEY}", model=sent["model"])

    made = bench(brain, faults={"error 200": 0.3})
    errors = []
    for name in FAULTS:
        made.server._faults = {name: 0.5} if name not in ("silence", "429") else {}
        made.server._tries.clear()
        try:
            made.ask(*(f"{name} {number}" for number in range(3)))
        except StudyError as error:
            errors.append(str(error))
    assert errors
    files = [path for path in made.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    out = capsys.readouterr()
    assert KEY not in out.out + out.err + "".join(errors)
    assert "[key]" in made.ask("empty 1")["empty 1"].text
