"""Ids that sort by the time they were made: inserts then land at one end of an index."""

import os
from datetime import datetime
from uuid import UUID


def uuid7(now: datetime) -> UUID:
    """A version 7 UUID (RFC 9562, 5.7): milliseconds, their fraction (6.2, method 3), chance."""
    milliseconds = int(now.timestamp()) * 1000 + now.microsecond // 1000
    fraction = now.microsecond % 1000 * 4096 // 1000
    chance = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | chance)
