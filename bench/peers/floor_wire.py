"""The floor's JSON, in and out."""

from typing import Annotated, Any, Final

import msgspec

from bench.peers import common

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class ExchangeRequest(msgspec.Struct, gc=False):
    link_token: Annotated[str, msgspec.Meta(min_length=1)]
    provider: common.Provider | None = None


class WebhookRequest(msgspec.Struct, gc=False):
    event_type: str
    user_id: str = ""
    data: dict[str, Any] = {}


class ProviderRow(msgspec.Struct, gc=False):
    slug: str
    status: str


class Providers(msgspec.Struct, gc=False):
    providers: list[ProviderRow]


class Connection(msgspec.Struct, gc=False):
    id: str
    patient_id: str
    provider: str
    junction_user_id: str
    status: str
    connected_at: str
    last_synced_at: str | None

    @classmethod
    def of(cls, row: common.Row) -> "Connection":
        *same, connected_at, synced_at = row
        synced = None if synced_at is None else common.rfc3339(synced_at)
        return cls(*same, common.rfc3339(connected_at), synced)


exchange_request: Final = msgspec.json.Decoder(ExchangeRequest)
webhook_request: Final = msgspec.json.Decoder(WebhookRequest)
providers: Final = msgspec.json.Decoder(Providers)
encode: Final = msgspec.json.Encoder().encode
