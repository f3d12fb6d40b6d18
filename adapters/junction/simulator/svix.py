"""A message signed as Svix signs it for Junction.

Svix docs, receiving/verifying-payloads/how-manual.
"""

import hmac
import uuid
from base64 import b64decode, b64encode
from datetime import datetime

from domain.secret import Secret


def new_message_id() -> str:
    return f"msg_{uuid.uuid4().hex}"


def signed(body: bytes, *, message_id: str, at: datetime, secret: Secret) -> dict[str, str]:
    """The headers that go with `body`; `at` is when it is sent, each time anew."""
    timestamp = str(int(at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = hmac.digest(key_of(secret.reveal()), content, "sha256")
    return {
        "svix-id": message_id,
        "svix-timestamp": timestamp,
        "svix-signature": f"v1,{b64encode(signature).decode()}",
    }


def key_of(secret: str) -> bytes:
    """Raises ValueError: not one of Svix's, `whsec_` and base64."""
    prefix, key = secret[:6], secret[6:]
    if prefix != "whsec_" or not key:
        raise ValueError("expected whsec_ and base64")
    return b64decode(key, validate=True)
