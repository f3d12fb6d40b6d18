"""The ledger of link tokens: what is remembered of each, and who may exchange it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import InvalidLinkToken, LinkTokenExpired, ProviderMismatch
from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.junction_errors import JunctionContradiction
from domain.link_token import Mint, TokenDigest
from domain.moment import Moment
from domain.provider import Listing, ProviderName, listing_of, newly_linked, only_connected

# Expiry limits linking, not our bookkeeping: who linked in the last minute may tell us later.
_GRACE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A link token that is known, and whose it is.

    `provider` is what it was minted for, if for one; `bound_to` what it was exchanged for. Of a
    token that was not `minted_here`, `minted_at` is when it was first presented.
    """

    digest: TokenDigest
    patient_id: PatientId
    junction_user_id: JunctionUserId
    provider: ProviderName | None
    minted_at: datetime
    expires_at: datetime
    minted_here: bool = True
    bound_to: ProviderName | None = None

    def stay(self, mint: Mint) -> "LedgerEntry":
        """The first entry of a token stays as it is, whatever is said of it later.

        Raises:
            InvalidLinkToken: it is presented, and somebody else's.
            JunctionContradiction: Junction gave the same token to somebody else.

        """
        if (self.patient_id, self.junction_user_id) == (mint.patient_id, mint.junction_user_id):
            return self
        raise JunctionContradiction if mint.minted_here else InvalidLinkToken

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
            ProviderUndetermined: nobody named a provider, and no row is new since the mint; or,
                where nobody knows when that was, not exactly one is connected.

        """
        wanted = provider or self.bound_to or self.provider
        if wanted is not None:
            return wanted, listing_of(rows, wanted)
        if self.minted_here:
            listing = newly_linked(rows, since=self.minted_at)
        else:
            listing = only_connected(rows)
        return listing.provider, listing

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


@dataclass(frozen=True, slots=True, kw_only=True)
class JunctionUserOnRecord(JunctionUser):
    """A patient's Junction user; the one of the newest mint is their current one.

    `looked_at` is when Junction was last asked for all that it lists of them, and that was noted.
    """

    minted_at: datetime
    looked_at: datetime | None = None

    def looked(self, at: datetime) -> "JunctionUserOnRecord":
        """The same, with a look begun `at` that time noted."""
        return replace(self, looked_at=max(at, self.looked_at or at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What to store of a mint."""

    entry: LedgerEntry
    user: JunctionUserOnRecord


def enter(mint: Mint, *, user: JunctionUserOnRecord | None, moment: Moment) -> Entered:
    """Remember a token, and that its Junction user is the patient's.

    Raises:
        JunctionContradiction: Junction once said that this user is another patient's.

    """
    if user is not None and user.patient_id != mint.patient_id:
        raise JunctionContradiction
    minted_at = moment.at(mint.asked)
    entry = LedgerEntry(
        digest=mint.digest,
        patient_id=mint.patient_id,
        junction_user_id=mint.junction_user_id,
        provider=mint.provider,
        minted_at=minted_at,
        expires_at=minted_at + mint.lifetime,
        minted_here=mint.minted_here,
    )
    return Entered(
        entry=entry,
        user=JunctionUserOnRecord(
            id=mint.junction_user_id,
            patient_id=mint.patient_id,
            team_id=mint.team_id or (user.team_id if user else None),
            minted_at=max(minted_at, user.minted_at) if user else minted_at,
            looked_at=user.looked_at if user else None,
        ),
    )
