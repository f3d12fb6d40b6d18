"""JunctionGateway without a network: the simulated Junction, asked directly."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from adapters.junction.faults import RETRY_AFTER, Fault
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import SimulatedUser, UserLimitReached
from adapters.junction.simulator.link_page import link_url
from adapters.resilience.attempts import Sleep
from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.junction_errors import (
    JunctionBadResponse,
    JunctionError,
    JunctionRateLimited,
    JunctionRejectedCredentials,
    JunctionTimeout,
    JunctionUnavailable,
)
from domain.link_token import LinkToken
from domain.provider import Listing, Slug
from ports.clock import Clock
from ports.junction_gateway import MintedLink

_RAISED: Final[dict[Fault, Callable[[], JunctionError]]] = {
    Fault.UNAVAILABLE: JunctionUnavailable,
    Fault.SLOW: JunctionTimeout,
    Fault.RATE_LIMITED: partial(JunctionRateLimited, retry_after=RETRY_AFTER),
    Fault.REJECTED_CREDENTIALS: JunctionRejectedCredentials,
    Fault.GARBAGE: JunctionBadResponse,
}


class InMemoryJunctionGateway:
    """`link_page` is where the simulator serves Link; `{link_page}?token=…` opens it."""

    def __init__(
        self,
        model: JunctionModel,
        *,
        link_page: str,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._model = model
        self._link_page = link_page
        self._clock = clock
        self._sleep = sleep

    async def find_or_create_user(self, patient_id: PatientId, *, by: float) -> JunctionUser:
        found = await self.find_user(patient_id, by=by)
        try:
            return found or self._as_user(self._model.create_user(patient_id))
        except UserLimitReached as error:
            raise JunctionBadResponse from error

    async def find_user(self, patient_id: PatientId, *, by: float) -> JunctionUser | None:
        await self._answer(by)
        if patient_id in {".", ".."}:
            raise JunctionBadResponse
        found = self._model.resolve(patient_id)
        return self._as_user(found) if found else None

    async def mint_link_token(
        self,
        user_id: JunctionUserId,
        *,
        slugs: Sequence[Slug],
        redirect_url: str | None,
        by: float,
    ) -> MintedLink:
        await self._answer(by, user_id)
        if self._model.user(user_id) is None:
            raise JunctionBadResponse
        minted = self._model.mint(user_id, slugs=tuple(slugs), redirect_url=redirect_url)
        return MintedLink(
            token=LinkToken(minted.token), web_url=link_url(self._link_page, minted.token)
        )

    async def list_providers(self, user_id: JunctionUserId, *, by: float) -> list[Listing] | None:
        await self._answer(by, user_id)
        return self._model.providers(user_id)

    async def deregister(self, user_id: JunctionUserId, slug: Slug, *, by: float) -> None:
        await self._answer(by)
        if slug in {"", ".", ".."}:
            raise JunctionBadResponse
        self._model.deregister(user_id, slug)

    async def delete_user(self, user_id: JunctionUserId, *, by: float) -> None:
        await self._answer(by)
        self._model.delete_user(user_id)

    def _as_user(self, user: SimulatedUser) -> JunctionUser:
        return JunctionUser(
            id=user.id, patient_id=user.client_user_id, team_id=self._model.team_id
        )

    async def _answer(self, by: float, user_id: JunctionUserId | None = None) -> None:
        """Let the others run, as a network would; then fail if that is what was ordered."""
        left = by - self._clock.monotonic()
        if left <= 0:
            raise JunctionTimeout
        fault = self._model.faults.next(user_id)
        await self._sleep(left if fault is Fault.SLOW else 0)
        if fault is not None:
            error = _RAISED[fault]()
            raise error
