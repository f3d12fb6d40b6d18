"""`Retry-After`, in both of its forms: RFC 9110, 10.2.3."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_LONGEST: Final = 999_999  # seconds, eleven days; beyond that it is no wait but a mistake
_SECONDS: Final = re.compile(r"[0-9]{1,6}")


def seconds_to_wait(retry_after: str, *, now: datetime) -> float | None:
    """How long from `now`; None if it says neither seconds nor a date."""
    if _SECONDS.fullmatch(retry_after):
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:  # the oldest form of a date has no zone, and means UTC
        date = date.replace(tzinfo=UTC)
    seconds = (date - now).total_seconds()
    return max(0.0, seconds) if seconds <= _LONGEST else None
