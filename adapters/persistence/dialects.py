"""What databases spell differently."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.persistence.tables import Column, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one of them spells it.

    `insert` and `update` store rows that are given, `item` is the nth value of such a row.
    `any_of` says that a column is one of the rows of a query, `texts` are the elements of a JSON
    array. `{}` stands for what is filled in.
    """

    parameter: Callable[[int], str]
    insert: str
    update: str
    item: Callable[[int, Column], str]
    any_of: str
    texts: str
    locked_by: str
    unlocked: str

    def among(self, parameter: str) -> str:
        """That a column is one of the texts of an array."""
        return self.any_of.format(f"SELECT {self.texts.format(parameter)}")


_GIVEN: Final = "FROM jsonb_array_elements($1::jsonb) AS given(value)"
_CASTS: Final = {Kind.TEXT: "", Kind.TIME: "::bigint", Kind.FLAG: "::smallint"}


def _postgresql_item(n: int, column: Column) -> str:
    return f"(given.value ->> {n}){_CASTS[column.kind]}"


SQLITE: Final = Dialect(
    parameter=lambda _: "?",
    insert="INSERT INTO {table} ({columns}) VALUES ({values})",
    update="UPDATE {table} SET {changes} WHERE {table}.{key}",
    item=lambda *_: "?",
    any_of="IN ({})",
    texts="value FROM json_each({})",
    locked_by="",
    unlocked="",
)

POSTGRESQL: Final = Dialect(
    parameter=lambda n: f"${n}",
    insert=f"INSERT INTO {{table}} ({{columns}}) SELECT {{values}} {_GIVEN}",
    update=f"UPDATE {{table}} SET {{changes}} {_GIVEN} WHERE {{table}}.{{key}}",  # noqa: S608  (constants)
    item=_postgresql_item,
    # Not IN: of how many elements a subquery yields the planner knows nothing, and may scan.
    any_of="= ANY (ARRAY({}))",
    texts="jsonb_array_elements_text({}::jsonb)",
    # In one order, so that batches of two replicas wait for each other and never both at once.
    locked_by=" ORDER BY {} FOR UPDATE OF {}",
    unlocked=" FOR UPDATE SKIP LOCKED",
)


def number(parameter: str) -> str:
    """A parameter that is a number, and sent as text as all of them are."""
    return f"CAST(CAST({parameter} AS TEXT) AS BIGINT)"
