"""Messages signed as Svix signs them, written once more from its description.

Svix docs, receiving/verifying-payloads/how-manual.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Final

from entrypoints.webhook_settings import STAGING_SECRET

WEBHOOK: Final = "/webhooks/junction-link"

Headers = list[tuple[str, str]]


def signature_of(
    body: bytes, *, message_id: str, timestamp: str, secret: str = STAGING_SECRET
) -> str:
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed(
    body: bytes,
    *,
    timestamp: int | str,
    message_id: str = "msg_1",
    secret: str = STAGING_SECRET,
    family: str = "svix",
) -> Headers:
    """The headers of a message that carries `body`; the time is written as it is given."""
    timestamp = str(timestamp)
    signature = signature_of(body, message_id=message_id, timestamp=timestamp, secret=secret)
    return [
        (f"{family}-id", message_id),
        (f"{family}-timestamp", timestamp),
        (f"{family}-signature", signature),
    ]
