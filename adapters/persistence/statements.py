"""The statements, made from the tables for each database that is spoken.

What a batch looks for travels as one JSON array, which spares the lists of every length a plan of
their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from adapters.persistence import tables
from adapters.persistence.dialects import Dialect, number
from adapters.persistence.rows import Row
from adapters.persistence.tables import Table

# Identity is given once: an id, whose it is, and of what. All else may grow.
_GROWING: Final = {
    tables.junction_users: ("team_id", "minted_at", "looked_at"),
    tables.link_tokens: ("bound_to",),
    tables.connections: tuple(
        column.name
        for column in tables.connections.columns
        if column.name not in {"id", "patient_id", "provider"}
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that is given rows to store, and what `of` a row of the table it is given."""

    text: str
    of: Callable[[Row], Row]


class Statements:
    """Those that find are for requests; a batch reads what it touches, inserts and updates.

    A number is sent as text, as everything is.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        one, two, three, four, five = map(dialect.parameter, range(1, 6))
        users, tokens = tables.junction_users, tables.link_tokens
        connections, events = tables.connections, tables.connection_events
        messages = tables.webhook_deliveries

        self.find_token = _select(tokens, f"digest = {one}")
        self.find_user = _select(users, f"junction_user_id = {one}")
        self.find_message = _select(messages, f"message_id = {one}")
        self.list_users = _select(users, f"patient_id = {one}")
        self.find_connection = _select(connections, f"patient_id = {one} AND provider = {two}")
        self.get_connection = _select(connections, f"patient_id = {one} AND id = {two}")
        self.list_connections = _select(connections, f"patient_id = {one} ORDER BY id")
        self.list_events = _select(
            events,
            f"patient_id = {one} AND connection_id = {two} AND id < {three} "
            f"ORDER BY id DESC LIMIT {number(four)}",
        )
        self.list_stale = _select(
            connections,
            f"status = {one} AND seen_at < {number(two)} "
            f"AND (seen_at, id) > ({number(three)}, {four}) "
            f"ORDER BY seen_at, id LIMIT {number(five)}",
        )
        self.count_stale = (
            f"SELECT count(*) FROM {connections.name} "
            f"WHERE status = {one} AND seen_at < {number(two)}"
        )

        among_one, among_two = map(dialect.among, (one, two))
        of_a_batch = f"junction_user_id {among_one} OR patient_id {among_two}"
        # Who waits for a lock goes on with the rows of before: so users are locked, and then read.
        self.lock_users = (
            f"SELECT 1 FROM {users.name} WHERE {of_a_batch}"
            + dialect.locked_by.format("junction_user_id", users.name)
            if dialect.locked_by
            else None
        )
        self.read_users = _select(users, of_a_batch)
        self.read_tokens = _select(tokens, f"digest {among_one}") + dialect.locked_by.format(
            "digest", tokens.name
        )
        self.read_connections = _select(
            connections, f"patient_id {among_one}"
        ) + dialect.locked_by.format("patient_id, provider", connections.name)
        self.read_messages = _select(messages, f"message_id {among_one}")

        self.insert_users, self.update_users = self._insert(users), self._update(users)
        self.insert_tokens, self.update_tokens = self._insert(tokens), self._update(tokens)
        self.insert_connections = self._insert(connections)
        self.update_connections = self._update(connections)
        self.insert_events = self._insert(events)
        self.insert_messages = self._insert(messages)

        self.forget_users, self.forget_tokens, self.forget_connections = (
            f"DELETE FROM {table.name} WHERE patient_id = {one} RETURNING 1"
            for table in (users, tokens, connections)
        )
        self.forget_in_events = (
            f"UPDATE {events.name} SET patient_id = {one}, connection_id = NULL "
            f"WHERE patient_id = {two} RETURNING 1"
        )
        self.sweep_tokens = self._sweep(tokens, "expires_at", "bound_to IS NULL AND ")
        self.sweep_messages = self._sweep(messages, "heard_at")

    def _insert(self, table: Table) -> Change:
        values = map(self._dialect.item, range(len(table.columns)), table.columns)
        text = self._dialect.insert.format(
            table=table.name, columns=_columns(table), values=", ".join(values)
        )
        return Change(text, of=tuple)

    def _update(self, table: Table) -> Change:
        names = [column.name for column in table.columns]
        positions = [names.index(name) for name in (*_GROWING[table], table.key.name)]
        *changes, key = (
            f"{names[at]} = {self._dialect.item(n, table.columns[at])}"
            for n, at in enumerate(positions)
        )
        text = self._dialect.update.format(table=table.name, changes=", ".join(changes), key=key)
        return Change(text, of=itemgetter(*positions))

    def _sweep(self, table: Table, age: str, condition: str = "") -> str:
        """Only the oldest, only a few, and not what somebody else has in hand."""
        key = table.key
        one, two = map(self._dialect.parameter, (1, 2))
        oldest = (
            f"SELECT {key.name} FROM {table.name} WHERE {condition}{age} < {number(one)} "
            f"ORDER BY {age} LIMIT {number(two)}{self._dialect.unlocked}"
        )
        return (
            f"DELETE FROM {table.name} WHERE {key.name} {self._dialect.any_of.format(oldest)} "
            "RETURNING 1"
        )


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _select(table: Table, condition: str) -> str:
    return f"SELECT {_columns(table)} FROM {table.name} WHERE {condition}"
