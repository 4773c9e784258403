"""Workers side by side that end well: at an error, and at Ctrl-C, what is paid for is waited for, and no more."""

import asyncio
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

BEAT = 5.0  # seconds between two calls of `beat`


class Interrupted(Exception):
    """Ctrl-C, inside the event loop, which a KeyboardInterrupt would tear down."""


class Crew:
    """Workers of one event loop, and which of them must not be stopped just now."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._under_way: set[asyncio.Task[None] | None] = set()
        self._reasons: list[BaseException] = []

    def depart(self) -> None:
        """The calling worker's request goes to the server: from now on its reply is waited for."""
        self._under_way.add(asyncio.current_task())

    def arrive(self) -> None:
        """The calling worker has nothing to lose now; where the crew is stopping, it ends here."""
        self._under_way.discard(asyncio.current_task())
        if self._reasons:
            raise asyncio.CancelledError

    async def run(self, count: int, work: Callable[[], Awaitable[None]], beat: Callable[[], Awaitable[None]]) -> None:
        """Run `count` times `work` at once, and `beat` every few seconds beside it.

        Raises the first worker's error, or Interrupted at Ctrl-C, after those under way have arrived. A second Ctrl-C
        waits for nobody.
        """
        self._reasons.clear()
        self._tasks = [asyncio.ensure_future(_coroutine(work)) for _ in range(count)]
        heart = asyncio.ensure_future(_beating(beat))
        in_main = threading.current_thread() is threading.main_thread()
        if in_main:
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupt)
        try:
            pending = set(self._tasks)
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if not task.cancelled() and (error := task.exception()):
                        self._stop(error)
        finally:
            if in_main:
                asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
            heart.cancel()
            with suppress(asyncio.CancelledError):
                await heart
            self._under_way.clear()
        if self._reasons:
            raise self._reasons[0]

    def _stop(self, reason: BaseException) -> None:
        self._reasons.append(reason)
        for task in self._tasks:
            if task not in self._under_way:
                task.cancel()

    def _interrupt(self) -> None:
        if any(isinstance(reason, Interrupted) for reason in self._reasons):
            for task in self._tasks:
                task.cancel()
            return
        self._stop(Interrupted())
        waiting = len(self._under_way)
        told = f"waiting for {waiting} replies on their way, which are paid for (Ctrl-C again gives them up)"
        print(f"\nstopping: {told if waiting else 'no reply is on its way'}", file=sys.stderr, flush=True)


async def _coroutine(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def _beating(beat: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(BEAT)
        await beat()
