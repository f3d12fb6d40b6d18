"""The trace that a request belongs to, carried beside the call as W3C Trace Context has it."""

from contextvars import ContextVar
from typing import Final

TRACE_ID: Final[ContextVar[str | None]] = ContextVar("TRACE_ID", default=None)
"""32 lower-case hexadecimal digits; None where no request is being served."""
