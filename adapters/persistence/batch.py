"""One transaction's work: read the rows that the writes touch, let them decide, store the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.persistence import rows
from adapters.persistence.engine import Transaction, as_json
from adapters.persistence.records import Records, by_mint
from adapters.persistence.removal import Removal, remove
from adapters.persistence.statements import Change, Statements
from adapters.persistence.timeline import Timeline
from domain.connection import Connection
from domain.errors import LinkingError
from domain.history import NewId, Refusal
from domain.ledger import LedgerEntry
from domain.link_token import Mint
from domain.moment import Moment
from domain.news import News
from domain.recording import Report
from domain.retention import Forget, Forgotten, Sweep

Write = Mint | Report | News | Refusal | Removal
Stored = LedgerEntry | Connection | Sequence[Connection] | Forgotten | int | None


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
        heard=dict(records.heard),
    )
    # Once the rows are locked: what is decided now comes after all that was decided of them.
    moment = timeline.moment(await transaction.now())
    outcomes = [_outcome(records, write, moment) for write in writes]
    for change, stored in _changes(sql, records, before):
        if stored:
            await transaction.store(change.text, [change.of(row) for row in stored])
    for position, write in enumerate(writes):
        if isinstance(write, Forget | Sweep):  # after the rest, so that it ends that too
            outcomes[position] = await remove(transaction, sql, write, moment)
    return outcomes


def _outcome(records: Records, write: Write, moment: Moment) -> Stored | LinkingError:
    try:
        match write:
            case Mint():
                return records.enter(write, moment)
            case Report():
                return records.record(write, moment)
            case News():
                return records.note(write, moment)
            case Refusal():
                records.refuse(write, moment)
                return None
            case Forget() | Sweep():
                return None
    except LinkingError as error:
        return error


async def _read(
    transaction: Transaction, sql: Statements, writes: Sequence[Write], new_id: NewId
) -> Records:
    digests = {write.digest for write in writes if isinstance(write, Mint)}
    digests |= {write.token for write in writes if isinstance(write, Report)}
    user_ids = {write.junction_user_id for write in writes if isinstance(write, Mint)}
    patients = {each.patient_id for each in writes if not isinstance(each, Refusal | Sweep)}
    noted = {write.patient_id for write in writes if isinstance(write, Report | News)}
    messages = {write.message_id for write in writes if isinstance(write, News)} - {None}
    if not patients:
        return Records(new_id=new_id)
    fetch = transaction.fetch
    whose = as_json(user_ids), as_json(patients)
    if sql.lock_users is not None:
        await fetch(sql.lock_users, *whose)
    users = map(rows.user_of, await fetch(sql.read_users, *whose))
    entries = await fetch(sql.read_tokens, as_json(digests)) if digests else ()
    connections = await fetch(sql.read_connections, as_json(noted)) if noted else ()
    heard = await fetch(sql.read_messages, as_json(messages)) if messages else ()
    by_age = sorted(users, key=by_mint)
    return Records(
        new_id=new_id,
        tokens={entry.digest: entry for entry in map(rows.entry_of, entries)},
        users={user.id: user for user in by_age},
        current={user.patient_id: user for user in by_age},
        connections={
            (row.patient_id, row.provider): row for row in map(rows.connection_of, connections)
        },
        heard=dict(map(rows.message_of, heard)),
    )


def _changes(
    sql: Statements, records: Records, before: Records
) -> Iterator[tuple[Change, list[rows.Row]]]:
    """What to store, by change, in the order in which a batch locks: table, then key.

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
    new_messages = sorted(records.heard.items() - before.heard.items())
    yield sql.insert_messages, [rows.message_row(message) for message in new_messages]


def _changed(
    as_row: Callable[[Any], rows.Row], now: Mapping[Any, Any], before: Mapping[Any, Any]
) -> list[rows.Row]:
    return [as_row(now[key]) for key in sorted(before) if now[key] is not before[key]]


def _new(
    as_row: Callable[[Any], rows.Row], now: Mapping[Any, Any], before: Mapping[Any, Any]
) -> list[rows.Row]:
    return [as_row(now[key]) for key in sorted(now.keys() - before.keys())]
