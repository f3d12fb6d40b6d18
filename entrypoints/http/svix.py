"""Svix's signatures of messages, read by hand (docs/adr/0011).

Svix docs, receiving/verifying-payloads/how-manual; the names without Svix are those of Standard
Webhooks 1.0, which is the same scheme.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.datastructures import Headers

from domain.junction_event import MessageId
from domain.secret import Secret
from entrypoints.http.failures import InvalidSignature

_PREFIX: Final = "whsec_"
_FAMILIES: Final = (
    ("svix-id", "svix-timestamp", "svix-signature"),
    ("webhook-id", "webhook-timestamp", "webhook-signature"),
)

TOLERANCE: Final = timedelta(minutes=5)
"""How far a message's time may be from ours."""

_MOST_SIGNATURES: Final = 16  # one for each live secret of the sender's

# The time is signed as it is written, so it is read in one spelling only: a plain whole number.
_ID: Final = re.compile(r"[ -~]{1,255}")
_TIMESTAMP: Final = re.compile(r"[1-9][0-9]{0,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the headers of a message claim."""

    message_id: MessageId
    timestamp: str
    signatures: tuple[bytes, ...]

    @classmethod
    def of(cls, headers: Headers, *, now: datetime) -> "Signature":
        """Raises InvalidSignature: they are not whole, not of this scheme, or not of about now."""
        message_id, timestamp, signatures = _sent(headers)
        if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
            raise InvalidSignature
        if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > TOLERANCE:
            raise InvalidSignature
        listed = signatures.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]
        return cls(
            message_id=MessageId(message_id),
            timestamp=timestamp,
            signatures=tuple(each.encode() for each in listed),
        )

    def check(self, body: bytes, secrets: Iterable[Secret]) -> None:
        """Raises InvalidSignature: `body` was signed with none of the secrets."""
        signed = f"{self.message_id}.{self.timestamp}.".encode() + body
        for secret in secrets:
            expected = _sign(signed, secret)
            # As text, so that nothing that a stranger sent needs to be decoded.
            if any(hmac.compare_digest(expected, each) for each in self.signatures):
                return
        raise InvalidSignature


def _sign(signed: bytes, secret: Secret) -> bytes:
    key = b64decode(secret.reveal().removeprefix(_PREFIX))
    return b"v1," + b64encode(hmac.digest(key, signed, "sha256"))


def _sent(headers: Headers) -> tuple[str, str, str]:
    """The three headers of one family, each sent once: Svix's if it has any of them."""
    svix, webhook = ([headers.getlist(name) for name in family] for family in _FAMILIES)
    match svix if any(svix) else webhook:
        case [[message_id], [timestamp], [signatures]]:
            return message_id, timestamp, signatures
        case _:
            raise InvalidSignature
