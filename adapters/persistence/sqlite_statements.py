"""SQLite's statements. A batch is one statement a table: its rows travel as one JSON array."""

from typing import Final

from sqlalchemy import Table

from adapters.persistence import tables


def _columns(table: Table, prefix: str = "") -> str:
    return ", ".join(f"{prefix}{column.name}" for column in table.columns)


def _select(table: Table, condition: str) -> str:
    return f"SELECT {_columns(table)} FROM {table.name} WHERE {condition}"


def _insert(table: Table, conflict: str = "") -> str:
    values = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(table.columns)))
    # "WHERE true" tells the parser that ON CONFLICT is no join condition (sqlite.org, UPSERT).
    return (
        f"INSERT INTO {table.name} ({_columns(table)}) "
        f"SELECT {values} FROM json_each(?) WHERE true {conflict}"
    )


def _upsert(table: Table, key: str, *changing: str) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in changing)
    return _insert(table, f"ON CONFLICT ({key}) DO UPDATE SET {changes}")


_GIVEN: Final = "(SELECT value FROM json_each(?))"

# Identity is given once: an id, whose it is, and of what. All else may grow.
_GROWING: Final = [
    column.name
    for column in tables.connections.columns
    if column.name not in {"id", "patient_id", "provider"}
]

find_token: Final = _select(tables.link_tokens, "digest = ?")
find_connection: Final = _select(tables.connections, "patient_id = ? AND provider = ?")
get_connection: Final = _select(tables.connections, "patient_id = ? AND id = ?")
list_connections: Final = _select(tables.connections, "patient_id = ? ORDER BY id")
list_events: Final = _select(
    tables.connection_events, "patient_id = ? AND connection_id = ? ORDER BY id DESC"
)

read_tokens: Final = _select(tables.link_tokens, f"digest IN {_GIVEN}")
read_users: Final = _select(
    tables.junction_users, f"junction_user_id IN {_GIVEN} OR patient_id IN {_GIVEN}"
)
read_connections: Final = (
    f"SELECT {_columns(tables.connections, 'connections.')} FROM json_each(?) AS key "
    "CROSS JOIN connections ON patient_id = json_extract(key.value, '$[0]') "
    "AND provider = json_extract(key.value, '$[1]')"
)

write_tokens: Final = _upsert(tables.link_tokens, "digest", "bound_to")
write_users: Final = _upsert(tables.junction_users, "junction_user_id", "team_id", "minted_at")
write_connections: Final = _upsert(tables.connections, "patient_id, provider", *_GROWING)
write_events: Final = _insert(tables.connection_events)
