"""SQLite in two threads: one answers what is asked, one commits whatever waits, all at once."""

import asyncio
import sqlite3
import threading
import time
from queue import SimpleQueue
from random import getrandbits
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

import msgspec

from bench.peers import common

_MOST: Final = 256
_encode: Final = msgspec.json.Encoder().encode

Outcome = tuple[asyncio.Future[Any], Any]


def _items(*columns: int) -> str:
    return ", ".join(f"value ->> {column}" for column in columns)


_RETURNING: Final = common.UPSERT.partition(" RETURNING ")[2]
_UPSERT: Final = (
    f"INSERT INTO connections ({_RETURNING}) "
    f"SELECT {_items(0, 1, 2, 3)}, 'connected', value ->> 4, NULL FROM json_each(?) WHERE true "
    f"ON CONFLICT {common.UPSERT.partition(' ON CONFLICT ')[2]}"
)
_BIND: Final = (
    "UPDATE link_tokens SET bound_to = value ->> 1 FROM json_each(?) "
    "WHERE digest = value ->> 0 AND bound_to IS NULL RETURNING digest"
)
_MOVE: Final = (
    "UPDATE connections SET status = value ->> 2 FROM json_each(?) "
    "WHERE junction_user_id = value ->> 0 AND provider = value ->> 1 "
    "RETURNING junction_user_id, provider, id, patient_id"
)
_APPEND: Final = (
    f"INSERT INTO connection_events SELECT {_items(0, 1, 2, 3, 4, 5, 6, 7)} FROM json_each(?)"
)


def new_id() -> str:
    """A version 7 UUID: ids that are made together lie together in the index."""
    milliseconds = time.time_ns() // 1_000_000
    chance = getrandbits(74)
    high = milliseconds << 16 | 7 << 12 | chance >> 62
    return str(UUID(int=high << 64 | 2 << 62 | chance & (1 << 62) - 1))


class Exchanged(NamedTuple):
    """Its first five are the row of the connection."""

    id: str
    patient_id: str
    provider: str
    junction_user_id: str
    at: int
    digest: str
    request_id: str


class Moved(NamedTuple):
    junction_user_id: str
    provider: str
    status: str
    at: int
    cause: str
    request_id: str


class _Thread(threading.Thread):
    def __init__(self, path: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name=type(self).__name__, daemon=True)
        self._path = path
        self._loop = loop
        self._waiting: SimpleQueue[tuple[Any, asyncio.Future[Any]] | None] = SimpleQueue()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.put(None)
        self.join()

    def _put(self, item: object) -> asyncio.Future[Any]:
        future = self._loop.create_future()
        self._waiting.put((item, future))
        return future

    def run(self) -> None:
        database = sqlite3.connect(self._path, isolation_level=None)
        database.executescript(common.PRAGMAS)
        while batch := self._batch():
            items, futures = zip(*batch, strict=True)
            try:
                outcomes = self.work(database, items)
            except sqlite3.Error as error:
                outcomes = [error] * len(futures)
            resolved = list(zip(futures, outcomes, strict=True))
            self._loop.call_soon_threadsafe(_resolve, resolved)
        database.close()

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


class Reader(_Thread):
    async def ask(self, statement: str, parameter: str) -> list[common.Row]:
        rows: list[common.Row] = await self._put((statement, parameter))
        return rows

    def work(self, database: sqlite3.Connection, items: tuple[Any, ...]) -> list[Any]:
        return [
            database.execute(statement, (parameter,)).fetchall() for statement, parameter in items
        ]


class Writer(_Thread):
    async def save(self, item: Exchanged | Moved) -> Any:  # noqa: ANN401
        """The connection's row of what was exchanged; of a move how many it was about."""
        return await self._put(item)

    def work(self, database: sqlite3.Connection, items: tuple[Any, ...]) -> list[Any]:
        exchanged = [item for item in items if isinstance(item, Exchanged)]
        moved = [item for item in items if isinstance(item, Moved)]
        database.execute("BEGIN IMMEDIATE")
        try:
            rows, events = _exchange(database, exchanged) if exchanged else ({}, [])
            found, more = _move(database, moved) if moved else ({}, [])
            if events or more:
                database.execute(_APPEND, (_encode(events + more).decode(),))
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise
        return [
            rows[item.patient_id, item.provider]
            if isinstance(item, Exchanged)
            else len(found.get((item.junction_user_id, item.provider), ()))
            for item in items
        ]


def _exchange(
    database: sqlite3.Connection, items: list[Exchanged]
) -> tuple[dict[Any, Any], list[Any]]:
    upserted = database.execute(_UPSERT, (_encode([item[:5] for item in items]).decode(),))
    rows = {(row[1], row[2]): row for row in upserted}
    bindings = {item.digest: rows[item.patient_id, item.provider][0] for item in items}
    binding = database.execute(_BIND, (_encode(list(bindings.items())).decode(),))
    bound = {digest for (digest,) in binding}
    events = {
        item.digest: (
            new_id(),
            item.at,
            item.patient_id,
            bindings[item.digest],
            item.provider,
            "exchange",
            "connected",
            item.request_id,
        )
        for item in items
        if item.digest in bound
    }
    return rows, list(events.values())


def _move(database: sqlite3.Connection, items: list[Moved]) -> tuple[dict[Any, Any], list[Any]]:
    last = {item[:2]: item[:3] for item in items}
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for user_id, provider, connection_id, patient_id in database.execute(
        _MOVE, (_encode(list(last.values())).decode(),)
    ):
        found.setdefault((user_id, provider), []).append((connection_id, patient_id))
    events = [
        (
            new_id(),
            item.at,
            patient_id,
            connection_id,
            item.provider,
            item.cause,
            item.status,
            item.request_id,
        )
        for item in items
        for connection_id, patient_id in found.get(item[:2], ())
    ]
    return found, events


def _resolve(outcomes: list[Outcome]) -> None:
    for future, outcome in outcomes:
        if future.done():  # who waited has left
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
