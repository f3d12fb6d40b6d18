"""Link tokens: the secret itself, and what the ledger remembers of it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NewType

from domain.errors import InvalidLinkToken, LinkTokenExpired, ProviderMismatch
from domain.identifiers import JunctionUserId, PatientId
from domain.provider import Listing, ProviderName, listing_of, newly_linked
from domain.secret import Secret

TokenDigest = NewType("TokenDigest", str)
"""SHA-256 of a link token, in hexadecimal: all of it that is ever stored, compared or logged."""

# Junction docs, wearables/connecting-providers/launching_link: 60 minutes, since January 2025.
# The answer to a mint names no time, so the ledger has to count for itself.
LIFETIME: Final = timedelta(minutes=60)

# Expiry limits linking, not our bookkeeping: who linked in the last minute may tell us later.
_GRACE: Final = timedelta(hours=24)


class LinkToken(Secret):
    """What opens Junction's Link widget."""

    __slots__ = ()

    @property
    def digest(self) -> TokenDigest:
        return TokenDigest(hashlib.sha256(self.reveal().encode()).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """A link token just minted for a patient, on its way into the ledger.

    `asked` is the monotonic time, in seconds, just before Junction was asked.
    """

    digest: TokenDigest
    patient_id: PatientId
    junction_user_id: JunctionUserId
    team_id: str | None
    provider: ProviderName | None
    asked: float
    lifetime: timedelta = LIFETIME


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A link token that is known: minted for this patient, by construction.

    `provider` is what it was minted for, if for one; `bound_to` what it was exchanged for.
    """

    digest: TokenDigest
    patient_id: PatientId
    junction_user_id: JunctionUserId
    provider: ProviderName | None
    minted_at: datetime
    expires_at: datetime
    bound_to: ProviderName | None = None

    def admit(
        self, patient_id: PatientId, provider: ProviderName | None, *, now: datetime
    ) -> None:
        """Let this patient exchange the token for `provider`, or for whatever it was minted for.

        Raises:
            InvalidLinkToken: it is another patient's.
            LinkTokenExpired: it was never exchanged, and it is too late to begin.
            ProviderMismatch: it was minted for, or exchanged for, another provider.

        """
        if self.patient_id != patient_id:
            raise InvalidLinkToken
        if self.bound_to is None and now > self.expires_at + _GRACE:
            raise LinkTokenExpired
        settled = self.bound_to or self.provider
        if provider is not None and settled is not None and provider != settled:
            raise ProviderMismatch

    def choose(
        self, rows: list[Listing], provider: ProviderName | None
    ) -> tuple[ProviderName, Listing | None]:
        """Which provider the token made a link to, and the row that speaks for it, if any.

        Raises:
            ProviderUndetermined: nobody named a provider and no row is new since the mint.

        """
        wanted = provider or self.bound_to or self.provider
        if wanted is None:
            listing = newly_linked(rows, since=self.minted_at)
            return listing.provider, listing
        return wanted, listing_of(rows, wanted)

    def bind(self, provider: ProviderName) -> "LedgerEntry":
        """The token exchanged for `provider`: from then on it does not expire.

        Raises:
            ProviderMismatch: it was exchanged for another one first.

        """
        if self.bound_to is None:
            return replace(self, bound_to=provider)
        if self.bound_to != provider:
            raise ProviderMismatch
        return self
