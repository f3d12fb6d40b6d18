"""The trace that a request belongs to, carried beside the call as W3C Trace Context has it."""

from contextvars import ContextVar
from typing import Final, NamedTuple


class Trace(NamedTuple):
    """`id` is 32 hexadecimal digits, `flags` two: whether the caller records it (3.2.2.5)."""

    id: str
    flags: str


TRACE: Final[ContextVar[Trace | None]] = ContextVar("TRACE", default=None)
"""None where no request is being served. Why it is ambient: docs/adr/0005."""
