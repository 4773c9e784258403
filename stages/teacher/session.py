"""Many requests at once, each paid for once: the recording answers first, then the store, then the server.

Requests are drawn one by one and replies are read back one by one, so that ten thousand long ones never stand in
memory together.
"""

import asyncio
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from stages.study.errors import StudyError
from stages.study.records import Usage
from stages.teacher import batch
from stages.teacher.buyer import Buyer, check_model
from stages.teacher.client import Body
from stages.teacher.completion import StoredReply, split_thoughts
from stages.teacher.crew import Crew, Interrupted
from stages.teacher.progress import Progress
from stages.teacher.recording import Recording
from stages.teacher.settings import TeacherMachine, TeacherSettings
from stages.teacher.store import Key, Store, explained, fingerprint, open_store, server_name

POLL = 0.2  # seconds between two looks at a request that another process is at


class Request(NamedTuple):
    """One thing to ask. `name` is the caller's (a problem id); `sample` numbers several replies to one body."""

    name: str
    body: Body
    sample: int = 1


@dataclass(frozen=True)
class Reply:
    """One model's answer. `request` is the sha256 of the request's body, `model` the name that was served.

    `failure` says why there is none; text and reasoning are empty then, and finish_reason is `failed`.
    """

    text: str
    reasoning: str
    finish_reason: str
    usage: Usage
    model: str
    request: str
    sample: int = 1
    failure: str = ""


class Ask(Protocol):
    """Asks the model of a role; gives names and replies in the order of `requests`, of which there are `total`."""

    def __call__(self, role: str, requests: Iterable[Request], total: int) -> Iterator[tuple[str, Reply]]: ...


@contextmanager
def connect(settings: TeacherSettings, machine: TeacherMachine, recording: Path) -> Iterator[Ask]:
    """Gives `ask`. What the file `recording` does not hold is looked up in the store, and then bought from the server.

    All requests of an `ask` are settled before it gives the first reply. A request that fails by itself is a Reply with
    its `failure`. Raises StudyError where asking on is of no use, and KeyboardInterrupt after Ctrl-C; what had arrived
    is stored then.
    """
    session, through = _Session(settings, machine, recording), False
    try:
        yield session.ask
        through = True
    finally:
        session.close(through)


def reply_of(told: StoredReply) -> Reply:
    """A stored line as the stages see it."""
    sample = told.sample or 1
    if told.response is None:
        return Reply("", "", "failed", Usage(), "", told.request, sample, str(told.failure))
    choice, billed = told.response.choices[0], told.response.usage
    text, reasoning = split_thoughts(choice.message)
    usage = Usage(**{kind: count or 0 for kind, count in billed.model_dump().items()}) if billed else Usage()
    finish = choice.finish_reason or "unknown"
    failure = "refused by the server's content filter" if finish == "content_filter" else ""
    return Reply(text, reasoning, finish, usage, told.response.model, told.request, sample, failure)


