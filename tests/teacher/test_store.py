"""The store of paid replies under kills, full disks, damage, hostile text and company."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.errors import StudyError
from stages.teacher import store as stores
from stages.teacher.completion import Completion, StoredReply
from stages.teacher.store import Attempt, Key, OverBudget, Store, fingerprint, open_store, server_name
from stages.teacher.writer import Writer

ONE = Key("server", "1", 1)


def said(text: str, finish: str = "stop") -> Completion:
    return Completion.model_validate(
        {
            "choices": [{"message": {"content": text}, "finish_reason": finish}],
            "model": "m",
            "usage": {"prompt_tokens": 3, "completion_tokens": 5},
        }
    )


def answer(text: str = "2", outcome: str = "answered", usd: float = 0.0) -> Attempt:
    return Attempt("solver", outcome, "", said(text), usd)


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "s.sqlite")
    yield made
    made.close()


def test_fingerprint_ignores_key_order_and_nothing_else():
    body = {"model": "m", "messages": [{"role": "user", "content": "√2"}], "max_tokens": 5, "temperature": 0.0}
    assert fingerprint(body) == fingerprint(dict(reversed(body.items())))
    assert fingerprint(body) == "a1f386f30d3d88bb32b5973fa5641b1d73ece85f385d3f9a9e96fa6e07471627"
    for change in ({"model": "n"}, {"max_tokens": 6}, {"seed": 1}, {"messages": []}):
        assert fingerprint(body | change) != fingerprint(body)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.deepseek.com", "api.deepseek.com"),
        ("https://openrouter.ai/api/v1/", "openrouter.ai-api-v1"),
        ("http://127.0.0.1:8080/../../etc", "127.0.0.1-8080-..-..-etc"),
    ],
)
def test_servers_have_names(url, name):
    assert server_name(url) == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("store") / "s.sqlite"
    store = Store(path)
    store.add(ONE, answer(text))
    store.close()
    again = Store(path)
    assert again.reply(ONE) == StoredReply(request="1", response=said(text))
    again.close()


def test_a_reply_is_the_answer_or_else_the_longest_that_came_or_else_the_failure(store):
    assert store.reply(ONE) is None
    store.add(ONE, Attempt("solver", "trouble", "status 500"), last=False)
    assert store.reply(ONE) is None
    store.add(ONE, Attempt("solver", "refused", "status 400"))
    assert store.reply(ONE).failure == "status 400"
    store.add(ONE, answer("half of it", "cut off"))
    store.add(ONE, answer("", "blank"))
    assert store.reply(ONE).response == said("half of it")
    store.add(ONE, answer("2"))
    store.add(ONE, answer("longer", "cut off"))
    assert store.reply(ONE).response == said("2")
    assert store.reply(ONE._replace(sample=2)) is None


def test_a_claim_keeps_others_out_until_it_is_given_back_or_its_holder_is_gone(tmp_path, monkeypatch):
    first, second = Store(tmp_path / "s.sqlite"), Store(tmp_path / "s.sqlite")
    assert first.claim(ONE, 0, 0, 0).state == "mine"
    assert first.claim(ONE, 0, 0, 0).state == "mine"
    assert second.claim(ONE, 0, 0, 0).state == "taken"
    first.add(ONE, answer("", "blank"))
    assert second.claim(ONE, 0, 0, 0).state == "mine"
    second.close()
    assert first.claim(ONE, 0, 0, 0).state == "mine"
    first.add(ONE, answer())
    assert first.claim(ONE, 0, 0, 0) == ("answered", "m", 0)
    third, other = Store(tmp_path / "s.sqlite"), Key("server", "2", 1)
    assert first.claim(other, 0, 0, 0).state == "mine"
    begun = time.time()
    monkeypatch.setattr(stores.time, "time", lambda: begun + stores.LEASE + 1)
    assert third.claim(other, 0, 0, 0).state == "mine", "a lease that nobody renewed"
    monkeypatch.undo()
    first.close()
    third.close()
    assert not list(tmp_path.glob("*.lock"))


def test_a_run_tries_so_often_and_a_run_after_it_once_more(store):
    began = store.begin("server")
    for _ in range(stores.SPOILT_TRIES):
        assert store.claim(ONE, 0, 0, began).state == "mine"
        store.add(ONE, answer("", "blank"))
    assert store.claim(ONE, 0, 0, began).state == "exhausted"
    assert store.begin("server") == began, "a run that was stopped goes on"
    store.end("server")
    assert store.claim(ONE, 0, 0, store.begin("server")).state == "mine"
    other = Key("server", "2", 1)
    for number in range(stores.CUT_OFF_TRIES):
        assert store.claim(other, 0, 0, began) == ("mine", "", number)
        store.add(other, answer("", "cut off"))
    assert store.claim(other, 0, 0, began).state == "exhausted"


def test_the_claims_of_a_killed_process_fall_at_once(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from tests.teacher.test_store import *\n"
        "store = Store(Path(sys.argv[1])); store.claim(ONE, 0, 0, 0); print('claimed', flush=True); time.sleep(60)"
    )
    path = tmp_path / "s.sqlite"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "claimed\n"
        store = Store(path)
        assert store.claim(ONE, 0, 0, 0).state == "taken"
        process.kill()
        process.wait()
        assert store.claim(ONE, 0, 0, 0).state == "mine"
        store.close()


def test_a_budget_counts_what_is_spent_and_what_others_have_set_aside(tmp_path):
    first, second = Store(tmp_path / "s.sqlite"), Store(tmp_path / "s.sqlite")
    first.claim(ONE, 1.0, 10.0, 0)
    first.add(ONE, answer(usd=4.0))
    assert first.claim(Key("server", "2", 1), 5.0, 10.0, 0).state == "mine"
    with pytest.raises(OverBudget) as error:
        second.claim(Key("server", "3", 1), 1.5, 10.0, 0)
    assert error.value.args == (9.0, 1.5)
    assert second.claim(Key("server", "3", 1), 1.0, 10.0, 0).state == "mine"
    first.close()
    second.close()


def test_turns_queue_over_all_processes_and_outlive_them(tmp_path):
    first = Store(tmp_path / "s.sqlite")
    assert first.turn("server", 2.0) == 0
    assert first.turn("server", 2.0) == pytest.approx(2.0, abs=0.2)
    first.close()
    second = Store(tmp_path / "s.sqlite")
    assert second.turn("server", 2.0) == pytest.approx(4.0, abs=0.4)
    assert second.turn("another", 2.0) == 0
    second.close()


def test_killed_while_writing_nothing_that_was_stored_is_lost(tmp_path):
    """A process stores replies and says so after each; it is killed at some point; all it had said are there."""
    path = tmp_path / "s.sqlite"
    code = (
        "import sys; from pathlib import Path; from tests.teacher.test_store import *\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for n in range(10**6): store.add(Key('s', str(n), 1), answer('x' * 2000)); print(n, flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for line in process.stdout:
        if line == "25\n":
            os.kill(process.pid, signal.SIGKILL)
            break
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    last = int(rest[-1]) if rest else 25
    store = Store(path)
    assert all(store.reply(Key("s", str(n), 1)) for n in range(last + 1))
    store.close()


def test_calls_of_one_transaction_are_stored_together_or_not_at_all(store):
    other = Key("server", "2", 1)

    def fails():
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError):
        store.together([lambda: store.add(ONE, answer()), fails])
    assert store.reply(ONE) is None

    async def at_once() -> list:
        writer = Writer(store)
        found = await asyncio.gather(
            writer.run(store.add, ONE, answer()), writer.run(store.claim, other, 9, 1, 0), return_exceptions=True
        )
        await writer.finish()
        return found

    found = asyncio.run(at_once())
    assert isinstance(found[1], OverBudget)
    assert store.reply(ONE)


def test_a_store_of_the_earlier_format_is_taken_over_once(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    beside = tmp_path / ".cache" / "teacher" / "server.jsonl"
    beside.parent.mkdir(parents=True)
    lines = [StoredReply(request=str(n), response=said(f"√{n}", "length" if n == 2 else "stop")) for n in range(3)]
    text = "\n".join(line.model_dump_json(exclude_none=True) for line in lines)
    beside.write_text(f'{text}\n{{"request": "torn", "resp')
    store = open_store("server", create=True)
    assert [store.answered(Key("server", str(n), 1)) for n in range(3)] == ["m", "m", None]
    assert store.reply(Key("server", "2", 1)).response == said("√2", "length")
    store.close()
    assert not beside.exists()
    again = open_store("server", create=True)
    assert len(again.totals()) == 2
    again.close()


def test_without_a_key_no_store_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert open_store("server", create=False) is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["text", "middle", "cut"])
def test_a_damaged_store_is_named_and_never_begun_anew(tmp_path, damage):
    path = tmp_path / "s.sqlite"
    store = Store(path)
    for number in range(200):
        store.add(Key("server", str(number), 1), answer("x" * 500))
    store.close()
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes({"text": b"no database at all " * 500, "cut": content[:middle],
                      "middle": content[:8192] + b"\xff" * 20000 + content[28192:]}[damage])  # fmt: skip
    before = path.read_bytes()
    with pytest.raises(StudyError, match=rf"{path.name}: .*it is damaged; .*not begun anew"):
        Store(path)
    assert path.read_bytes()[:100] == before[:100]


def test_only_what_is_used_is_kept():
    response = {
        "id": "x",
        "created": 5,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "2", "tool_calls": []}, "logprobs": None}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "cost_in_roubles": 3},
    }
    told = StoredReply.model_validate({"request": "r", "response": response})
    assert told.model_dump(exclude_none=True) == {
        "request": "r",
        "response": {
            "choices": [{"message": {"content": "2"}}],
            "model": "",
            "usage": {"prompt_tokens": 1, "completion_tokens": 2},
        },
    }


def test_it_lies_under_the_main_repository(monkeypatch, tmp_path):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert stores.store_path() == tmp_path / ".cache" / "teacher.sqlite"
    monkeypatch.delenv("DVC_ROOT")
    assert stores.store_path() == Path(".cache/teacher.sqlite")
