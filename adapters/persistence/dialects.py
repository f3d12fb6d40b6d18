"""What databases spell differently."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.persistence.tables import Column, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one of them spells it.

    `items` are the elements of a JSON array, as rows; `item` is the nth element of such a row,
    `any_of` that a column is one of the rows of a query, `texts` the elements of a JSON array as
    texts. `{}` stands for what is filled in.
    """

    parameter: Callable[[int], str]
    items: str
    item: Callable[[int, Column], str]
    any_of: str
    texts: str
    locked_by: str
    unlocked: str

    def among(self, parameter: str) -> str:
        """That a column is one of the texts of an array."""
        return self.any_of.format(f"SELECT {self.texts.format(parameter)}")


_CASTS: Final = {Kind.TEXT: "", Kind.TIME: "::bigint", Kind.FLAG: "::smallint"}


def _postgresql_item(n: int, column: Column) -> str:
    return f"(given.value ->> {n}){_CASTS[column.kind]}"


SQLITE: Final = Dialect(
    parameter=lambda _: "?",
    items="json_each({}) AS given",
    item=lambda n, _: f"json_extract(given.value, '$[{n}]')",
    any_of="IN ({})",
    texts="value FROM json_each({})",
    locked_by="",
    unlocked="",
)

POSTGRESQL: Final = Dialect(
    parameter=lambda n: f"${n}",
    items="jsonb_array_elements({}::jsonb) AS given(value)",
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
