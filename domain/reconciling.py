"""Looking again at what nobody has told us of for long."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from domain.connection import Connection
from domain.drift import Drift, TooManyLost
from domain.facts import Status
from domain.history import Cause
from domain.identifiers import RequestId
from domain.ledger import JunctionUserOnRecord
from domain.looking import PacedLooks
from domain.moment import Moment
from domain.news import Look, News, note
from domain.pace import Pace
from domain.provider import ProviderName
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import ConnectionRepository, JunctionUserDirectory, StaleAfter

_PAGE: Final = 200  # rows: that many users at most are asked about at once

# Links that may be overdue come first; what has ended is least likely to have changed.
_ORDER: Final = (Status.PENDING, Status.CONNECTED, Status.ERROR, Status.DISCONNECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Rows to look at again, and how: `rate` is requests a second."""

    older_than: timedelta
    rate: float
    dry_run: bool = False
    accept_losses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patient:
    """Who has a row that is stale, and all of their rows."""

    user: JunctionUserOnRecord
    rows: Mapping[ProviderName, Connection]

    def news(self, found: Look, request_id: RequestId) -> News:
        return News(
            patient_id=self.user.patient_id,
            junction_user_id=self.user.id,
            cause=Cause.RECONCILE,
            request_id=request_id,
            look=found,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilingService:
    """Ask Junction about connections that are stale, and record what it says.

    `patience`: seconds for each question.
    """

    junction: JunctionGateway
    users: JunctionUserDirectory
    connections: ConnectionRepository
    clock: Clock
    patience: float
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def count(self, older_than: timedelta) -> int:
        """How many rows are stale now."""
        stale = self.connections.count_stale
        return sum([await stale(status, older_than=older_than) for status in _ORDER])

    async def run(self, plan: Plan, drift: Drift, request_id: RequestId) -> AsyncIterator[int]:
        """Go through all that is stale, and count in `drift`; gives the rows of each page done.

        It may be left at any time: what is recorded is stale no more, and the next run goes on
        with the rest. A user about whom Junction gives no answer is left to that, too.

        Raises:
            TooManyLost: and `plan` does not accept that.
            JunctionSilent: to go on would be in vain.
            JunctionRejectedCredentials: likewise.

        """
        looks = PacedLooks(
            junction=self.junction,
            clock=self.clock,
            patience=self.patience,
            pace=Pace(plan.rate, self.clock, self.sleep),
        )
        stale_at = self.clock.now() - plan.older_than
        async for page in self._pages(plan.older_than):
            patients = [each for row in page if (each := await self._led_by(row, stale_at))]
            answers = await self._ask(patients, looks, request_id)
            drift.unanswered += len(patients) - len(answers)
            for patient, news in answers:
                drift.add(patient.rows, self._predict(patient, news))
            if drift.is_suspicious and not plan.accept_losses:
                raise TooManyLost
            if not plan.dry_run:
                await asyncio.gather(*(self.connections.note(news) for _, news in answers))
            yield len(page)

    async def _pages(self, older_than: timedelta) -> AsyncIterator[Sequence[Connection]]:
        """Of what is stale when they begin, so that they end however short `older_than` is."""
        began = self.clock.monotonic()
        for status in _ORDER:
            after = None
            while page := await self.connections.stale(
                status,
                older_than=older_than + timedelta(seconds=self.clock.monotonic() - began),
                after=after,
                limit=_PAGE,
            ):
                yield page
                after = StaleAfter(page[-1].facts.seen.asked_at, page[-1].id)

    async def _led_by(self, row: Connection, stale_at: datetime) -> _Patient | None:
        """The patient, if `row` is the first of theirs that is met: who is asked about is once."""
        rows = await self.connections.list_for(row.patient_id)
        users = await self.users.all_of(row.patient_id)
        stale = [each for each in rows if each.facts.seen.asked_at < stale_at]
        if not users or row.id != min(stale, key=_turn, default=row).id:
            return None
        named = {each.provider: each for each in rows}
        return _Patient(user=users[0], rows=named)

    async def _ask(
        self, patients: Sequence[_Patient], looks: PacedLooks, request_id: RequestId
    ) -> list[tuple[_Patient, News]]:
        """What Junction says of each; nothing of those about whom it gave no answer."""
        found = await looks.at([patient.user.id for patient in patients])
        return [
            (patient, patient.news(each, request_id))
            for patient, each in zip(patients, found, strict=True)
            if each is not None
        ]

    def _predict(self, patient: _Patient, news: News) -> Sequence[Connection]:
        """The rows as they will be, if nobody else writes meanwhile."""
        moment = Moment(now=self.clock.now(), monotonic=self.clock.monotonic())
        return note(news, patient.rows, patient.user, moment, uuid4).connections


def _turn(row: Connection) -> tuple[int, StaleAfter]:
    return _ORDER.index(row.status), StaleAfter(row.facts.seen.asked_at, row.id)
