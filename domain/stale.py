"""Who has connections that nobody has looked at for long, each of them once."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.connection import Connection
from domain.facts import Status
from domain.ledger import JunctionUserOnRecord
from domain.provider import ProviderName
from ports.clock import Clock
from ports.repositories import ConnectionRepository, JunctionUserDirectory, StaleAfter

_PAGE: Final = 200  # rows

# Links that may be overdue come first; what has ended is least likely to have changed.
_ORDER: Final = (Status.PENDING, Status.CONNECTED, Status.ERROR, Status.DISCONNECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """All of a patient's rows, and their current Junction user."""

    user: JunctionUserOnRecord
    rows: Mapping[ProviderName, Connection]


@dataclass(frozen=True, slots=True, kw_only=True)
class StalePatients:
    users: JunctionUserDirectory
    connections: ConnectionRepository
    clock: Clock

    async def count(self, older_than: timedelta) -> int:
        """How many rows are stale now."""
        stale = self.connections.count_stale
        return sum([await stale(status, older_than=older_than) for status in _ORDER])

    async def pages(self, older_than: timedelta) -> AsyncIterator[tuple[int, list[Patient]]]:
        """How many rows a page has, and whose they are, but for who was in one before."""
        stale_at = self.clock.now() - older_than
        async for rows in self._rows(older_than):
            yield len(rows), [each for row in rows if (each := await self._led_by(row, stale_at))]

    async def _rows(self, older_than: timedelta) -> AsyncIterator[Sequence[Connection]]:
        """Of what is stale when they begin, so that they end however short `older_than` is."""
        began = self.clock.monotonic()
        for status in _ORDER:
            after = None
            while rows := await self.connections.stale(
                status,
                older_than=older_than + timedelta(seconds=self.clock.monotonic() - began),
                after=after,
                limit=_PAGE,
            ):
                yield rows
                after = StaleAfter(rows[-1].facts.seen.asked_at, rows[-1].id)

    async def _led_by(self, row: Connection, stale_at: datetime) -> Patient | None:
        """The patient, if `row` is the first of theirs to come up: a look is for all of them."""
        rows = await self.connections.list_for(row.patient_id)
        users = await self.users.all_of(row.patient_id)
        stale = [each for each in rows if each.facts.seen.asked_at < stale_at]
        if not users or row.id != min(stale, key=_turn, default=row).id:
            return None
        return Patient(user=users[0], rows={each.provider: each for each in rows})


def _turn(row: Connection) -> tuple[int, StaleAfter]:
    return _ORDER.index(row.status), StaleAfter(row.facts.seen.asked_at, row.id)
