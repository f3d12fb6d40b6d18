"""Requests and answers as the published contract spells them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from domain.connection import Connection
from domain.facts import Status
from domain.history import Cause, ConnectionEvent
from domain.link_token import OpenLink
from domain.provider import Provider

LinkTokenText = Annotated[str, msgspec.Meta(min_length=1)]

# An absolute URI of any scheme, as an app's own link is one too, in the characters of RFC 3986.
# That is all that is checked, and so all that is promised: no `format` beside it. It ends with
# (?![\s\S]), as `$` would let a newline in.
RedirectUrl = Annotated[
    str,
    msgspec.Meta(
        max_length=2048,
        pattern=(
            r"^[A-Za-z][A-Za-z0-9+.-]*:"
            r"([A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+(?![\s\S])"
        ),
    ),
]


class ExchangeRequest(msgspec.Struct, frozen=True):
    """The token that opened Link, come back from the widget.

    Null is no provider: a member is sent with a value or not at all.
    """

    link_token: LinkTokenText
    provider: Provider | msgspec.UnsetType = msgspec.UNSET


# Apple Health links through the phone. That it is refused is the domain's to say.
ProviderOfLink = Annotated[
    Provider, msgspec.Meta(extra_json_schema={"not": {"const": Provider.APPLE_HEALTH_KIT.value}})
]


class MintRequest(msgspec.Struct, frozen=True):
    """Which provider Link shall offer, all if none, and where it sends the browser afterwards."""

    provider: ProviderOfLink | msgspec.UnsetType = msgspec.UNSET
    redirect_url: RedirectUrl | msgspec.UnsetType = msgspec.UNSET


class MintResponse(msgspec.Struct, frozen=True):
    link_token: str
    link_web_url: str | None
    expires_at: str | None

    @classmethod
    def of(cls, link: OpenLink) -> "MintResponse":
        return cls(
            link_token=link.token.reveal(),
            link_web_url=link.web_url,
            expires_at=rfc3339(link.expires_at),
        )


ConnectedAt = Annotated[
    str,
    msgspec.Meta(
        description="When Junction says that the link was made; as long as it has listed none, "
        "when it was first asked for (RFC 3339, UTC)"
    ),
]
LastSyncedAt = Annotated[
    str,
    msgspec.Meta(
        description="When data last came, as far as there is evidence (RFC 3339, UTC); else null"
    ),
]


class ConnectionResponse(msgspec.Struct, frozen=True):
    """All seven members are always there, and no other."""

    id: UUID
    patient_id: str
    provider: str
    junction_user_id: str
    status: Status
    connected_at: ConnectedAt
    last_synced_at: LastSyncedAt | None

    @classmethod
    def of(cls, connection: Connection) -> "ConnectionResponse":
        synced_at = connection.last_synced_at
        return cls(
            id=connection.id,
            patient_id=connection.patient_id,
            provider=connection.provider,
            junction_user_id=connection.junction_user_id,
            status=connection.status,
            connected_at=rfc3339(connection.connected_at),
            last_synced_at=rfc3339(synced_at) if synced_at else None,
        )


class ConnectionsResponse(msgspec.Struct, frozen=True):
    connections: list[ConnectionResponse]


class EventsQuery(msgspec.Struct, frozen=True):
    """`before` is the `next` of the page before this one."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    before: UUID | msgspec.UnsetType = msgspec.UNSET


class EventResponse(msgspec.Struct, frozen=True):
    """What a connection became, and by whose doing."""

    id: UUID
    at: str
    cause: Cause
    status: Status
    error_type: str | None
    request_id: str

    @classmethod
    def of(cls, event: ConnectionEvent) -> "EventResponse":
        return cls(
            id=event.id,
            at=rfc3339(event.at),
            cause=event.cause,
            status=Status(event.outcome),
            error_type=event.error_type,
            request_id=event.request_id,
        )


class EventsResponse(msgspec.Struct, frozen=True):
    """The newest first; `next` is null on the last page."""

    events: list[EventResponse]
    next: UUID | None

    @classmethod
    def page(cls, events: Sequence[ConnectionEvent], *, limit: int) -> "EventsResponse":
        """Of `limit` events and one more, if there are more."""
        shown = events[:limit]
        more = len(events) > limit
        return cls(
            events=[EventResponse.of(event) for event in shown],
            next=shown[-1].id if more else None,
        )


class WebhookResponse(msgspec.Struct, frozen=True):
    """How many stored connections are of the event's user and provider, after its effect."""

    received: Annotated[bool, msgspec.Meta(extra_json_schema={"const": True})]
    event: str
    matched_connections: Annotated[int, msgspec.Meta(ge=0)]


class ErrorResponse(msgspec.Struct, frozen=True):
    """`error` is for programs and stays as it is; `message` is for people and may change."""

    error: str
    message: str


class ProbeResponse(msgspec.Struct, frozen=True):
    status: Literal["ok"]


def rfc3339(moment: datetime) -> str:
    """The moment in UTC, with a Z. The contract types it as a plain string, so it is made here."""
    return moment.isoformat().replace("+00:00", "Z")
