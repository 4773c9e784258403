"""A teacher on loopback: real HTTP, and a handler that each test writes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from stages.study.params import Prices, Teacher
from tests.teacher.server import Handler, serve


def completion(content: str | None, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """A chat completion as servers write it."""
    return {
        "id": "chatcmpl-1",
        "created": 1700000000,
        "model": "served-model",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
    }


@pytest.fixture
def teacher(tmp_path, monkeypatch) -> Iterator[Callable[..., Teacher]]:
    """Settings of a teacher that `handler` plays, with the store of paid answers in the test's own folder."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv("TEST_KEY", "secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ExitStack() as servers:

        def settings(handler: Handler, **changes: Any) -> Teacher:
            return Teacher(
                **{
                    "base_url": servers.enter_context(serve(handler)),
                    "key_variable": "TEST_KEY",
                    "solver": "solver",
                    "verifier": "verifier",
                    "compressor": "compressor",
                    "recording": None,
                    "concurrency": 4,
                    "prices": Prices(prompt=1.0, completion=2.0),
                }
                | changes
            )

        yield settings
