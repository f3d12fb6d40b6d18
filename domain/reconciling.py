"""Looking again at what nobody has told us of for long."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from domain.connection import Connection
from domain.drift import Drift, TooManyLost
from domain.history import Cause
from domain.identifiers import RequestId
from domain.moment import Moment
from domain.news import Look, News, note
from domain.pace import Pace
from domain.paced_looks import PacedLooks
from domain.stale import Patient, StalePatients
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import ConnectionRepository, JunctionUserDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Rows to look at again, and how: `rate` is requests a second."""

    older_than: timedelta
    rate: float
    dry_run: bool = False
    accept_losses: bool = False


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
        return await self._stale.count(older_than)

    async def run(self, plan: Plan, drift: Drift, request_id: RequestId) -> AsyncIterator[int]:
        """Go through all that is stale, and count in `drift`; gives the rows of each page done.

        It may be left at any time: what is recorded is stale no more, and the next run goes on
        with the rest. A user about whom Junction gives no answer is left to that, too.

        Raises:
            TooManyLost: and `plan` would record it, and does not accept it.
            JunctionSilent: to go on would be in vain.
            JunctionRejectedCredentials: likewise.

        """
        looks = PacedLooks(
            junction=self.junction,
            clock=self.clock,
            patience=self.patience,
            pace=Pace(plan.rate, self.clock, self.sleep),
        )
        async for rows, patients in self._stale.pages(plan.older_than):
            found = await looks.at([patient.user.id for patient in patients])
            news = []
            for patient, each in zip(patients, found, strict=True):
                if each is None:
                    drift.unanswered += 1
                else:
                    news.append(_news(patient, each, request_id))
                    drift.add(patient.rows, self._predict(patient, news[-1]))
            if not plan.dry_run:
                await self._record(news, drift, plan)
            looks.raise_if_in_vain()
            yield rows

    async def _record(self, news: Sequence[News], drift: Drift, plan: Plan) -> None:
        if drift.doubt.is_raised and not plan.accept_losses:
            raise TooManyLost
        await asyncio.gather(*map(self.connections.note, news))

    def _predict(self, patient: Patient, news: News) -> Sequence[Connection]:
        """The rows as they will be, if nobody else writes meanwhile."""
        moment = Moment(now=self.clock.now(), monotonic=self.clock.monotonic())
        return note(news, patient.rows, patient.user, moment, uuid4).connections

    @property
    def _stale(self) -> StalePatients:
        return StalePatients(users=self.users, connections=self.connections, clock=self.clock)


def _news(patient: Patient, found: Look, request_id: RequestId) -> News:
    return News(
        patient_id=patient.user.patient_id,
        junction_user_id=patient.user.id,
        cause=Cause.RECONCILE,
        request_id=request_id,
        look=found,
    )
