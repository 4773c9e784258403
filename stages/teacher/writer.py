"""The store's own thread: calls that wait at the same time share a transaction."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stages.teacher.store import Store


class Writer:
    """Runs store calls in one thread; those that wait at the same time share a transaction, and so one fsync."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "store")
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def run(self, call: Callable[..., Any], *args: Any) -> Any:
        """The result of `call(*args)`, once it is on disk."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda: call(*args), future))
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        result = await asyncio.shield(future)
        if isinstance(result, Exception):
            raise result
        return result

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                calls = [call for call, _ in batch]
                results = await loop.run_in_executor(self._thread, self._store.together, calls)
            except Exception as error:
                results = [error] * len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
        self._task = None

    async def finish(self) -> None:
        """Wait until all that was handed over is on disk."""
        while self._task:
            await asyncio.wait([self._task])
        self._thread.shutdown()
