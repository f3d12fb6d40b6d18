"""What would be the same in any framework: the contract's words, and the statements."""

import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

EXCHANGE: Final = "/v1/wearables/link/exchange"
CONNECTIONS: Final = "/v1/wearables/connections"
WEBHOOK: Final = "/webhooks/junction-link"

NO_STORE: Final = {"Cache-Control": "no-store"}
JUNCTION_HEADERS: Final = {"x-vital-api-key": "sk_us_bench"}
TIMEOUT: Final = 30.0  # seconds, of whatever is waited for

STATUS_AFTER: Final = {
    "provider.connection.created": "connected",
    "provider.connection.error": "error",
}


Row = tuple[Any, ...]


class Provider(StrEnum):
    APPLE_HEALTH_KIT = "apple_health_kit"
    GOOGLE_FIT = "google_fit"
    OURA = "oura"
    WHOOP = "whoop"
    EIGHT_SLEEP = "eight_sleep"
    DEXCOM = "dexcom"
    FREESTYLE_LIBRE = "freestyle_libre"
    GARMIN = "garmin"


_SYNONYMS: Final = {
    "whoop_v2": "whoop",
    "dexcom_v3": "dexcom",
    "abbott_libreview": "freestyle_libre",
    "freestyle_libre_ble": "freestyle_libre",
}

# The file is in WAL already, by its schema; patience and durability are each connection's own.
PRAGMAS: Final = """
PRAGMA busy_timeout = 30000;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
"""

_COLUMNS: Final = (
    "id, patient_id, provider, junction_user_id, status, connected_at, last_synced_at"
)
FIND_TOKEN: Final = (
    "SELECT patient_id, junction_user_id, provider, expires_at, bound_to "
    "FROM link_tokens WHERE digest = ?"
)
GET_CONNECTION: Final = f"SELECT {_COLUMNS} FROM connections WHERE id = ?"
LIST_CONNECTIONS: Final = f"SELECT {_COLUMNS} FROM connections WHERE patient_id = ? ORDER BY id"
UPSERT: Final = (
    f"INSERT INTO connections ({_COLUMNS}) VALUES (?, ?, ?, ?, 'connected', ?, NULL) "
    "ON CONFLICT (patient_id, provider) DO UPDATE SET status = excluded.status, "
    "junction_user_id = excluded.junction_user_id, connected_at = excluded.connected_at "
    f"RETURNING {_COLUMNS}"
)
# Of two who exchange one token at once, one binds it.
BIND: Final = "UPDATE link_tokens SET bound_to = ? WHERE digest = ? AND bound_to IS NULL"
MOVE: Final = (
    "UPDATE connections SET status = ? WHERE junction_user_id = ? AND provider = ? "
    "RETURNING id, patient_id"
)
APPEND: Final = "INSERT INTO connection_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class Refusal(Exception):
    """What the caller is answered in place of what they asked for."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": error, "message": message}


def unauthenticated() -> Refusal:
    return Refusal(401, "unauthenticated", "Send `Authorization: Bearer <token>`.")


def invalid_request(reason: str) -> Refusal:
    return Refusal(400, "validation_error", reason)


def invalid_link_token() -> Refusal:
    return Refusal(400, "invalid_link_token", "This link token is not valid.")


def junction_failed() -> Refusal:
    return Refusal(502, "junction_unavailable", "Junction does not answer.")


def patient_of(authorization: str | None) -> str:
    """Raises Refusal: nobody says who is asking."""
    scheme, _, token = (authorization or "").partition(" ")
    patient_id = token.removeprefix("staging.")
    if scheme.lower() != "bearer" or not patient_id or patient_id == token:
        raise unauthenticated()
    return patient_id


def digest(link_token: str) -> str:
    return hashlib.sha256(link_token.encode()).hexdigest()


def provider_of(slug: str) -> str:
    return _SYNONYMS.get(slug, slug)


def chosen(listed: Iterable[tuple[str, str]], wanted: str | None) -> str:
    """The provider that is connected, of Junction's slugs and their statuses.

    Raises:
        Refusal: the wanted one is not, or none is.

    """
    for slug, status in listed:
        if status == "connected" and wanted in {None, provider_of(slug)}:
            return provider_of(slug)
    raise Refusal(400, "link_not_completed", "Junction lists no such connection yet.")


def slug_in(data: Mapping[str, Any]) -> str:
    """A webhook's provider: an object where it was created, a slug where it failed."""
    provider = data.get("provider")
    slug = provider.get("slug") if isinstance(provider, dict) else provider
    return slug if isinstance(slug, str) else ""


def check_signature(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """As in Svix docs, receiving/verifying-payloads/how-manual.

    Raises:
        Refusal: `body` is a stranger's, or an old one.

    """
    message_id, timestamp = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    fresh = timestamp.isdecimal() and abs(time.time() - int(timestamp)) <= 300
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + b64encode(hmac.digest(key, signed, "sha256"))
    sent = headers.get("svix-signature", "").encode().split(b" ")
    if not fresh or not any(hmac.compare_digest(expected, each) for each in sent):
        raise Refusal(401, "invalid_signature", "The webhook's signature is not valid.")


def now() -> int:
    return time.time_ns() // 1000


def new_id() -> str:
    return str(uuid4())


def moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def rfc3339(microseconds: int) -> str:
    return moment(microseconds).isoformat().replace("+00:00", "Z")


def as_json(row: Row) -> dict[str, Any]:
    """A connection as the contract spells it, of the columns that the statements return."""
    connection_id, patient_id, provider, junction_user_id, status, connected_at, synced_at = row
    return {
        "id": connection_id,
        "patient_id": patient_id,
        "provider": provider,
        "junction_user_id": junction_user_id,
        "status": status,
        "connected_at": rfc3339(connected_at),
        "last_synced_at": None if synced_at is None else rfc3339(synced_at),
    }
