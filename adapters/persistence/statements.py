"""The statements, made from the tables for each database that is spoken.

A batch is one statement a table: its rows travel as one JSON array, which also spares the lists
of every length a plan of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Column, SmallInteger, Table

from adapters.persistence import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a database spells what databases spell differently.

    `items` are the elements of a JSON array, as rows; `item` is the nth element of such a row,
    `among` that a column is one of a JSON array's texts. `{}` stands for a parameter.
    """

    parameter: Callable[[int], str]
    items: str
    item: Callable[[int, Column[Any]], str]
    among: str
    join: str
    locked_by: str


def _postgresql_item(n: int, column: Column[Any]) -> str:
    match column.type:
        case BigInteger():
            cast = "::bigint"
        case SmallInteger():
            cast = "::smallint"
        case _:
            cast = ""
    return f"(given.value ->> {n}){cast}"


SQLITE: Final = Dialect(
    parameter=lambda _: "?",
    items="json_each({}) AS given",
    item=lambda n, _: f"json_extract(given.value, '$[{n}]')",
    among="IN (SELECT value FROM json_each({}))",
    join="CROSS JOIN",  # which SQLite takes as the order to join in (sqlite.org, Query Planner)
    locked_by="",
)

POSTGRESQL: Final = Dialect(
    parameter=lambda n: f"${n}",
    items="jsonb_array_elements({}::jsonb) AS given(value)",
    item=_postgresql_item,
    # Not IN: of how many elements a subquery yields the planner knows nothing, and may scan.
    among="= ANY (ARRAY(SELECT jsonb_array_elements_text({}::jsonb)))",
    join="JOIN",
    # In one order, so that batches of two replicas wait for each other and never both at once.
    locked_by=" ORDER BY {} FOR UPDATE OF {}",
)

# Identity is given once: an id, whose it is, and of what. All else may grow.
_GROWING: Final = {
    tables.junction_users: ("team_id", "minted_at"),
    tables.link_tokens: ("bound_to",),
    tables.connections: tuple(
        column.name
        for column in tables.connections.columns
        if column.name not in {"id", "patient_id", "provider"}
    ),
}


class Statements:
    """Those that find are for requests; a batch reads what it touches, inserts and updates."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        one, two = map(dialect.parameter, (1, 2))
        users, tokens = tables.junction_users, tables.link_tokens
        connections, events = tables.connections, tables.connection_events

        self.find_token = _select(tokens, f"digest = {one}")
        self.find_connection = _select(connections, f"patient_id = {one} AND provider = {two}")
        self.get_connection = _select(connections, f"patient_id = {one} AND id = {two}")
        self.list_connections = _select(connections, f"patient_id = {one} ORDER BY id")
        self.list_events = _select(
            events, f"patient_id = {one} AND connection_id = {two} ORDER BY id DESC"
        )

        among_one, among_two = map(dialect.among.format, (one, two))
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
        self.read_connections = self._select_pairs(connections, "patient_id", "provider")

        self.insert_users, self.update_users = self._insert(users), self._update(users)
        self.insert_tokens, self.update_tokens = self._insert(tokens), self._update(tokens)
        self.insert_connections = self._insert(connections)
        self.update_connections = self._update(connections)
        self.insert_events = self._insert(events)

    def _select_pairs(self, table: Table, first: str, second: str) -> str:
        dialect = self._dialect
        items = dialect.items.format(dialect.parameter(1))
        left, right = (dialect.item(n, table.c[name]) for n, name in enumerate((first, second)))
        return (
            f"SELECT {_columns(table, f'{table.name}.')} FROM {items} "
            f"{dialect.join} {table.name} ON {first} = {left} AND {second} = {right}"
            + dialect.locked_by.format(f"{first}, {second}", table.name)
        )

    def _insert(self, table: Table) -> str:
        values = ", ".join(map(self._dialect.item, range(len(table.columns)), table.columns))
        items = self._dialect.items.format(self._dialect.parameter(1))
        return f"INSERT INTO {table.name} ({_columns(table)}) SELECT {values} FROM {items}"

    def _update(self, table: Table) -> str:
        """A row's first column is its key."""
        [key] = table.primary_key
        new = {column.name: self._dialect.item(n, column) for n, column in enumerate(table.c)}
        changes = ", ".join(f"{name} = {new[name]}" for name in _GROWING[table])
        items = self._dialect.items.format(self._dialect.parameter(1))
        return (
            f"UPDATE {table.name} SET {changes} FROM {items} "
            f"WHERE {table.name}.{key.name} = {new[key.name]}"
        )


def _columns(table: Table, prefix: str = "") -> str:
    return ", ".join(f"{prefix}{column.name}" for column in table.columns)


def _select(table: Table, condition: str) -> str:
    return f"SELECT {_columns(table)} FROM {table.name} WHERE {condition}"
