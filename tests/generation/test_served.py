"""stages.generation.served: a real mlx_lm.server on loopback says what this engine does; faults are named.

The tiny student is random, so its greedy texts are long and differ: a stricter comparison than grades.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages.generation import respond, served
from stages.generation.served import answer_served
from stages.generation.settings import Asking, Server
from stages.grading.grades import grade_run
from stages.questions.exam import Question
from stages.student import base
from stages.study.errors import StudyError
from stages.study.params import Machine

ASKING = Asking(budget=12, batch_size=8, examples={})
QUESTIONS = [Question("exams", f"p{n:02}", f"What is {n} + {n * n}?", str(n + n * n), "test", 0) for n in range(20)]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def mlx_server(tmp_path, monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    tiny.make(tmp_path / "models" / "base")
    monkeypatch.chdir(tmp_path)
    port = free_port()
    command = [sys.executable, "-m", "mlx_lm.server", "--model", "models/base", "--port", str(port)]
    started = subprocess.Popen(command, env=os.environ | {"HF_HUB_OFFLINE": "1"}, stderr=subprocess.DEVNULL)
    try:
        while True:
            assert started.poll() is None, "the server has ended"
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield Server(base_url=f"http://127.0.0.1:{port}/v1", model="default_model", adapter="adapters")
    finally:
        started.terminate()
        started.wait()


@pytest.mark.slow
def test_a_real_server_gives_the_grades_of_the_other_engine(mlx_server):
    found = {}
    for name, asking in {"mlx": ASKING, "openai": replace(ASKING, server=mlx_server)}.items():
        student = respond.identify("base", base.base_digest(), None, asking)
        with respond.kept_batches(student) as kept:
            said = respond.respond(QUESTIONS, student, None, asking, Machine(cores=1, teacher={}), kept)
        found[name] = said, grade_run("base", QUESTIONS, said, kept)
    assert [one.text for one in found["openai"][0]] == [one.text for one in found["mlx"][0]]
    assert [(one.verdict, one.answer, one.finish_reason) for one in found["openai"][1]] == [
        (one.verdict, one.answer, one.finish_reason) for one in found["mlx"][1]
    ]
    assert {one.student.engine for one in found["openai"][0]} == {"openai default_model"}


def reply(text: str = "Answer: 1", finish: str | None = "stop", tokens: int | None = 4) -> dict:
    told = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
    told["choices"] = [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}]
    return told | ({"usage": {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": 1}} if tokens else {})


class Scripted:
    """A server that gives these (status, body) in turn, the last one for ever, and keeps what it was sent."""

    def __init__(self, *replies: tuple[int, dict]) -> None:
        self.sent: list[dict] = []
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                with lock:
                    status, told = replies[min(len(self.sent), len(replies) - 1)]
                    self.sent.append(body)
                content = json.dumps(told).encode()
                handler.send_response(status)
                handler.send_header("Content-Length", str(len(content)))
                handler.end_headers()
                handler.wfile.write(content)

            def log_message(handler, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def ask(self, *prompts: str, student: str | None = None, adapter: str = "model", **how: object) -> list:
        server = Server(base_url=f"http://127.0.0.1:{self.http.server_port}/v1", model="m", adapter=adapter)
        messages = [[{"role": "user", "content": one}] for one in prompts]
        told = {"max_tokens": 8, "temperature": 0.0, "seeds": []} | how
        try:
            return answer_served(server, student, messages, **told)
        finally:
            self.http.shutdown()
            self.http.server_close()


@pytest.mark.parametrize(
    ("student", "adapter", "named"),
    [
        (None, "model", {"model": "m"}),
        ("R1-r0", "model", {"model": "R1-r0"}),
        ("R1-r0", "adapters", {"model": "m", "adapters": "models/adapters/R1-r0"}),
    ],
)
def test_who_is_asked_and_how(student, adapter, named):
    server = Scripted((200, reply()))
    server.ask("one", "two", student=student, adapter=adapter, temperature=0.5, seeds=[2**40 + 7, 8])
    expected = [
        {"max_tokens": 8, "temperature": 0.5, "seed": seed, "messages": [{"role": "user", "content": one}]} | named
        for one, seed in (("one", 7), ("two", 8))
    ]
    assert sorted(server.sent, key=lambda body: body["seed"]) == expected


def test_replies_come_back_in_order_and_a_passing_fault_is_tried_again(monkeypatch):
    server = Scripted((500, {}), (429, {}), (200, reply("said", "length", 9)))
    [one] = server.ask("one")
    assert (one.text, one.tokens, one.finish_reason) == ("said", 8, "length")  # the server counts a stop token
    assert len(server.sent) == 3


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ((400, {"error": {"message": "no such model"}}), "no such model"),
        ((200, reply(finish="tool_calls")), r"without a whole response and its usage \(tool_calls\)"),
        ((200, reply(tokens=None)), "without a whole response and its usage"),
        ((200, reply() | {"choices": []}), r"\(no choice\)"),
        ((200, reply(tokens=10)), "10 tokens, over the budget of 8"),
        ((500, {}), "500"),
    ],
)
def test_a_fault_that_stays_is_named(monkeypatch, told, message):
    monkeypatch.setattr(served, "RETRIES", 1)
    server = Scripted(told)
    with pytest.raises(StudyError, match=rf"http://127.0.0.1:\d+/v1: .*{message}.*; check generate.server") as raised:
        server.ask("one", "two")
    assert len(str(raised.value)) < 600


def test_a_server_that_is_not_there(monkeypatch):
    monkeypatch.setattr(served, "RETRIES", 0)
    with pytest.raises(StudyError, match=r"Connection error.*check generate.server in params.yaml and the server"):
        answer_served(
            Server(base_url=f"http://127.0.0.1:{free_port()}/v1", model="m", adapter="model"), None, [[]], 8, 0.0, []
        )
