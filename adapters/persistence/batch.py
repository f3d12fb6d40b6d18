"""One transaction's work: read the rows that the writes touch, let them decide, store the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from adapters.persistence import rows
from adapters.persistence.engine import DataError, Transaction
from adapters.persistence.records import Records, by_mint
from adapters.persistence.statements import Statements
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

_encoder: Final = msgspec.json.Encoder()


async def apply(
    transaction: Transaction, sql: Statements, writes: Sequence[Write], timeline: Timeline
) -> list[Stored | LinkingError]:
    """Run the writes one after the other, inside a transaction that the caller began.

    A write that breaks a rule changes nothing and leaves its error in its place.
    """
    records = await _read(transaction, sql, writes, timeline.new_id)
    before = replace(
        records,
        tokens=dict(records.tokens),
        users=dict(records.users),
        connections=dict(records.connections),
    )
    # Once the rows are locked: what is decided now comes after all that was decided of them.
    moment = timeline.moment(await transaction.now())
    outcomes = [_outcome(records, write, moment) for write in writes]
    for statement, stored in _changes(sql, records, before):
        if stored:
            await transaction.fetch(statement, _json(stored))
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


async def _read(
    transaction: Transaction, sql: Statements, writes: Sequence[Write], new_id: NewId
) -> Records:
    mints = [write for write in writes if isinstance(write, Mint)]
    reports = [write for write in writes if isinstance(write, Report)]
    if not mints and not reports:
        return Records(new_id=new_id)
    digests = {mint.digest for mint in mints} | {report.token for report in reports}
    patients = {mint.patient_id for mint in mints} | {report.patient_id for report in reports}
    user_ids = {mint.junction_user_id for mint in mints}
    keys = {(report.patient_id, report.provider) for report in reports}
    fetch = transaction.fetch
    whose = _json(user_ids), _json(patients)
    if sql.lock_users is not None:
        await fetch(sql.lock_users, *whose)
    users = map(rows.user_of, await fetch(sql.read_users, *whose))
    entries = map(rows.entry_of, await fetch(sql.read_tokens, _json(digests)))
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


def _changes(
    sql: Statements, records: Records, before: Records
) -> Iterator[tuple[str, list[rows.Row]]]:
    """What to store, by statement, in the order in which a batch locks: table, then key.

    Rows that were not there are inserted, not merged: if another process has put one there since
    they were read, that fails, and the batch is decided anew.
    """
    of_user, of_entry, of_connection = rows.user_row, rows.entry_row, rows.connection_row
    yield sql.update_users, _changed(of_user, records.users, before.users)
    yield sql.insert_users, _new(of_user, records.users, before.users)
    yield sql.update_tokens, _changed(of_entry, records.tokens, before.tokens)
    yield sql.insert_tokens, _new(of_entry, records.tokens, before.tokens)
    yield sql.update_connections, _changed(of_connection, records.connections, before.connections)
    yield sql.insert_connections, _new(of_connection, records.connections, before.connections)
    yield sql.insert_events, [rows.event_row(event) for event in records.events]


def _changed(
    as_row: Callable[[Any], rows.Row], now: Mapping[Any, Any], before: Mapping[Any, Any]
) -> list[rows.Row]:
    return [as_row(now[key]) for key in sorted(before) if now[key] is not before[key]]


def _new(
    as_row: Callable[[Any], rows.Row], now: Mapping[Any, Any], before: Mapping[Any, Any]
) -> list[rows.Row]:
    return [as_row(now[key]) for key in sorted(now.keys() - before.keys())]


def _json(values: object) -> str:
    try:
        return _encoder.encode(values).decode()
    except UnicodeEncodeError as error:
        raise DataError from error
