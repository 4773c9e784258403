"""Answers that were paid for, one JSON object a line, by the sha256 of the request they answer.

The store of a server lies in `$DVC_ROOT/.cache/teacher/`, outside DVC's outs, because DVC deletes a stage's outs
before it runs. A recording is the same file, committed.
"""

import errno
import hashlib
import json
import os
import re
import threading
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from stages.study.records import StrictRecord


class Message(BaseModel):
    """What a model says; servers put its reasoning under one of two names, or into the content."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class BilledUsage(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class Choice(BaseModel):
    message: Message
    finish_reason: str | None = None


class Completion(BaseModel):
    """The parts of a chat completion that are used. Ids, timestamps and what else a server adds are left out."""

    choices: list[Choice] = Field(min_length=1)
    model: str = ""
    usage: BilledUsage | None = None


class Answer(StrictRecord):
    """A server's response and the fingerprint of the request it answers."""

    request: str
    response: Completion


def fingerprint(body: dict[str, Any]) -> str:
    """sha256 of the canonical JSON of a request body, in hexadecimal."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def store_path(base_url: str) -> Path:
    """Where the answers of a server are kept; `$DVC_ROOT` is the main repository even in DVC's temporary copies."""
    server = re.sub(r"[^\w.-]+", "-", base_url.split("://")[-1]).strip("-")
    return Path(os.environ.get("DVC_ROOT", ".")) / ".cache" / "teacher" / f"{server}.jsonl"


class Store:
    """An append-only file of answers, read once when opened. Threads, and other processes, may add to it meanwhile.

    A line that cannot be read was torn by a kill or a full disk: its request is simply asked again.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered, so that a line is one write and lines of other writers never get between its parts.
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._answers: dict[str, Completion] = {}
        data = path.read_bytes()
        for line in data.split(b"\n"):
            try:
                answer = Answer.model_validate_json(line)
            except ValidationError:
                continue
            self._answers[answer.request] = answer.response
        self._torn = bool(data) and not data.endswith(b"\n")

    def get(self, request: str) -> Completion | None:
        """The response stored for a request's fingerprint."""
        return self._answers.get(request)

    def add(self, request: str, response: Completion) -> None:
        """Put a response on disk before anyone works with it."""
        line = Answer(request=request, response=response).model_dump_json(exclude_none=True).encode() + b"\n"
        with self._lock:
            if self._torn:
                line = b"\n" + line
            self._torn = True
            if self._file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._file.name)
            os.fsync(self._file.fileno())
            self._torn = False
            self._answers[request] = response

    def close(self) -> None:
        self._file.close()
