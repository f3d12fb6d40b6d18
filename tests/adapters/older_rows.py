"""Connections as revision 0002 kept them, one for each thing that Junction may have said."""

from typing import Any, Final
from uuid import UUID

from adapters.persistence import rows
from domain.facts import Status

_NOW: Final = 1_800_000_000_000_000
_DAY: Final = 24 * 3600 * 1_000_000


def _row(n: int, word: str | None, sought_at: int | None) -> tuple[Any, ...]:
    """In the order of the columns of then."""
    slug, created_on = ("oura", _NOW) if word is not None else (None, None)
    error_type = "unknown" if word == "error" else None
    id_ = str(UUID(int=n))
    seen = (_NOW, slug, word, created_on, error_type)
    listed = (_NOW, _NOW) if word is not None else (None, None)
    return (id_, f"patient {n}", "oura", f"user {n}", *seen, _NOW, *listed, sought_at, None, n)


ROWS: Final = [
    _row(1, "connected", _NOW),
    _row(2, "error", _NOW),
    _row(3, "paused", _NOW),
    _row(4, "linking", _NOW),
    _row(5, None, _NOW),  # is sought, and may still appear
    _row(6, None, _NOW - 30 * _DAY),  # is over
    _row(7, None, None),
]

# Of what Junction did not list nothing more is said than that it is to be looked at first.
_AFTER: Final = ("connected", "error", "disconnected", *["pending"] * 4)
STATUS_AFTER: Final = {row[0]: status for row, status in zip(ROWS, _AFTER, strict=True)}

_READ: Final = ("connected", "error", "disconnected", *["pending"] * 2, *["disconnected"] * 2)
STATUS_READ: Final = {row[0]: Status(word) for row, word in zip(ROWS, _READ, strict=True)}


def status_read(row: tuple[Any, ...]) -> Status:
    """What a caller is told: never the column."""
    return rows.connection_of(row).status
