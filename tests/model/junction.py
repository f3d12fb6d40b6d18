"""Junction in these histories: the in-memory one, where a patient may become another user."""

import math
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

from adapters.clock import FixedClock
from adapters.junction.faults import Fault, Faults
from adapters.junction.in_memory import InMemoryJunctionGateway
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel, LinkTokenUnusable
from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.provider import Listing, Slug
from ports.junction_gateway import MintedLink
from tests.model.choice import Listed
from tests.model.trouble import JUNCTION_FAILS, LATENESS, Trouble

T = TypeVar("T")

_FOR_EVER: Final = math.inf  # however late an answer is here, somebody still waits for it


async def _at_once(_: float) -> None:
    """Those who wait for a slow Junction here need not wait."""


class Junction:
    """A JunctionGateway, and the hand on it. `asked` counts what is asked of it.

    `meanwhile` happens once, between what it says of a user next and who asked hearing it.

    The model derives a user's id from the patient's, so a patient in another life is somebody
    else to it.
    """

    def __init__(self, clock: FixedClock) -> None:
        self.model = JunctionModel(clock=clock, journal=InMemoryJournal())
        self.asked = 0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self._clock = clock
        self._gateway = InMemoryJunctionGateway(
            self.model, link_page="", clock=clock, sleep=_at_once
        )
        self._lives: Counter[str] = Counter()
        self._users: set[JunctionUserId] = set()
        self._lateness = timedelta()
        self._gives_out = False

    async def find_or_create_user(self, patient_id: PatientId, *, by: float) -> JunctionUser:  # noqa: ARG002
        known_as = self._known_as(patient_id)
        user = await self._answer(self._gateway.find_or_create_user(known_as, by=_FOR_EVER))
        self._users.add(user.id)
        return replace(user, patient_id=patient_id)

    async def find_user(self, patient_id: PatientId, *, by: float) -> JunctionUser | None:  # noqa: ARG002
        known_as = self._known_as(patient_id)
        user = await self._answer(self._gateway.find_user(known_as, by=_FOR_EVER))
        return replace(user, patient_id=patient_id) if user else None

    async def mint_link_token(
        self,
        user_id: JunctionUserId,
        *,
        slugs: Sequence[Slug],
        redirect_url: str | None,
        by: float,  # noqa: ARG002  (it has for ever)
    ) -> MintedLink:
        call = self._gateway.mint_link_token(
            user_id, slugs=slugs, redirect_url=redirect_url, by=_FOR_EVER
        )
        return await self._answer(call)

    async def list_providers(self, user_id: JunctionUserId, *, by: float) -> list[Listing] | None:  # noqa: ARG002
        listed = await self._answer(self._gateway.list_providers(user_id, by=_FOR_EVER))
        if self.meanwhile is not None:
            happen, self.meanwhile = self.meanwhile, None
            await happen()
        return listed

    async def deregister(self, user_id: JunctionUserId, slug: Slug, *, by: float) -> None:  # noqa: ARG002
        await self._answer(self._gateway.deregister(user_id, slug, by=_FOR_EVER))

    async def delete_user(self, user_id: JunctionUserId, *, by: float) -> None:  # noqa: ARG002
        await self._answer(self._gateway.delete_user(user_id, by=_FOR_EVER))

    def be_in(self, trouble: Trouble) -> None:
        self.model.faults = Faults()
        if trouble in JUNCTION_FAILS:
            self.model.faults.order(JUNCTION_FAILS[trouble])
        self._lateness = LATENESS if trouble is Trouble.LATE else timedelta()
        self._gives_out = trouble is Trouble.GIVES_OUT

    def user_of(self, patient: str) -> JunctionUserId | None:
        user = self.model.resolve(self._known_as(patient))
        return user.id if user else None

    def rows_of(self, user_id: str) -> list[Listed] | None:
        user = self.model.user(JunctionUserId(user_id))
        if user is None:
            return None
        return [Listed(row.created_on, row.slug, row.status) for row in user.listings.values()]

    def at_this_moment(self) -> Callable[[str], list[Listed] | None]:
        """What it lists now, for later."""
        return {str(user_id): self.rows_of(user_id) for user_id in self._users}.get

    def link(self, token: str, slug: str) -> None:
        """The patient does so in Link, if it still opens."""
        with suppress(LinkTokenUnusable):
            self.model.link(token, Slug(slug))

    def list_provider(self, patient: str, slug: str, status: str) -> None:
        user_id = self.user_of(patient)
        if user_id is not None:
            reason = "token_refresh_failed" if status == "error" else None
            self.model.list_provider(user_id, Slug(slug), status=status, error_type=reason)

    def drop_provider(self, patient: str, slug: str) -> None:
        user_id = self.user_of(patient)
        if user_id is not None:
            self.model.unlist_provider(user_id, Slug(slug))

    def change(self, patient: str, slug: str, status: str | None) -> None:
        """List the slug like that from now on, or no more."""
        if status is None:
            self.drop_provider(patient, slug)
        else:
            self.list_provider(patient, slug, status)

    def begin_another_life(self, patient: str, *, forget: bool) -> None:
        """The patient's next mint makes them another user; `forget` the one they are."""
        user_id = self.user_of(patient)
        if forget and user_id is not None:
            self.model.delete_user(user_id)
        self._lives[patient] += 1

    async def _answer(self, call: Awaitable[T]) -> T:
        self.asked += 1
        if self._gives_out and self.asked > 1:
            self.model.faults.order(Fault.UNAVAILABLE)
        answer = await call
        self._clock.advance(self._lateness)
        return answer

    def _known_as(self, patient: str) -> PatientId:
        return PatientId(f"{patient}, life {self._lives[patient]}")
