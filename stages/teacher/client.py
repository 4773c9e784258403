"""Many requests to one OpenAI-compatible server: at once, each paid for once, each failure explained."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import openai
from pydantic import ValidationError
from tqdm import tqdm

from stages.study.errors import StudyError
from stages.study.files import explain
from stages.study.records import Usage
from stages.teacher.recording import Recording
from stages.teacher.settings import TeacherMachine, TeacherSettings
from stages.teacher.store import Completion, Store, fingerprint, store_path

RETRIES = 6  # of a request that met 429, 5xx or a silent server; the client waits 0.5 s, 1 s, 2 s ... 8 s in between
TIMEOUT = 600.0  # seconds without a byte; a reasoning model may think for minutes before the first
QUOTE = 300  # characters of a server's own message that an error repeats
_KEPT = "run the same command again to go on: answers that have arrived are kept"

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One model's answer. `request` is the sha256 of the request's body."""

    text: str
    reasoning: str
    finish_reason: str
    usage: Usage
    model: str
    request: str


Ask = Callable[[str, dict[str, Body]], dict[str, Reply]]


class Billed(Protocol):
    """A reply, or a record made of one."""

    @property
    def usage(self) -> Usage: ...
    @property
    def request(self) -> str: ...


@contextmanager
def connect(settings: TeacherSettings, machine: TeacherMachine, recording: Path) -> Iterator[Ask]:
    """Gives `ask(what, bodies)`: request bodies by a name of the caller's (a problem id) to replies by that name.

    `what` labels the progress bar. Where `recording` holds anything, it answers and nothing is stored. `ask` raises
    StudyError for the first request that fails for good, after the answers that had arrived were stored.
    """
    key = os.environ.get(machine.key_variable, "")
    recorded = recording.exists() and recording.stat().st_size > 0
    if not recorded and not key:
        raise StudyError(
            f"{machine.key_variable} is not set: put the key of {settings.base_url} into this environment variable "
            f"(any text for a server without keys), or put recorded replies into {recording}"
        )
    client = openai.OpenAI(
        base_url=settings.base_url,
        api_key=key or "recorded",
        timeout=TIMEOUT,
        max_retries=RETRIES,
        http_client=openai.DefaultHttpxClient(transport=Recording(recording, settings.base_url, machine.key_variable))
        if recorded
        else None,
    )
    with client, nullcontext() if recorded else closing(Store(store_path(settings.base_url))) as store:
        yield partial(_ask, client, store, settings.base_url, machine)


def bill(answers: Iterable[Billed]) -> dict[str, int | float]:
    """The tokens that answers were billed for, as they stand in the metrics. Equal requests were billed once."""
    answers = {answer.request: answer for answer in answers}.values()
    return {
        "requests": len(answers),
        "prompt_tokens": sum(answer.usage.prompt_tokens for answer in answers),
        "completion_tokens": sum(answer.usage.completion_tokens for answer in answers),
    }


def _ask(
    client: openai.OpenAI, store: Store | None, server: str, machine: TeacherMachine, what: str, bodies: dict[str, Body]
) -> dict[str, Reply]:
    requests = {name: fingerprint(body) for name, body in bodies.items()}
    replies: dict[str, Reply] = {}
    missing: dict[str, str] = {}  # fingerprint to the first name that asks it: equal requests are paid for once
    for name, request in requests.items():
        stored = store.get(request) if store else None
        if stored is None:
            missing.setdefault(request, name)
        else:
            replies[request] = _reply(stored, request)

    def fetch(request: str, name: str) -> Reply:
        completion = _post(client, server, machine, name, bodies[name])
        if store:
            store.add(request, completion)
        return _reply(completion, request)

    with ThreadPoolExecutor(machine.concurrency) as pool:
        futures = [pool.submit(fetch, request, name) for request, name in missing.items()]
        try:
            for future in tqdm(as_completed(futures), what, len(futures), unit=" requests", disable=None):
                reply = future.result()
                replies[reply.request] = reply
        except BaseException:
            # Requests under way are finished and stored, for they are paid for; the rest is not begun.
            pool.shutdown(cancel_futures=True)
            raise
    return {name: replies[request] for name, request in requests.items()}


def _post(client: openai.OpenAI, server: str, machine: TeacherMachine, name: str, body: Body) -> Completion:
    """One request; raises StudyError that names the problem, the status and what to do."""
    where = f"{name}: {server}"
    try:
        content = client.chat.completions.with_raw_response.create(**body).content
    except openai.APIStatusError as error:
        message = " ".join(error.message.split())[:QUOTE]
        advice = _advice(error.status_code, machine)
        raise StudyError(f"{where} answered with status {error.status_code}: {message}; {advice}") from None
    except openai.APITimeoutError:
        raise StudyError(f"{where} was silent for {TIMEOUT:.0f} s, {RETRIES + 1} times; {_KEPT}") from None
    except openai.APIConnectionError as error:
        raise StudyError(
            f"{where} cannot be reached ({error.__cause__ or error}); check teacher.base_url in params.yaml and that "
            f"the server runs; {_KEPT}"
        ) from None
    except StudyError as error:
        raise StudyError(f"{name}: {error}") from None
    try:
        # Lone surrogates are legal in JSON escapes but not in UTF-8; they become question marks.
        clean = json.dumps(json.loads(content), ensure_ascii=False).encode(errors="replace")
        return Completion.model_validate_json(clean)
    except ValidationError as error:
        fault = explain(error)
    except (ValueError, RecursionError):
        fault = "not JSON"
    start = content[:QUOTE].decode(errors="replace")
    raise StudyError(f"{where} answered with something that is no chat completion ({fault}): {start!r}; {_KEPT}")


def _advice(status: int, machine: TeacherMachine) -> str:
    if status in (401, 403):
        return f"check the key in {machine.key_variable}"
    if status == 402:
        return f"the account is empty; {_KEPT}"
    if status == 429:
        return f"wait, or lower machine.teacher.concurrency in params.yaml; {_KEPT}"
    if status >= 500:
        return f"the server is in trouble after {RETRIES + 1} tries; {_KEPT}"
    return f"check teacher.base_url, the model names and max_tokens in params.yaml; {_KEPT}"


def _reply(completion: Completion, request: str) -> Reply:
    choice, usage = completion.choices[0], Usage()
    if completion.usage:
        usage = Usage(**completion.usage.model_dump())
    text, thoughts = _without_thoughts(choice.message.content or "")
    return Reply(
        text=text,
        reasoning=choice.message.reasoning_content or choice.message.reasoning or thoughts,
        finish_reason=choice.finish_reason or "unknown",
        usage=usage,
        model=completion.model,
        request=request,
    )


def _without_thoughts(content: str) -> tuple[str, str]:
    """Text and reasoning of a reply that thinks aloud in `<think>...</think>`; some templates eat the first tag."""
    thoughts, closed, text = content.partition("</think>")
    opened = thoughts.lstrip().startswith("<think>")
    if not closed and not opened:
        return content, ""
    return text.strip(), thoughts.lstrip().removeprefix("<think>").strip()
