"""What waits to be written is committed at once, with one statement for each table."""

import sqlite3
import time
from random import getrandbits
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from bench.peers import common
from bench.peers.floor_threads import Worker

_encode: Final = msgspec.json.Encoder().encode


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


class Writer(Worker):
    async def save(self, item: Exchanged | Moved) -> Any:  # noqa: ANN401
        """The connection's row of what was exchanged; of a move how many it was about."""
        return await self.put(item)

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
