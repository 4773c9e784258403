"""One batch of prompts, answered by an OpenAI-compatible server: mlx_lm.server, vLLM, SGLang.

The openai package tries again what fails in passing (429, 5xx, silence, a lost connection); what is answered is kept
by the batch, as the other engine's is, so this needs no store of paid replies.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

import openai
from pydantic import BaseModel, Field, ValidationError

from stages.generation.said import Said
from stages.generation.settings import Server
from stages.study.errors import StudyError
from stages.study.files import explain

RETRIES = 8
SILENCE = 600.0  # seconds without an answer after which a request is made again
Messages = list[dict[str, str]]


class Usage(BaseModel):
    """Tokens of a reply."""

    completion_tokens: int = Field(ge=0)


class Message(BaseModel):
    """What was said."""

    content: str | None = None


class Choice(BaseModel):
    """The reply itself, and why it ended."""

    message: Message
    finish_reason: Literal["stop", "length"]


class Completion(BaseModel):
    """The parts of a chat completion that are used; a server may add others."""

    choices: list[Choice] = Field(min_length=1)
    usage: Usage


def answer_served(
    server: Server,
    student: str | None,
    prompts: list[Messages],
    max_tokens: int,
    temperature: float,
    seeds: Sequence[int],
) -> list[Said]:
    """Responses to chat messages of the base student (None) or of a run's; raises StudyError where the server fails."""
    body: dict[str, Any] = {"model": server.model, "max_tokens": max_tokens, "temperature": temperature}
    extra: dict[str, Any] = {}
    if student is not None and server.adapter == "model":
        body["model"] = student
    elif student is not None:
        extra["adapters"] = f"models/adapters/{student}"
    return asyncio.run(_ask_all(server, [body | {"messages": one} for one in prompts], extra, seeds))


async def _ask_all(
    server: Server, bodies: list[dict[str, Any]], extra: dict[str, Any], seeds: Sequence[int]
) -> list[Said]:
    async with openai.AsyncOpenAI(
        base_url=server.base_url, api_key="none", max_retries=RETRIES, timeout=SILENCE
    ) as client:
        create: Any = client.chat.completions.with_raw_response.create  # what comes back is checked here, by _said

        async def ask(place: int) -> Said:
            seed = {"seed": seeds[place] % 2**31} if seeds else {}
            told = await create(**bodies[place], **seed, extra_body=extra)
            return _said(told.http_response.text, bodies[place]["max_tokens"])

        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(ask(place)) for place in range(len(bodies))]
        except* (openai.OpenAIError, StudyError) as errors:
            message = " ".join(str(errors.exceptions[0]).split())[:300]
            raise StudyError(
                f"{server.base_url}: {message}; check generate.server in params.yaml and the server, then run the same "
                "command again: finished batches are kept"
            ) from None
    return [one.result() for one in asked]


def _said(told: str, budget: int) -> Said:
    """A response body as a response; raises StudyError where it is none, or longer than it was to be."""
    try:
        reply = Completion.model_validate_json(told)
    except ValidationError as error:
        raise StudyError(f"no whole completion: {explain(error)}") from None
    if reply.usage.completion_tokens > budget + 1:  # some servers count the stop token
        raise StudyError(f"a response of {reply.usage.completion_tokens} tokens, over the budget of {budget}")
    choice = reply.choices[0]
    tokens = min(reply.usage.completion_tokens, budget)
    return Said(text=choice.message.content or "", tokens=tokens, finish_reason=choice.finish_reason)
