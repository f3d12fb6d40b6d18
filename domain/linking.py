"""Linking a wearable: a token for the Link widget, and the exchange that follows."""

from dataclasses import dataclass, field

from domain.audit import audited
from domain.connection import Connection
from domain.errors import InvalidLinkToken
from domain.facts import Status
from domain.history import Cause
from domain.identifiers import Caller
from domain.ledger import LedgerEntry
from domain.link_token import LinkToken, Mint, OpenLink, TokenDigest, refuse_to_run
from domain.provider import Provider, ProviderName, slugs_to_link
from domain.recording import Report
from domain.single_flight import SingleFlight
from ports.audit import AuditTrail
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import ConnectionRepository, LinkTokenLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingService:
    """Mint a link token; exchange it for a connection.

    `patience`: seconds for all that one use asks of Junction. `trusts_caller`, where tokens are
    minted elsewhere too: one that the ledger does not know is the one's who presents it first.
    """

    junction: JunctionGateway
    ledger: LinkTokenLedger
    connections: ConnectionRepository
    trail: AuditTrail
    clock: Clock
    patience: float
    trusts_caller: bool = False
    _exchanges: SingleFlight[tuple[object, ...], Connection] = field(default_factory=SingleFlight)

    async def mint(
        self, caller: Caller, *, provider: Provider | None, redirect_url: str | None
    ) -> OpenLink:
        """A link token for the caller. Ownership is proved here: it is made for them alone.

        Raises:
            ValidationError: `provider` does not link through Link, or `redirect_url` is one that
                a browser would run.
            JunctionError: Junction gave no token; nothing is stored.

        """
        slugs = slugs_to_link(provider) if provider else ()
        refuse_to_run(redirect_url)
        by = self.clock.monotonic() + self.patience
        user = await self.junction.find_or_create_user(caller.patient_id, by=by)
        asked = self.clock.monotonic()
        link = await self.junction.mint_link_token(
            user.id, slugs=slugs, redirect_url=redirect_url, by=by
        )
        entry = await self.ledger.enter(
            Mint(
                digest=link.token.digest,
                patient_id=caller.patient_id,
                junction_user_id=user.id,
                team_id=user.team_id,
                provider=provider.provider_name if provider else None,
                asked=asked,
            )
        )
        return OpenLink(token=link.token, web_url=link.web_url, expires_at=entry.expires_at)

    async def exchange(
        self, caller: Caller, token: LinkToken, provider: Provider | None
    ) -> Connection:
        """The connection that `token` made, as stored.

        The same token again gives the same connection; equal exchanges at once share one look.

        Raises:
            LinkTokenError: the token makes no connection for this caller; see its leaves.
            JunctionError: Junction could not be asked; nothing is stored.

        """
        digest = token.digest
        name = provider.provider_name if provider else None
        with audited(self.trail, caller, Cause.EXCHANGE):
            return await self._exchanges.share(
                (caller.patient_id, digest, name), lambda: self._exchange(caller, digest, name)
            )

    async def _exchange(
        self, caller: Caller, digest: TokenDigest, provider: ProviderName | None
    ) -> Connection:
        entry = await self.ledger.find(digest)
        by = self.clock.monotonic() + self.patience
        if self.trusts_caller and entry is None:
            entry = await self._enter_trusted(caller, digest, by)
        if entry is None or not (entry.minted_here or self.trusts_caller):
            raise InvalidLinkToken
        entry.admit(caller.patient_id, provider, now=self.clock.now())
        return await self._standing(entry) or await self._ask_junction(caller, entry, provider, by)

    async def _enter_trusted(self, caller: Caller, digest: TokenDigest, by: float) -> LedgerEntry:
        """A token minted elsewhere is taken for the caller's: nobody can say whose it is.

        It opens nothing of anyone else's, as only the caller's own Junction user is asked about.
        """
        asked = self.clock.monotonic()
        user = await self.junction.find_user(caller.patient_id, by=by)
        if user is None:
            raise InvalidLinkToken
        return await self.ledger.enter(
            Mint(
                digest=digest,
                patient_id=caller.patient_id,
                junction_user_id=user.id,
                team_id=user.team_id,
                provider=None,
                asked=asked,
                minted_here=False,
            )
        )

    async def _standing(self, entry: LedgerEntry) -> Connection | None:
        """The connection the token made before, if it stands: then there is nothing to ask."""
        if entry.bound_to is None:
            return None
        connection = await self.connections.find(entry.patient_id, entry.bound_to)
        if connection is None or connection.junction_user_id != entry.junction_user_id:
            return None
        return connection if connection.status is Status.CONNECTED else None

    async def _ask_junction(
        self, caller: Caller, entry: LedgerEntry, provider: ProviderName | None, by: float
    ) -> Connection:
        asked = self.clock.monotonic()
        rows = await self.junction.list_providers(entry.junction_user_id, by=by)
        if rows is None:
            raise InvalidLinkToken
        wanted, listing = entry.choose(rows, provider)
        return await self.connections.record(
            Report(
                patient_id=entry.patient_id,
                provider=wanted,
                junction_user_id=entry.junction_user_id,
                listing=listing,
                asked=asked,
                token=entry.digest,
                cause=Cause.EXCHANGE,
                request_id=caller.request_id,
            )
        )
