"""Junction's webhooks, as far as they are read; whatever else they say is skipped.

Shapes: Junction docs, webhooks/event-structure and changelog/wearables/deprecations. Only the
envelope is insisted upon: what is refused is sent again, and again, until Junction switches the
endpoint off, so that an odd shape inside means no more than that its provider is not known.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

import msgspec

from domain.identifiers import JunctionUserId
from domain.junction_event import JunctionEvent, MessageId
from domain.provider import Slug
from entrypoints.http.codec import decode

T = TypeVar("T")

# The same words as in Junction's answers: what becomes a provider's name here.
SlugText = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,64}\Z")]

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ABSENT: Final = msgspec.Raw(b"null")


class WebhookRequest(msgspec.Struct, frozen=True):
    """An event of Junction's: which, whose, and what it has to say, by kind of event."""

    event_type: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    user_id: str | None = None
    client_user_id: str | None = None
    team_id: str | None = None
    data: msgspec.Raw = msgspec.field(default_factory=lambda: _ABSENT)


class Source(msgspec.Struct, frozen=True):
    """Where data come from, or the provider of a link where it is an object."""

    provider: msgspec.Raw = _ABSENT
    slug: msgspec.Raw = _ABSENT


class Data(msgspec.Struct, frozen=True):
    user_id: msgspec.Raw = _ABSENT
    provider: msgspec.Raw = _ABSENT
    source: msgspec.Raw = _ABSENT
    updated_at: msgspec.Raw = _ABSENT
    created_at: msgspec.Raw = _ABSENT


_webhook: Final = msgspec.json.Decoder(WebhookRequest)
_data: Final = msgspec.json.Decoder(Data)
_source: Final = msgspec.json.Decoder(Source)
_slug_text: Final = msgspec.json.Decoder(SlugText)
_text: Final = msgspec.json.Decoder(str)
_time: Final = msgspec.json.Decoder(datetime)


def read_event(body: bytes, message_id: MessageId) -> JunctionEvent:
    """The event in a webhook's body.

    Raises:
        ValidationError: it is not JSON, or not the envelope that every event comes in.

    """
    sent = decode(body, _webhook)
    data = _read(sent.data, _data) or Data()
    return JunctionEvent(
        message_id=message_id,
        name=sent.event_type,
        user_id=_user_id(sent.user_id or _read(data.user_id, _text)),
        client_user_id=sent.client_user_id,
        team_id=_lowered(sent.team_id),
        slug=_slug(data),
        data_at=_data_at(data) if sent.event_type.startswith("daily.data.") else None,
    )


def _slug(data: Data) -> Slug | None:
    """From one of four places; the old ones, which are announced to go, last."""
    provider = _read(data.provider, _source) or Source()
    source = _read(data.source, _source) or Source()
    places = (provider.slug, data.provider, source.provider, source.slug)
    read = (_read(place, _slug_text) for place in places)
    return next((Slug(text) for text in read if text), None)


def _data_at(data: Data) -> datetime | None:
    """When Junction took the data in; time series do not say."""
    read = (_utc(_read(place, _time)) for place in (data.updated_at, data.created_at))
    return next((moment for moment in read if moment), None)


def _user_id(text: str | None) -> JunctionUserId | None:
    """Junction's ids of users are UUIDs, so that what is none is nobody's: no need to look."""
    return JunctionUserId(text.lower()) if text and _UUID.fullmatch(text) else None


def _lowered(text: str | None) -> str | None:
    """A UUID as it is on record; any other text is compared as it is."""
    return text.lower() if text and _UUID.fullmatch(text) else text


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar, in another zone
        return None


def _read(raw: msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T | None:
    """What `raw` says, if that is of the kind looked for. That it is JSON was seen before."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        return None