class _Session:
    """The state behind `ask`. Store and server are looked for when something is not in the recording."""

    def __init__(self, settings: TeacherSettings, machine: TeacherMachine, recording: Path) -> None:
        self._settings, self._machine = settings, machine
        self._key = os.environ.get(machine.key_variable, "")
        self._server = server_name(settings.base_url)
        self._recording = Recording(recording)
        self._runner, self._crew = asyncio.Runner(), Crew()
        self._store: Store | None = None
        self._buyer: Buyer | None = None
        self._failures: dict[Key, str] = {}
        self._missing: list[tuple[str, Key]] = []

    def ask(self, role: str, requests: Iterable[Request], total: int) -> Iterator[tuple[str, Reply]]:
        """See `Ask`."""
        try:
            named = self._runner.run(self._settle_all(role, requests, total))
        except Interrupted:
            raise KeyboardInterrupt from None
        if self._missing:
            raise self._cannot_ask(total)
        self._remember([key for _, key in named])
        return ((name, self._reply(key)) for name, key in named)

    def close(self, through: bool) -> None:
        """End the connections, give back the claims. `through`: all was asked that was to be asked."""
        if self._buyer:
            self._runner.run(self._buyer.close(through))
        self._runner.close()
        if self._store:
            self._store.close()

    async def _settle_all(self, role: str, requests: Iterable[Request], total: int) -> list[tuple[str, Key]]:
        """Have every request answered, or failed by itself; their names and keys, in order."""
        named: list[tuple[str, Key]] = []
        elsewhere: list[tuple[Request, Key]] = []  # another process is at these
        seen: set[Key] = set()
        progress = Progress(role, total)

        def draw() -> Iterator[tuple[Request, Key]]:
            for request in requests:
                key = Key(self._server, fingerprint(request.body), request.sample)
                named.append((request.name, key))
                if key in seen or (key.request, key.sample) in self._recording:
                    progress.add()
                else:
                    seen.add(key)
                    yield request, key

        drawn = draw()

        async def work() -> None:
            while item := next(drawn, None) or (elsewhere.pop(0) if elsewhere else None):
                if not await self._settle(role, *item, progress):
                    elsewhere.append(item)
                    await asyncio.sleep(POLL)

        async def work_in_batches() -> None:
            if buyer := self._open_buyer():
                await batch.settle(buyer, role, ((told.name, told.body, key) for told, key in drawn), progress)
            await work()  # where nothing can be bought, it finds what there is

        async def beat() -> None:
            progress.tell()
            if self._buyer:
                await self._buyer.renew()

        try:
            if self._machine.batch:
                await self._crew.run(1, work_in_batches, beat)
            else:
                # Some more than may send at once, so that none waits for the store while the wire is free.
                await self._crew.run(self._machine.concurrency + self._machine.concurrency // 4 + 1, work, beat)
        finally:
            progress.close()
        return named

    async def _settle(self, role: str, request: Request, key: Key, progress: Progress) -> bool:
        """Have one request settled; False where another process is at it."""
        buyer, store = self._open_buyer(), self._store
        if buyer is None:
            served = store.answered(key) if store else None
            if served is None:
                self._missing.append((request.name, key))
            else:
                check_model(self._settings, role, request.name, served)
            progress.add()
            return True
        settled = await buyer.settle(role, request.name, request.body, key)
        if settled is None:
            return False
        if settled.failure:
            self._failures[key] = settled.failure
        progress.add(settled.bought, settled.usd)
        return True

    def _open_buyer(self) -> Buyer | None:
        """Who buys what is not there; None without a key, or without a store to put it into."""
        if self._store is None:
            self._store = open_store(self._server, self._key != "")
        if self._buyer is None and self._key and self._store and self._store.writable:
            self._buyer = Buyer(self._settings, self._machine, self._key, self._store, self._crew)
        return self._buyer

    def _remember(self, keys: list[Key]) -> None:
        """Note for `export` what this corpus has used of the store."""
        if self._store and self._store.writable:
            store, used = self._store, [key for key in keys if (key.request, key.sample) not in self._recording]
            with explained(store.path):
                store.together([lambda: store.use(self._recording.path.stem, used)])

    def _reply(self, key: Key) -> Reply:
        if (key.request, key.sample) in self._recording:
            return reply_of(self._recording.reply((key.request, key.sample)))
        assert self._store
        with explained(self._store.path):
            stored = self._store.reply(key)
        if key in self._failures and (stored is None or stored.response is None):
            stored = StoredReply(request=key.request, failure=self._failures[key])
        assert stored
        return reply_of(stored)

    def _cannot_ask(self, total: int) -> StudyError:
        """Why the missing requests cannot be asked."""
        name, key = self._missing[0]
        path = self._recording.path
        many = f"; and {len(self._missing) - 1} more of {total} requests" if len(self._missing) > 1 else ""
        what = f"{name}: neither {path} nor the store holds a reply to this request (sha256 {key.request[:12]}{many}); "
        if self._key and self._store:
            return StudyError(
                f"{what}the store {self._store.path} cannot be written, and replies that are bought have to be stored; "
                "make the file and its folder writable"
            )
        return StudyError(
            f"{what}it was made with other problems or other teacher settings; to ask {self._settings.base_url}, put "
            f"its key into {self._machine.key_variable} (any text for a server without keys)"
        )
