"""The store of paid answers under kills, torn lines, hostile text and company."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.teacher.store import Answer, Completion, Store, fingerprint, store_path


def said(text: str) -> Completion:
    return Completion.model_validate({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})


def test_fingerprint_ignores_key_order_and_nothing_else():
    body = {"model": "m", "messages": [{"role": "user", "content": "√2"}], "max_tokens": 5, "temperature": 0.0}
    assert fingerprint(body) == fingerprint(dict(reversed(body.items())))
    assert fingerprint(body) == "a1f386f30d3d88bb32b5973fa5641b1d73ece85f385d3f9a9e96fa6e07471627"
    for change in ({"model": "n"}, {"max_tokens": 6}, {"seed": 1}, {"messages": []}):
        assert fingerprint(body | change) != fingerprint(body)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.deepseek.com", "api.deepseek.com.jsonl"),
        ("https://openrouter.ai/api/v1/", "openrouter.ai-api-v1.jsonl"),
        ("http://127.0.0.1:8080/../../etc", "127.0.0.1-8080-..-..-etc.jsonl"),
    ],
)
def test_each_server_has_its_file_under_the_main_repository(url, name, monkeypatch, tmp_path):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert store_path(url) == tmp_path / ".cache" / "teacher" / name
    monkeypatch.delenv("DVC_ROOT")
    assert store_path(url) == Path(".cache/teacher") / name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("store") / "s.jsonl"
    store = Store(path)
    store.add("1", said(text))
    store.add("2", said("after"))
    store.close()
    again = Store(path)
    assert again.get("1") == said(text)
    assert again.get("2") == said("after")
    again.close()


def test_cut_anywhere_only_the_torn_answer_is_lost(tmp_path):
    path = tmp_path / "s.jsonl"
    store = Store(path)
    for number in range(3):
        store.add(str(number), said(f"√{number}"))
    store.close()
    whole = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        store = Store(path)
        # A line that only lacks its line break is whole.
        complete = sum(cut >= end - 1 for end in ends)
        assert [store.get(str(number)) is not None for number in range(3)] == [n < complete for n in range(3)]
        store.add("new", said("new"))
        store.close()
        again = Store(path)
        assert again.get("new") == said("new")
        assert [again.get(str(number)) is not None for number in range(3)] == [n < complete for n in range(3)]
        again.close()


def test_threads_and_a_second_process_may_write_at_once(tmp_path):
    path = tmp_path / "s.jsonl"
    stores = [Store(path), Store(path)]
    threads = [
        threading.Thread(target=lambda n=n: [stores[n % 2].add(f"{n}-{k}", said("x" * 9000)) for k in range(20)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = Store(path)
    assert all(again.get(f"{n}-{k}") for n in range(4) for k in range(20))
    for store in (*stores, again):
        store.close()


def test_killed_while_writing_nothing_that_was_stored_is_lost(tmp_path):
    """A process stores answers and says so after each; it is killed at some point; all it had said are there."""
    path = tmp_path / "s.jsonl"
    code = (
        "import sys; from pathlib import Path; from tests.teacher.test_store import Store, said\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for n in range(10**6): store.add(str(n), said('x' * 2000)); print(n, flush=True)"
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
    assert all(store.get(str(n)) for n in range(last + 1))
    store.close()


def test_a_full_disk_tears_one_answer_at_most(tmp_path):
    """The file may not grow over a limit in the midst of the 11th line; with room again, the store goes on."""
    path = tmp_path / "s.jsonl"
    code = (
        "import resource, sys; from pathlib import Path; from tests.teacher.test_store import Store, said\n"
        "store = Store(Path(sys.argv[1])); store.add('0', said('x' * 2000))\n"
        "limit = Path(sys.argv[1]).stat().st_size * 10 + 500\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))\n"
        "failed = 0\n"
        "for n in range(1, 13):\n"
        "    try: store.add(str(n), said('x' * 2000)); print(n)\n"
        "    except OSError: failed += 1\n"
        "assert failed == 3, failed\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "store.add('after', said('x' * 2000))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split() == [str(n) for n in range(1, 10)]
    store = Store(path)
    assert all(store.get(name) for name in ["0", *done.stdout.split(), "after"])
    store.close()


def test_only_what_is_used_is_kept():
    response = {
        "id": "x",
        "created": 5,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "2", "tool_calls": []}, "logprobs": None}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "cost_in_roubles": 3},
    }
    answer = Answer.model_validate({"request": "r", "response": response})
    assert answer.model_dump(exclude_none=True) == {
        "request": "r",
        "response": {
            "choices": [{"message": {"content": "2"}}],
            "model": "",
            "usage": {"prompt_tokens": 1, "completion_tokens": 2},
        },
    }
