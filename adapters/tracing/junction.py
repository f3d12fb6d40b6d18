"""JunctionGateway, with a span for each question.

The attempts that a question takes are of one span, which all of them name in their `traceparent`.
"""

from collections.abc import Sequence

from opentelemetry.trace import SpanKind, Tracer

from adapters.tracing.calls import Calls
from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.junction_errors import JunctionError
from domain.provider import Listing, Slug
from ports.junction_gateway import JunctionGateway, MintedLink


class TracedJunctionGateway:
    def __init__(self, junction: JunctionGateway, tracer: Tracer) -> None:
        self._junction = junction
        self._calls = Calls(
            tracer=tracer,
            port=JunctionGateway,
            kind=SpanKind.CLIENT,
            failure=JunctionError,
            attributes={"service.peer.name": "junction"},
        )

    async def find_or_create_user(self, patient_id: PatientId, *, by: float) -> JunctionUser:
        with self._calls.call("find_or_create_user"):
            return await self._junction.find_or_create_user(patient_id, by=by)

    async def find_user(self, patient_id: PatientId, *, by: float) -> JunctionUser | None:
        with self._calls.call("find_user"):
            return await self._junction.find_user(patient_id, by=by)

    async def mint_link_token(
        self,
        user_id: JunctionUserId,
        *,
        slugs: Sequence[Slug],
        redirect_url: str | None,
        by: float,
    ) -> MintedLink:
        with self._calls.call("mint_link_token"):
            return await self._junction.mint_link_token(
                user_id, slugs=slugs, redirect_url=redirect_url, by=by
            )

    async def list_providers(self, user_id: JunctionUserId, *, by: float) -> list[Listing] | None:
        with self._calls.call("list_providers"):
            return await self._junction.list_providers(user_id, by=by)

    async def deregister(self, user_id: JunctionUserId, slug: Slug, *, by: float) -> None:
        with self._calls.call("deregister"):
            await self._junction.deregister(user_id, slug, by=by)

    async def delete_user(self, user_id: JunctionUserId, *, by: float) -> None:
        with self._calls.call("delete_user"):
            await self._junction.delete_user(user_id, by=by)
