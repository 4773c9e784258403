"""A teacher on loopback: real HTTP, and a brain and faults that each test chooses."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stages.teacher import Ask, Reply, Request, connect, prompts
from stages.teacher.client import Body
from stages.teacher.settings import Role, TeacherMachine, TeacherSettings
from tests.teacher.faulty import Brain, Server, completion, running

KEY = "sk-MARKED-0123456789abcdef"


@dataclass
class Bench:
    """A teacher's settings, the server behind it, and a way to ask it."""

    server: Server
    settings: TeacherSettings
    machine: TeacherMachine
    recording: Path
    folder: Path

    @contextmanager
    def connected(self) -> Iterator[Ask]:
        with connect(self.settings, self.machine, self.recording) as ask:
            yield ask

    def ask(self, *texts: str, role: str = "solver", samples: int = 1) -> dict[str, Reply]:
        """Replies by text (and by `text sample` where there are several), from a connection of their own."""
        with self.connected() as ask:
            requests = [Request(text, body(text), number) for text in texts for number in range(1, samples + 1)]
            replies = ask(role, iter(requests), len(requests))
            return {name if samples == 1 else f"{name} {reply.sample}": reply for name, reply in replies}


def body(text: str = "1 + 1?", max_tokens: int = 100) -> Body:
    return prompts.body(Role(model="solver"), [{"role": "user", "content": text}], max_tokens)


def said(sent: dict[str, Any]) -> str:
    """What a request asks."""
    return str(sent["messages"][0]["content"])


def echo(sent: dict[str, Any]) -> dict[str, Any]:
    """A brain that answers with the question."""
    return completion(f"Answer: {said(sent)}", "thought", model=sent["model"])


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Iterator[Callable[..., Bench]]:
    """`bench(brain, faults={...}, settings={...}, machine={...}, **server)` gives a Bench with its own store."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv("TEST_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as servers:

        def make(
            brain: Brain = echo, settings: dict | None = None, machine: dict | None = None, **server: Any
        ) -> Bench:
            serving = Server(brain, **server)
            url = servers.enter_context(running(serving))
            roles = {"solver": Role(model="solver"), "verifier": Role(model="v"), "compressor": Role(model="c")}
            limits = {"key_variable": "TEST_KEY", "concurrency": 4, "silence": 20, "requests_per_minute": 0,
                      "tokens_per_minute": 0, "batch": False, "budget_usd": 0,
                      "prices": {"solver": {"prompt": 1, "cached": 0.1, "completion": 2}},
                      "peak": {"factor": 1, "hours": [], "days": []}}  # fmt: skip
            return Bench(
                serving,
                TeacherSettings(**{"base_url": url, **roles} | (settings or {})),
                TeacherMachine(**limits | (machine or {})),
                tmp_path / "recordings" / "test.jsonl",
                tmp_path,
            )

        yield make
