"""An SQLite connection in a thread of its own, which takes whatever waits for it at once."""

import asyncio
import sqlite3
import threading
from queue import SimpleQueue
from typing import Any, Final, Self

from bench.peers import common

_MOST: Final = 256

Outcome = tuple[asyncio.Future[Any], Any]


class Worker(threading.Thread):
    def __init__(self, path: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name=type(self).__name__, daemon=True)
        self._path = path
        self._loop = loop
        self._database: sqlite3.Connection
        self._waiting: SimpleQueue[tuple[Any, asyncio.Future[Any]] | None] = SimpleQueue()

    def __enter__(self) -> Self:
        # Opened here, so that a failure is the start-up's, and one worker waits for another.
        self._database = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._database.executescript(common.PRAGMAS)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self.join()
        self._database.close()

    def put(self, item: object) -> asyncio.Future[Any]:
        future = self._loop.create_future()
        self._waiting.put((item, future))
        return future

    def run(self) -> None:
        while batch := self._batch():
            items, futures = zip(*batch, strict=True)
            try:
                outcomes = self.work(self._database, items)
            except Exception as error:  # noqa: BLE001  (a dead thread would answer nobody)
                outcomes = [error] * len(futures)
            resolved = list(zip(futures, outcomes, strict=True))
            self._loop.call_soon_threadsafe(_resolve, resolved)

    def work(self, database: sqlite3.Connection, items: tuple[Any, ...]) -> list[Any]:
        raise NotImplementedError

    def _batch(self) -> list[tuple[Any, asyncio.Future[Any]]]:
        """All that wait; none, once the last has been answered and no more will come."""
        batch = []
        item = self._waiting.get()
        while item is not None:
            batch.append(item)
            if len(batch) == _MOST or self._waiting.empty():
                return batch
            item = self._waiting.get()
        if batch:
            self._waiting.put(None)
        return batch


class Reader(Worker):
    async def ask(self, statement: str, parameter: str) -> list[common.Row]:
        rows: list[common.Row] = await self.put((statement, parameter))
        return rows

    def work(self, database: sqlite3.Connection, items: tuple[Any, ...]) -> list[Any]:
        return [
            database.execute(statement, (parameter,)).fetchall() for statement, parameter in items
        ]


def _resolve(outcomes: list[Outcome]) -> None:
    for future, outcome in outcomes:
        if future.done():  # who waited has left
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
