"""Link tokens: the secret that opens Junction's Link widget, and the name it is known by."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NewType

from domain.errors import ValidationError
from domain.identifiers import JunctionUserId, PatientId
from domain.provider import ProviderName
from domain.secret import Secret

TokenDigest = NewType("TokenDigest", str)
"""SHA-256 of a link token, in hexadecimal: all of it that is ever stored, compared or logged."""

# Junction docs, wearables/connecting-providers/launching_link: 60 minutes, since January 2025.
# The answer to a mint names no time, so the ledger has to count for itself.
LIFETIME: Final = timedelta(minutes=60)

_RUN_BY_BROWSERS: Final = {"data", "javascript", "vbscript"}


class LinkToken(Secret):
    """What opens Junction's Link widget."""

    __slots__ = ()

    @property
    def digest(self) -> TokenDigest:
        return TokenDigest(hashlib.sha256(self.reveal().encode()).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """A link token of a patient's, on its way into the ledger.

    `asked` is the monotonic time, in seconds, just before Junction was asked. A token that was
    not minted here was minted elsewhere, when nobody knows, and is the one's who presents it.
    """

    digest: TokenDigest
    patient_id: PatientId
    junction_user_id: JunctionUserId
    team_id: str | None
    provider: ProviderName | None
    asked: float
    minted_here: bool = True
    lifetime: timedelta = LIFETIME


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """What a caller needs to open Link."""

    token: LinkToken
    web_url: str | None = field(repr=False)  # holds the token
    expires_at: datetime


def refuse_to_run(redirect_url: str | None) -> None:
    """Raises ValidationError where a browser would run it, and not go back to it."""
    if redirect_url and redirect_url.partition(":")[0].lower() in _RUN_BY_BROWSERS:
        raise ValidationError("redirect_url", "not a place to go back to")
