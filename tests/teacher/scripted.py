"""Problems, and an `ask` that answers from a script instead of a server."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from stages.study.records import Problem, Reading, Source, Usage
from stages.teacher import Ask, Body, Reply, Request
from stages.teacher.store import fingerprint


def problem(number: int, answer: str = "2", **changes) -> Problem:
    """A usable problem with an answer."""
    values = {
        "id": f"test-2021-fs-{number:02d}",
        "corpus": "test",
        "year": 2021,
        "section": "fs",
        "number": f"{number:02d}",
        "statement": f"What is {number}?",
        "answer": answer,
        "source": Source(file="a.pdf", page=1, box=(0, 0, 1, 1)),
        "reading": Reading(engine="text", confidence=1.0),
    }
    return Problem(**values | changes)


def reply(body: Body, text: str, reasoning: str = "", finish: str = "stop", failure: str = "") -> Reply:
    """What a model says to a request, at 10 and 20 tokens."""
    usage = Usage(prompt_tokens=10, completion_tokens=20)
    return Reply(text, reasoning, finish, usage, str(body["model"]), fingerprint(body), failure=failure)


def scripted(script: Callable[[str, int, Body], Reply]) -> tuple[Ask, list[tuple[str, Body]]]:
    """An `ask` that calls script(problem id, how often it was asked before, body), and the requests it got."""
    seen: list[tuple[str, Body]] = []

    def ask(role: str, requests: Iterable[Request], total: int) -> Iterator[tuple[str, Reply]]:
        replies = []
        for name, body, sample in requests:
            before = sum(other == name for other, _ in seen)
            replies.append((name, replace(script(name, before, body), sample=sample)))
            seen.append((name, body))
        assert len(replies) == total
        return iter(replies)

    return ask, seen
