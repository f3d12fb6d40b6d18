"""A Junction that takes its time."""

from collections.abc import Sequence

from adapters.clock import FixedClock
from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.provider import Listing, Slug
from ports.junction_gateway import JunctionGateway, MintedLink
from tests.builders import minutes


class Slow:
    """A gateway that takes a minute for each call, by the clock that is given."""

    def __init__(self, gateway: JunctionGateway, clock: FixedClock) -> None:
        self._gateway = gateway
        self._clock = clock

    async def find_or_create_user(self, patient_id: PatientId, *, by: float) -> JunctionUser:
        self._clock.advance(minutes(1))
        return await self._gateway.find_or_create_user(patient_id, by=by)

    async def find_user(self, patient_id: PatientId, *, by: float) -> JunctionUser | None:
        self._clock.advance(minutes(1))
        return await self._gateway.find_user(patient_id, by=by)

    async def mint_link_token(
        self,
        user_id: JunctionUserId,
        *,
        slugs: Sequence[Slug],
        redirect_url: str | None,
        by: float,
    ) -> MintedLink:
        self._clock.advance(minutes(1))
        return await self._gateway.mint_link_token(
            user_id, slugs=slugs, redirect_url=redirect_url, by=by
        )

    async def list_providers(self, user_id: JunctionUserId, *, by: float) -> list[Listing] | None:
        self._clock.advance(minutes(1))
        return await self._gateway.list_providers(user_id, by=by)

    async def deregister(self, user_id: JunctionUserId, slug: Slug, *, by: float) -> None:
        self._clock.advance(minutes(1))
        await self._gateway.deregister(user_id, slug, by=by)

    async def delete_user(self, user_id: JunctionUserId, *, by: float) -> None:
        self._clock.advance(minutes(1))
        await self._gateway.delete_user(user_id, by=by)
