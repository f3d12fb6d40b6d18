"""One transaction's work: read the rows that the writes touch, let them decide, store the rest."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from adapters.persistence import rows
from adapters.persistence import sqlite_statements as sql
from adapters.persistence.records import Records, by_mint
from adapters.persistence.timeline import Timeline
from domain.connection import Connection
from domain.errors import LinkingError
from domain.history import NewId, Refusal
from domain.ledger import LedgerEntry
from domain.link_token import Mint
from domain.moment import Moment
from domain.recording import Report

Write = Mint | Report | Refusal
Stored = LedgerEntry | Connection | None
Fetch = Callable[..., Awaitable[Sequence[Sequence[Any]]]]


_encoder: Final = msgspec.json.Encoder()


class DataError(Exception):
    """The database cannot take the data of a write."""


async def apply(
    fetch: Fetch, writes: Sequence[Write], timeline: Timeline
) -> list[Stored | LinkingError]:
    """Run the writes one after the other, inside a transaction that the caller began.

    A write that breaks a rule changes nothing and leaves its error in its place.
    """
    records = await _read(fetch, writes, timeline.new_id)
    before = replace(
        records,
        tokens=dict(records.tokens),
        users=dict(records.users),
        connections=dict(records.connections),
    )
    moment = timeline.moment()
    outcomes = [_outcome(records, write, moment) for write in writes]
    await _store(fetch, records, before)
    return outcomes


def _outcome(records: Records, write: Write, moment: Moment) -> Stored | LinkingError:
    try:
        match write:
            case Mint():
                return records.enter(write, moment)
            case Report():
                return records.record(write, moment)
            case Refusal():
                records.refuse(write, moment)
                return None
    except LinkingError as error:
        return error


async def _read(fetch: Fetch, writes: Sequence[Write], new_id: NewId) -> Records:
    mints = [write for write in writes if isinstance(write, Mint)]
    reports = [write for write in writes if isinstance(write, Report)]
    if not mints and not reports:
        return Records(new_id=new_id)
    digests = {mint.digest for mint in mints} | {report.token for report in reports}
    patients = {mint.patient_id for mint in mints} | {report.patient_id for report in reports}
    user_ids = {mint.junction_user_id for mint in mints}
    keys = {(report.patient_id, report.provider) for report in reports}
    entries = map(rows.entry_of, await fetch(sql.read_tokens, _json(digests)))
    users = map(rows.user_of, await fetch(sql.read_users, _json(user_ids), _json(patients)))
    stored = await fetch(sql.read_connections, _json(keys)) if keys else ()
    connections = map(rows.connection_of, stored)
    by_age = sorted(users, key=by_mint)
    return Records(
        new_id=new_id,
        tokens={entry.digest: entry for entry in entries},
        users={user.id: user for user in by_age},
        current={user.patient_id: user for user in by_age},
        connections={(row.patient_id, row.provider): row for row in connections},
    )


async def _store(fetch: Fetch, records: Records, before: Records) -> None:
    changes = (
        (sql.write_users, map(rows.user_row, _newer(records.users, before.users))),
        (sql.write_tokens, map(rows.entry_row, _newer(records.tokens, before.tokens))),
        (
            sql.write_connections,
            map(rows.connection_row, _newer(records.connections, before.connections)),
        ),
        (sql.write_events, map(rows.event_row, records.events)),
    )
    for statement, changed in changes:
        if stored := list(changed):
            await fetch(statement, _json(stored))


def _newer(rows_now: dict[Any, Any], rows_before: dict[Any, Any]) -> list[Any]:
    return [row for key, row in rows_now.items() if rows_before.get(key) is not row]


def _json(values: object) -> str:
    try:
        return _encoder.encode(values).decode()
    except UnicodeEncodeError as error:
        raise DataError from error
