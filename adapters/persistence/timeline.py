"""The time order of one repository: its now never steps back, and its ids sort like its writes."""

import os
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from domain.moment import Moment
from ports.clock import Clock

# A monotonic clock is off by some hundred parts in a million at most; a step back is no drift.
_FOLLOWED: Final = 0.01
_DRIFT: Final = timedelta(minutes=1)


class Timeline:
    """One for each storage that is open.

    The time of day is followed forwards only. Were it followed back, what is seen next would look
    older than what is stored, and change nothing until the hour is made up. What the monotonic
    clock gains on it is given back little by little, while time goes on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._origin = datetime.fromtimestamp(0, UTC)
        self._asked = clock.monotonic()
        self._last_id = 0

    def moment(self, now: datetime) -> Moment:
        """This instant, of which somebody says that it is `now`."""
        monotonic = self._clock.monotonic()
        elapsed = timedelta(seconds=monotonic)
        self._follow(now - elapsed, timedelta(seconds=monotonic - self._asked))
        self._asked = monotonic
        return Moment(now=self._origin + elapsed, monotonic=monotonic)

    def _follow(self, origin: datetime, since: timedelta) -> None:
        behind = self._origin - origin
        if behind < _DRIFT:
            self._origin = max(origin, self._origin - since * _FOLLOWED)

    def new_id(self) -> UUID:
        """A UUID that sorts after each one before it, also within a microsecond."""
        now = self._origin + timedelta(seconds=self._clock.monotonic())
        self._last_id = max(self._last_id + 1, uuid7(now).int)
        return UUID(int=self._last_id)


def uuid7(now: datetime) -> UUID:
    """A version 7 UUID (RFC 9562, 5.7): milliseconds, their fraction (6.2, method 3), chance."""
    milliseconds = int(now.timestamp()) * 1000 + now.microsecond // 1000
    fraction = now.microsecond % 1000 * 4096 // 1000
    chance = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | chance)
