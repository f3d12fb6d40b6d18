"""The secrets that Junction's webhooks are signed with."""

import binascii
from base64 import b64decode
from typing import Final

from domain.secret import Secret
from entrypoints.environment import Environment

STAGING_SECRET: Final = "whsec_YW55b25lIG1heSBzaWduIGluIHN0YWdpbmch"  # noqa: S105  (published)
"""What staging's simulated Junction signs with, known to everyone: anyone may sign in staging!"""

_PREFIX: Final = "whsec_"
_FEWEST: Final = 24  # bytes; as many as Svix makes, and as few as Standard Webhooks 1.0 allows


def webhook_secrets(env: Environment, *, staging: bool) -> tuple[Secret, ...]:
    """Each is live: a new one is added before the old one goes. None means no webhooks."""
    text = env.text("JUNCTION_WEBHOOK_SECRETS", STAGING_SECRET if staging else "")
    secrets = [secret.strip() for secret in text.split(",") if secret.strip()]
    if (text and not secrets) or not all(map(_is_svix, secrets)):
        env.object_to(
            "JUNCTION_WEBHOOK_SECRETS",
            "expected whsec_... as the endpoint's page shows it, or several by comma",
        )
    return tuple(map(Secret, secrets))


def _is_svix(secret: str) -> bool:
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):  # not base64, not ASCII
        return False
    return secret.startswith(_PREFIX) and len(key) >= _FEWEST
