"""Junction as a stateful model: what stands behind the in-memory gateway and the simulator."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from adapters.junction.faults import Faults
from adapters.junction.journal import (
    Event,
    Journal,
    ProviderListed,
    ProviderUnlisted,
    TokenConsumed,
    TokenMinted,
    UserCreated,
    UserDeleted,
)
from adapters.junction.simulated_user import (
    ClientUserIdTaken,
    SimulatedUser,
    UserLimitReached,
    user_id_of,
)
from domain.identifiers import JunctionUserId, PatientId
from domain.provider import Listing, Slug
from ports.clock import Clock

_TOKEN_LIFETIME: Final = timedelta(minutes=60)

# Their apps connect again at the next sync, in the mode that is the SDK's default: deregistering
# them has no effect (Junction docs, wearables/sdks/health/connection-policies).
_CONNECT_AGAIN: Final = {Slug("apple_health_kit"), Slug("health_connect"), Slug("samsung_health")}

Listener = Callable[[SimulatedUser, Listing], None]


class LinkTokenUnusable(Exception):
    """`error_type` as Junction's Link reports it: invalid_token, token_expired, token_consumed.

    `redirect_url` is where the token would have led back to, where it is known.
    """

    def __init__(self, error_type: str, redirect_url: str | None = None) -> None:
        super().__init__(error_type)
        self.error_type = error_type
        self.redirect_url = redirect_url


class JunctionModel:
    """Users, their link tokens and their connections; every change is journalled first.

    `reads` counts how often a provider list was asked for. `on_change` is told when Link connects
    a provider, and when one comes to be listed with another status.
    """

    team_id = "6b8a1c5e-5d0b-5e39-9f5c-0e6a9d1f7a10"

    def __init__(self, *, clock: Clock, journal: Journal, user_limit: int | None = None) -> None:
        self.clock = clock
        self._journal = journal
        self._user_limit = user_limit
        self._users: dict[JunctionUserId, SimulatedUser] = {}
        self._tokens: dict[str, TokenMinted] = {}
        self._consumed: set[str] = set()
        self._deleted: set[JunctionUserId] = set()
        self.faults = Faults()
        self.reads = 0
        self.on_change: Listener | None = None
        for event in journal.replay():
            self._apply(event)

    def user(self, user_id: JunctionUserId) -> SimulatedUser | None:
        return self._users.get(user_id)

    def resolve(self, client_user_id: PatientId) -> SimulatedUser | None:
        return self._users.get(user_id_of(client_user_id))

    def create_user(self, client_user_id: PatientId) -> SimulatedUser:
        """Raises ClientUserIdTaken or UserLimitReached."""
        if taken := self.resolve(client_user_id):
            raise ClientUserIdTaken(taken)
        if self._user_limit is not None and len(self._users) >= self._user_limit:
            raise UserLimitReached
        self._happen(UserCreated(client_user_id=client_user_id, at=self.clock.now()))
        return self._users[user_id_of(client_user_id)]

    def delete_user(self, user_id: JunctionUserId) -> bool:
        """Whether there was such a user."""
        if user_id not in self._users:
            return False
        self._happen(UserDeleted(user_id=user_id))
        return True

    def was_deleted(self, user_id: JunctionUserId) -> bool:
        """Junction erases a user a week after; until then it says that it will."""
        return user_id in self._deleted

    def mint(
        self, user_id: JunctionUserId, *, slugs: tuple[Slug, ...], redirect_url: str | None
    ) -> TokenMinted:
        minted = TokenMinted(
            token=f"sim_{uuid.uuid4().hex}{uuid.uuid4().hex}",
            user_id=user_id,
            slugs=slugs,
            redirect_url=redirect_url,
            at=self.clock.now(),
        )
        self._happen(minted)
        return minted

    def open_token(self, token: str) -> TokenMinted:
        """The token, if Link would open with it.

        Raises LinkTokenUnusable.
        """
        minted = self._tokens.get(token)
        if minted is None or minted.user_id not in self._users:
            raise LinkTokenUnusable("invalid_token")
        if token in self._consumed:
            raise LinkTokenUnusable("token_consumed", minted.redirect_url)
        if self.clock.now() > minted.at + _TOKEN_LIFETIME:
            raise LinkTokenUnusable("token_expired", minted.redirect_url)
        return minted

    def link(self, token: str, slug: Slug) -> None:
        """What a patient does in Link: connect `slug`; the token is spent.

        Raises LinkTokenUnusable.
        """
        minted = self.open_token(token)
        listing = Listing(slug=slug, status="connected", created_on=self.clock.now())
        self._happen(ProviderListed(user_id=minted.user_id, listing=listing))
        self._happen(TokenConsumed(token=token))
        self._tell(minted.user_id, listing)

    def list_provider(
        self,
        user_id: JunctionUserId,
        slug: Slug,
        *,
        status: str = "connected",
        error_type: str | None = None,
    ) -> None:
        """List `slug` for the user from now on, as this says. A link that exists keeps its age."""
        known = self._users[user_id].listings.get(slug)
        created_on = known.created_on if known else self.clock.now()
        listing = Listing(slug=slug, status=status, created_on=created_on, error_type=error_type)
        self._happen(ProviderListed(user_id=user_id, listing=listing))
        if known is None or known.status != status:
            self._tell(user_id, listing)

    def deregister(self, user_id: JunctionUserId, slug: Slug) -> bool:
        """End the connection as Junction would. Whether there was one."""
        user = self._users.get(user_id)
        if user is None or slug not in user.listings:
            return False
        if slug not in _CONNECT_AGAIN:
            self.unlist_provider(user_id, slug)
        return True

    def unlist_provider(self, user_id: JunctionUserId, slug: Slug) -> None:
        self._happen(ProviderUnlisted(user_id=user_id, slug=slug))

    def providers(self, user_id: JunctionUserId) -> list[Listing] | None:
        self.reads += 1
        user = self._users.get(user_id)
        return list(user.listings.values()) if user else None

    def _tell(self, user_id: JunctionUserId, listing: Listing) -> None:
        if self.on_change is not None:
            self.on_change(self._users[user_id], listing)

    def _happen(self, event: Event) -> None:
        self._journal.append(event)
        self._apply(event)

    def _apply(self, event: Event) -> None:
        match event:
            case UserCreated(client_user_id=client_user_id, at=at):
                user_id = user_id_of(client_user_id)
                user = SimulatedUser(id=user_id, client_user_id=client_user_id, created_on=at)
                self._users.setdefault(user_id, user)
                self._deleted.discard(user_id)
            case UserDeleted(user_id=user_id):
                self._users.pop(user_id, None)
                self._deleted.add(user_id)
            case TokenMinted(token=token):
                self._tokens[token] = event
            case TokenConsumed(token=token):
                self._consumed.add(token)
            # Another process that shares the journal may have deleted the user meanwhile.
            case ProviderListed(user_id=user_id, listing=listing):
                if user_id in self._users:
                    self._users[user_id].listings[listing.slug] = listing
            case ProviderUnlisted(user_id=user_id, slug=slug):
                if user_id in self._users:
                    self._users[user_id].listings.pop(slug, None)
