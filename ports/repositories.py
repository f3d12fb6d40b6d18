"""Where the ledger of link tokens and the connections are kept.

A write that has returned is durable. A caller who gives up waiting cancels nothing: the write
happens or it does not, whole. Times are the repository's own: a write brings how long ago it
asked Junction, never what time it believes it is.

Every method may raise `StorageUnavailable`: nothing can be read, or it is not known whether the
write happened; repeating it does no harm.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.connection import Connection
from domain.facts import Status
from domain.history import ConnectionEvent
from domain.identifiers import ConnectionId, JunctionUserId, PatientId
from domain.junction_event import MessageId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.link_token import Mint, TokenDigest
from domain.news import News
from domain.provider import ProviderName
from domain.recording import Report


class LinkTokenLedger(Protocol):
    """The link tokens that were minted, by digest, and whose each one is."""

    async def enter(self, mint: Mint) -> LedgerEntry:
        """Remember a token, and its Junction user as the newest of the patient's.

        The first entry of a token stays as it is; the entry is returned as stored.

        Raises:
            InvalidLinkToken: the token was minted elsewhere and is on record as another
                patient's.
            JunctionContradiction: a token minted here, or the Junction user of any, is on record
                as another patient's.

        """
        ...

    async def find(self, digest: TokenDigest) -> LedgerEntry | None:
        """The entry of a token, or None if it was never entered."""
        ...


class JunctionUserDirectory(Protocol):
    """The Junction users that link tokens were minted for, and whose each one is."""

    async def find(self, user_id: JunctionUserId) -> JunctionUserOnRecord | None:
        """The user of that id, or None if no token was ever minted for it."""
        ...

    async def all_of(self, patient_id: PatientId) -> Sequence[JunctionUserOnRecord]:
        """The patient's, the one of the newest mint first: that is their current one."""
        ...


class StaleAfter(NamedTuple):
    """Where a page of stale connections ended: in order of age, then of id."""

    seen_at: datetime
    id: ConnectionId


class ConnectionRepository(Protocol):
    """The connections, one per patient and provider."""

    async def record(self, report: Report) -> Connection:
        """Join `report` to its row, bind its token, and append an event if anything changed.

        All three happen or none. The connection is returned as stored. Reports that race for
        one row are all joined; of those that race one token to two providers the first wins.

        Raises:
            InvalidLinkToken: the token is not in the ledger, or its Junction user is no longer
                the patient's current one.
            ProviderMismatch: the token was exchanged for another provider first.

        """
        ...

    async def note(self, news: News) -> Sequence[Connection]:
        """Join `news` to the patient's rows, with an event for each that changed, all or none.

        Every connection of the patient is returned as stored, the oldest first. News of a message
        that was heard before, or of a Junction user who is not the patient's current one, change
        nothing. A message is heard for good once its news are stored.
        """
        ...

    async def was_heard(self, message_id: MessageId) -> bool:
        """Whether news of that message were noted."""
        ...

    async def find(self, patient_id: PatientId, provider: ProviderName) -> Connection | None:
        """The patient's connection to `provider`, or None if there never was one."""
        ...

    async def get(self, patient_id: PatientId, connection_id: ConnectionId) -> Connection:
        """The patient's connection of that id.

        Raises:
            ConnectionNotFound: there is none, or it is not this patient's.

        """
        ...

    async def list_for(self, patient_id: PatientId) -> list[Connection]:
        """Every connection of the patient, disconnected ones too, the oldest first."""
        ...

    async def history(
        self,
        patient_id: PatientId,
        connection_id: ConnectionId,
        *,
        before: UUID | None = None,
        limit: int = 100,
    ) -> Sequence[ConnectionEvent]:
        """What happened to the patient's connection of that id, the newest first.

        At most `limit` events, those older than the event `before` if that is given.

        Raises:
            ConnectionNotFound: there is none, or it is not this patient's.

        """
        ...

    async def stale(
        self, status: Status, *, older_than: timedelta, after: StaleAfter | None, limit: int
    ) -> Sequence[Connection]:
        """Connections of that status at which Junction was last asked longer ago than that.

        Whoever's they are, the stalest first; at most `limit`, those behind `after` if given.
        """
        ...

    async def count_stale(self, status: Status, *, older_than: timedelta) -> int:
        """How many of them there are."""
        ...
