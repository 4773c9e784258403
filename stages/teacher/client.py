"""One request at a time, over the wire: sent when its turn comes, tried again until its reply can be used.

The openai package's asynchronous client streams the reply, so that a long thought is no silence. There is one retry
loop, over parsed completions: what a server under load says instead of an answer (429, 5xx, resets, silence, empty,
broken or doubled bodies) is tried again; what it refuses for good is `Refused`; what concerns the account or the
model stops the stage (`StudyError`).
"""

import asyncio
import itertools
import ssl
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import httpx2
import openai

from stages.study.errors import StudyError
from stages.teacher.completion import QUOTE, Completion, Unusable, receive
from stages.teacher.money import budget, prompt_tokens
from stages.teacher.pace import Pace, back_off, told_wait
from stages.teacher.settings import TeacherMachine, TeacherSettings

TRIES = 10  # in vain after which a server that has answered nobody meanwhile is given up: some four minutes
MOST_TRIES = 20  # in vain after which a request is given up that a server does not answer while it answers others
PATIENCE = 1800.0  # seconds of nothing but 429, after which the stage stops
POOL = 4  # requests under way that share a pool of connections, which goes through all of them for each request
KEPT = "run the same command again to go on: answers that have arrived are kept"

Body = dict[str, Any]
Reserve = Callable[[float], Awaitable[float]]
Trouble = Callable[[str], Awaitable[None]]


class Refused(Exception):
    """The server refuses this request for good."""


class GivenUp(Exception):
    """The server answers others, but has not answered this request within `MOST_TRIES`."""


class Client:
    """A server, and all that is known of how it takes requests. `key` is sent to it and told to nobody else."""

    def __init__(self, settings: TeacherSettings, machine: TeacherMachine, key: str) -> None:
        self._settings, self._machine, self._key = settings, machine, key
        pools = -(-machine.concurrency // POOL)
        trust = httpx2.create_ssl_context()  # takes longer to make than all else here
        self._pools = [_pool(settings.base_url, key, machine.silence, trust) for _ in range(pools)]
        self._wire = asyncio.Semaphore(machine.concurrency)
        self._next_pool = itertools.cycle(self._pools)
        self.pace = Pace(machine.requests_per_minute, machine.tokens_per_minute)
        self._random = Random()
        self._answered_at = time.monotonic()
        self._troubles = 0  # since the last answer, of all requests
        self._completion_tokens = 1000.0  # mean of what replies took, for the limit on tokens a minute

    @property
    def api(self) -> openai.AsyncOpenAI:
        """The package's client, for what is not a chat completion; it tries again by itself."""
        return self._pools[0].with_options(max_retries=8)

    async def close(self) -> None:
        for pool in self._pools:
            await pool.close()

    async def send(
        self, name: str, body: Body, depart: Callable[[], None], reserve: Reserve, trouble: Trouble
    ) -> Completion:
        """The completion of a request. `name` is the caller's, for errors. Before each try `reserve` queues for limits
        a minute and `depart` is called; `trouble` is told what a try in vain has met.

        Raises Refused or GivenUp, or StudyError where no other request would fare better.
        """
        began, tries = time.monotonic(), 0
        while True:
            estimate = prompt_tokens(body) + min(self._completion_tokens, budget(body))
            await self.pace.turn(estimate, reserve)
            try:
                async with self._wire:
                    depart()
                    completion = await self._once(body)
            except openai.APIStatusError as error:
                status, message = error.status_code, self.clean(error.message)
                met, wait = f"status {status}: {message}", told_wait(error.response.headers)
                self._stop_if_account(name, error, message)
                if status == 429:
                    self.pace.refused(error.response.headers)
                    await trouble(met)
                    if time.monotonic() - max(self._answered_at, began) > PATIENCE:
                        raise self._lasting(name, met) from None
                    continue
                if status < 500 and status not in (408, 409, 425):
                    raise Refused(met) from None
            except openai.APITimeoutError:
                met, wait = f"silent for {self._machine.silence:g} s", None
            except (openai.APIConnectionError, httpx2.HTTPError) as error:
                met, wait = f"cannot be reached ({self.clean(str(error.__cause__ or error))})", None
                if isinstance(error, httpx2.TimeoutException):
                    met = f"silent for {self._machine.silence:g} s"
            except Unusable as error:
                met, wait = self.clean(str(error)), None
            else:
                return await self._take(completion, estimate, reserve)
            tries += 1
            self._troubles += 1
            await trouble(met)
            if wait is not None:
                self.pace.pause(wait)
            if tries >= TRIES and self._answered_at < began:
                raise self._lasting(name, met)
            if tries == MOST_TRIES:
                raise GivenUp(f"{met}, {MOST_TRIES} times")
            if self._troubles > self._machine.concurrency:  # not this request, but the server
                self.pace.pause(back_off(self._troubles // self._machine.concurrency, self._random))
            if wait is None:
                await asyncio.sleep(back_off(tries, self._random))

    async def _once(self, body: Body) -> Completion:
        """One try. The stream's own switches are no part of the request's fingerprint."""
        wire = body | {"stream": True, "stream_options": {"include_usage": True}}
        # Not through `chat.completions`, which would hold every message against types that it knows.
        response = await next(self._next_pool).post(
            "/chat/completions", cast_to=httpx2.Response, body=wire, stream=True
        )
        try:
            self.pace.accepted(response.headers)
            return await receive(response.aiter_bytes())
        finally:
            await response.aclose()

    async def _take(self, completion: Completion, estimate: float, reserve: Reserve) -> Completion:
        self._answered_at, self._troubles = time.monotonic(), 0
        if usage := completion.usage:
            self._completion_tokens += 0.1 * (usage.completion_tokens - self._completion_tokens)
            over = usage.prompt_tokens + usage.completion_tokens - estimate
            if self.pace.tokens_per_minute and over > 0:
                await reserve(self.pace.seconds(over, requests=0))
        return completion

    def _stop_if_account(self, name: str, error: openai.APIStatusError, message: str) -> None:
        """Raise StudyError for what all other requests would meet, too."""
        where = f"{name}: {self._settings.base_url} answered with status {error.status_code}: {message}"
        if error.status_code == 401:
            raise StudyError(f"{where}; check the key in {self._machine.key_variable}; {KEPT}") from None
        if error.status_code == 402 or (error.status_code == 429 and "quota" in f"{error.code} {message}".lower()):
            raise StudyError(f"{where}; the account is empty; {KEPT}") from None
        if error.status_code == 404:
            raise StudyError(
                f"{where}; check teacher.base_url and the model names in params.yaml; names of models change, and "
                f"the server's list is at {self._settings.base_url.rstrip('/')}/models; {KEPT}"
            ) from None

    def _lasting(self, name: str, met: str) -> StudyError:
        advice = "the server is in trouble"
        if "429" in met:
            advice = "lower machine.teacher.concurrency or set requests_per_minute in params.yaml"
        elif "reached" in met:
            advice = "check teacher.base_url in params.yaml and that the server runs"
        return StudyError(f"{name}: {self._settings.base_url}: {met}, and answered no other request; {advice}; {KEPT}")

    def clean(self, text: str) -> str:
        """A server's words on one line, not too long, and without the key, which some servers repeat."""
        return " ".join(text.replace(self._key, "[key]").split())[:QUOTE]


def _pool(base_url: str, key: str, silence: float, trust: ssl.SSLContext) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=key,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(
            verify=trust,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=2 * POOL),
        ),
        timeout=httpx2.Timeout(silence, connect=min(silence, 30.0), pool=None),
    )
