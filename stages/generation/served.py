"""One batch of prompts, answered by an OpenAI-compatible server: mlx_lm.server, vLLM, SGLang.

The openai package tries again what fails in passing (429, 5xx, silence, a lost connection); what is answered is kept
by the batch, as the other engine's is, so this needs no store of paid replies.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import openai

from stages.generation.said import Said
from stages.generation.settings import Server
from stages.study.errors import StudyError

RETRIES = 8
SILENCE = 600.0  # seconds without an answer after which a request is made again
Messages = list[dict[str, str]]


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
        create: Any = client.chat.completions.create  # bodies are data here, not typed arguments

        async def ask(place: int) -> Said:
            seed = {"seed": seeds[place] % 2**31} if seeds else {}
            told = await create(**bodies[place], **seed, extra_body=extra)
            return _said(told, bodies[place]["max_tokens"])

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


def _said(told: Any, budget: int) -> Said:
    """A completion as a response; raises StudyError where it is none. The server is not trusted to keep the budget."""
    choice = told.choices[0] if told.choices else None
    if choice is None or choice.finish_reason not in ("stop", "length") or told.usage is None:
        what = choice.finish_reason if choice else "no choice"
        raise StudyError(f"a reply without a whole response and its usage ({what})")
    if told.usage.completion_tokens > budget + 1:  # some servers count the stop token
        raise StudyError(f"a response of {told.usage.completion_tokens} tokens, over the budget of {budget}")
    tokens = min(told.usage.completion_tokens, budget)
    return Said(text=choice.message.content or "", tokens=tokens, finish_reason=choice.finish_reason)
