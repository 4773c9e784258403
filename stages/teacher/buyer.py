"""Buying replies: claim, send, store, and once more where what came cannot be used. One server, one store."""

import os
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass

from stages.study.errors import StudyError
from stages.teacher import money
from stages.teacher.client import KEPT, Body, Client, GivenUp, Refused
from stages.teacher.completion import Completion, StoredReply, judge
from stages.teacher.crew import Crew
from stages.teacher.settings import Prices, TeacherMachine, TeacherSettings
from stages.teacher.store import (
    LEASE,
    Attempt,
    Claim,
    Key,
    OverBudget,
    Store,
    explained,
    server_name,
    taken_over_from,
)
from stages.teacher.writer import Writer

MOST_GROWTH = 4  # times a request's own budget
BALLAST = 2**17  # bytes on the disk that a request under way has set aside for its reply
REFUSALS = 10  # refused requests, with none answered in between, that are taken for a fault of the settings
LONG_KEY = 16  # characters from which a key is taken out of replies, too; a shorter one may be a word


@dataclass
class Settled:
    """What has come of a request: dollars spent now, and why there is no reply, if there is none."""

    usd: float = 0.0
    bought: bool = False
    failure: str = ""


class Buyer:
    """Buys from the server of `settings`, with `key`, into `store`. Lives in one event loop."""

    def __init__(self, settings: TeacherSettings, machine: TeacherMachine, key: str, store: Store, crew: Crew) -> None:
        self._settings, self._machine, self._key = settings, machine, key
        self.store, self._crew, self.writer = store, crew, Writer(store)
        self.client = Client(settings, machine, key)
        self.server = server_name(settings.base_url)
        with explained(store.path):
            (self._began,) = store.together([lambda: store.begin(self.server)])
        self._renewed = time.monotonic()
        self._refusals = 0  # since the last reply
        self._ballast = store.path.with_suffix(".ballast")
        try:
            with self._ballast.open("wb") as file:
                file.write(b"\0" * BALLAST * machine.concurrency)
                os.fsync(file.fileno())
        except OSError as error:
            self._ballast.unlink(missing_ok=True)
            raise StudyError(
                f"{self._ballast}: {error.strerror}; replies that are bought have to be stored: make room for "
                f"{BALLAST * machine.concurrency >> 20} MiB, then run the same command again"
            ) from None

    async def close(self, through: bool) -> None:
        """Let go of the connections; what was to be stored is stored. `through`: the run is not to be gone on with."""
        if through:
            await self.writer.run(self.store.end, self.server)
        await self.writer.finish()
        await self.client.close()
        self._ballast.unlink(missing_ok=True)

    async def renew(self) -> None:
        """Hold the claims for another lease, when a third of it is over."""
        if time.monotonic() - self._renewed > LEASE / 3:
            self._renewed = time.monotonic()
            with suppress(sqlite3.Error):  # the next claim or reply meets it, too, and says so
                await self.writer.run(self.store.renew)

    async def settle(self, role: str, name: str, body: Body, key: Key) -> Settled | None:
        """Have a request answered, or failed by itself; None where another process is at it.

        Raises StudyError for what concerns other requests as well.
        """
        settled = Settled()
        while True:
            with explained(self.store.path):
                claim = await self.claim(role, name, body, key)
            if claim.state == "taken":
                return settled if settled.bought else None
            if claim.state == "answered":
                check_model(self._settings, role, name, claim.model)
            if claim.state in ("answered", "exhausted"):
                return settled
            wanted = grown(body, claim.cut_off)
            try:
                outcome, usd = await self._buy(role, name, wanted, key)
            except (Refused, GivenUp) as error:
                settled.failure = str(error)
                await self.keep(
                    key, Attempt(role, "refused" if isinstance(error, Refused) else "failed", settled.failure)
                )
                if wanted == body and isinstance(error, Refused):  # more room than a model has is no fault of settings
                    self._count_refusal(name, settled.failure)
                self._crew.arrive()
                return settled
            self._refusals = 0
            settled.bought, settled.usd = True, settled.usd + usd
            if outcome in ("answered", "refused"):
                return settled

    def _count_refusal(self, name: str, met: str) -> None:
        self._refusals += 1
        if self._refusals >= REFUSALS:
            raise StudyError(
                f"{name}: {self._settings.base_url} refused {REFUSALS} requests in a row, with {met}; check the model "
                f"names, `extra` and max_tokens in params.yaml; {KEPT}"
            )

    async def claim(self, role: str, name: str, body: Body, key: Key) -> Claim:
        """Claim a request; raises StudyError where it could pass the budget."""
        grown = body | {_budget_field(body): MOST_GROWTH * money.budget(body)}
        most = money.most(grown, self._prices(role), self._machine)
        try:
            claim: Claim = await self.writer.run(self.store.claim, key, most, self._machine.budget_usd, self._began)
            return claim
        except OverBudget as error:
            committed, usd = error.args
            raise StudyError(
                f"{name}: machine.teacher.budget_usd is {self._machine.budget_usd:.2f}: {committed:.2f} is spent or "
                f"set aside, and this request may cost up to {usd:.4f}; raise it in params.yaml; {KEPT}"
            ) from None

    async def _buy(self, role: str, name: str, body: Body, key: Key) -> tuple[str, float]:
        """One reply, stored; its outcome, and what it cost."""
        began, factor = time.monotonic(), money.factor_now(self._machine)

        async def trouble(met: str) -> None:
            self._crew.arrive()
            with explained(self.store.path):
                await self.writer.run(self.store.add, key, Attempt(role, "trouble", met), False)

        async def reserve(seconds: float) -> float:
            return float(await self.writer.run(self.store.turn, key.server, seconds))

        completion = await self.client.send(name, body, self._crew.depart, reserve, trouble)
        outcome, usd = await self.take(role, name, key, completion, factor, money.budget(body), began)
        self._crew.arrive()
        return outcome, usd

    async def take(
        self, role: str, name: str, key: Key, completion: Completion, factor: float, budget: int, began: float
    ) -> tuple[str, float]:
        """Store a reply; its outcome, and what it cost. Raises StudyError where another model has answered."""
        completion = self._without_key(completion)
        usd = money.dollars(completion.usage, self._prices(role), factor) if completion.usage else 0.0
        outcome = judge(completion, budget)
        await self.keep(key, Attempt(role, outcome, "", completion, usd, time.monotonic() - began))
        check_model(self._settings, role, name, completion.model)
        return outcome, usd

    async def keep(self, key: Key, attempt: Attempt) -> None:
        """Store an attempt. On a full disk, the room that was set aside for it is taken; failing that, a file beside
        the store, which the next run takes over, holds it."""
        try:
            await self.writer.run(self.store.add, key, attempt)
            return
        except sqlite3.Error as error:
            fault = error
        self._ballast.unlink(missing_ok=True)
        try:
            await self.writer.run(self.store.add, key, attempt)
        except sqlite3.Error:
            if attempt.completion:
                self._set_beside(key, attempt.completion)
        with explained(self.store.path):
            raise fault

    def _set_beside(self, key: Key, completion: Completion) -> None:
        sample = key.sample if key.sample > 1 else None
        line = StoredReply(request=key.request, sample=sample, response=completion).model_dump_json(exclude_none=True)
        path = taken_over_from(key.server)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            file.write(line.encode() + b"\n")
            os.fsync(file.fileno())

    def _prices(self, role: str) -> Prices:
        return self._machine.prices.get(role, money.FREE)

    def _without_key(self, completion: Completion) -> Completion:
        """A reply that repeats the key of the request is kept without it."""
        if len(self._key) < LONG_KEY:
            return completion
        told = completion.model_dump_json()
        return Completion.model_validate_json(told.replace(self._key, "[key]")) if self._key in told else completion


def check_model(settings: TeacherSettings, role: str, name: str, served: str) -> None:
    """Raise StudyError where another model has answered than was asked; a name that no reply told is let pass."""
    asked = settings.role(role)
    if served and served != asked.model and served not in asked.served:
        raise StudyError(
            f"{name}: {settings.base_url} was asked for {asked.model} and answered as {served}; if that is the model "
            f"you mean, name it in teacher.{role}.served in params.yaml; {KEPT}"
        )


def _budget_field(body: Body) -> str:
    return "max_completion_tokens" if "max_completion_tokens" in body else "max_tokens"


def grown(body: Body, cut_off: int) -> Body:
    """A request's body whose replies were cut off so often, with more room for the next."""
    if not cut_off or _budget_field(body) not in body:
        return body
    return body | {_budget_field(body): money.budget(body) * min(2**cut_off, MOST_GROWTH)}
