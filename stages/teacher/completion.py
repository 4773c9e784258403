"""A chat completion from the bytes of a response, streamed or whole, and whether it can be used.

Servers under load send empty bodies, half bodies, two bodies, pages of HTML, keep-alive lines and errors with status
200. Whatever is not exactly one finished completion is `Unusable`, and the client asks again.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from stages.answers import without_thoughts
from stages.study.files import explain
from stages.study.records import StrictRecord

MOST_BYTES = 2**28  # of one response; 384K streamed tokens take half of that
QUOTE = 300  # characters of a server's own message that an error repeats
SERVER_GAVE_UP = ("insufficient_system_resource", "error", "abort")  # finish reasons of DeepSeek, OpenRouter, vLLM

Outcome = Literal["answered", "cut off", "cut short", "blank", "refused"]


class Unusable(Exception):
    """A response that holds no whole completion; says what it held."""


class Message(BaseModel):
    """What a model says; servers put its reasoning under one of two names, or into the content."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class BilledUsage(BaseModel):
    """Tokens as billed. `cached_tokens` are part of the prompt's, `reasoning_tokens` of the completion's."""

    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    cached_tokens: int | None = Field(default=None, ge=0)
    reasoning_tokens: int | None = Field(default=None, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _one_name_each(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        told = {"cached_tokens": value.get("prompt_cache_hit_tokens")}
        for key, details in (("cached_tokens", "prompt_tokens_details"),
                             ("reasoning_tokens", "completion_tokens_details")):  # fmt: skip
            if isinstance(value.get(details), dict) and value[details].get(key) is not None:
                told[key] = value[details][key]
        return value | {key: count for key, count in told.items() if count is not None}


class Choice(BaseModel):
    message: Message
    finish_reason: str | None = None


class Completion(BaseModel):
    """The parts of a chat completion that are used. Ids, timestamps and what else a server adds are left out."""

    choices: list[Choice] = Field(min_length=1)
    model: str = ""
    usage: BilledUsage | None = None


class StoredReply(StrictRecord):
    """A line of a recording: the reply to the request with this fingerprint, or why it was refused for good.

    `sample` numbers several replies to one request; none is 1.
    """

    request: str
    sample: int | None = Field(default=None, ge=2)
    response: Completion | None = None
    failure: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "StoredReply":
        if (self.response is None) == (self.failure is None):
            raise ValueError("expected a response or a failure")
        return self


def judge(completion: Completion, budget: int) -> Outcome:
    """Whether a completion answers, or is `blank`, or `refused` by a filter.

    One that ends with `length` is `cut off` where it used up its `budget` of tokens, as far as can be told, and
    `cut short` where the server ended it long before.
    """
    choice = completion.choices[0]
    if choice.finish_reason == "content_filter":
        return "refused"
    if choice.finish_reason == "length":
        return "cut short" if _ended_early(choice.message, completion.usage, budget) else "cut off"
    return "answered" if split_thoughts(choice.message)[0].strip() else "blank"


def _ended_early(message: Message, usage: BilledUsage | None, budget: int) -> bool:
    """Whether not half of the budget was used, by what was billed or by what is there: a token is a byte at least.

    Where nothing is there, the whole budget may have gone into thoughts that are not shown.
    """
    thoughts = message.reasoning_content or message.reasoning or ""
    shown = len((thoughts + (message.content or "")).encode(errors="replace"))
    billed = usage.completion_tokens if usage else None
    if billed is not None and billed < budget / 2 and (billed or not shown):  # no text comes for nothing
        return True
    hidden = (usage.reasoning_tokens or 0) if usage and not thoughts else 0
    return shown > 0 and shown + hidden < budget / 2


def split_thoughts(message: Message) -> tuple[str, str]:
    """Text and reasoning of a message, also where it thinks aloud, as `<think>...</think>`, in its content."""
    content = message.content or ""
    text, thoughts = without_thoughts(content)
    return (text if text != content.strip() else content), message.reasoning_content or message.reasoning or thoughts


async def receive(pieces: AsyncIterator[bytes]) -> Completion:
    """The one completion that a response body holds; raises Unusable where it holds none, half of one, or more."""
    stream, whole, size = _Stream(), bytearray(), 0
    rest, streamed = b"", None
    async for piece in pieces:
        size += len(piece)
        if size > MOST_BYTES:
            raise Unusable(f"a body of more than {MOST_BYTES} bytes")
        if streamed is False:
            whole += piece
            continue
        *lines, rest = (rest + piece).split(b"\n")
        for number, line in enumerate(lines):
            if streamed is None and line.strip() and not line.startswith(b":"):  # keep-alive lines come before either
                streamed = line.startswith((b"data:", b"event:", b"id:", b"retry:"))
                if not streamed:
                    whole += b"\n".join([*lines[number:], rest])
                    break
            stream.add(line)
    if streamed is None:
        streamed = rest.startswith(b"data:")
        whole += rest
    if streamed:
        stream.add(rest)
    return checked(stream.completion() if streamed else _parse(bytes(whole)))


def checked(fields: Any) -> Completion:
    """A completion from its JSON value; raises Unusable where it is none, or where the server gave up on it."""
    try:
        completion = Completion.model_validate(_mend(fields))
    except ValidationError as error:
        raise Unusable(f"no chat completion ({explain(error)}): {json.dumps(fields)[:QUOTE]}") from None
    if completion.choices[0].finish_reason in SERVER_GAVE_UP:
        raise Unusable(f"finish_reason {completion.choices[0].finish_reason}")
    return completion


class _Stream:
    """Puts together what server-sent events tell of one completion."""

    def __init__(self) -> None:
        self._parts: dict[str, list[str]] = {"content": [], "reasoning_content": [], "reasoning": []}
        self._finish: str | None = None
        self._rest: dict[str, Any] = {}
        self._done = False

    def add(self, line: bytes) -> None:
        if not line.startswith(b"data:") or self._done:
            return
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            self._done = True
            return
        chunk = _parse(data)
        self._rest |= {key: chunk[key] for key in ("model", "usage") if chunk.get(key)}
        choices = chunk.get("choices")
        if not choices:
            return
        try:
            choice = choices[0]
            delta = choice.get("delta") or {}
            said = {key: delta[key] for key in self._parts if delta.get(key)}
            if said and self._finish:
                raise Unusable("two completions in one body")
            for key, text in said.items():
                self._parts[key].append(text + "")  # only text can be added to
            self._finish = choice.get("finish_reason") or self._finish
        except (TypeError, AttributeError, KeyError, IndexError):
            raise Unusable(f"no chunk of a chat completion: {data[:QUOTE].decode(errors='replace')}") from None

    def completion(self) -> dict[str, Any]:
        if self._finish is None:
            raise Unusable("the stream ended in the midst of the answer")
        message = {key: "".join(parts) for key, parts in self._parts.items() if parts}
        return self._rest | {"choices": [{"message": message, "finish_reason": self._finish}]}


def _parse(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        start = body.strip()[:QUOTE].decode(errors="replace")
        raise Unusable(f"not JSON: {start!r}" if start else "an empty body") from None
    if not isinstance(fields, dict):
        raise Unusable(f"no chat completion: {str(fields)[:QUOTE]}")
    if fields.get("error"):
        raise Unusable(f"an error with status 200: {json.dumps(fields['error'])[:QUOTE]}")
    return fields


def _mend(value: Any) -> Any:
    """Pairs of surrogates that came in two chunks made whole; a lone one, which UTF-8 cannot hold, becomes U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {key: _mend(item) for key, item in value.items()}
    return [_mend(item) for item in value] if isinstance(value, list) else value
