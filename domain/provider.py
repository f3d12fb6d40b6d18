"""Providers by the names callers use, Junction's slugs behind them, and the choice of a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from domain.errors import ProviderUndetermined, ValidationError

ProviderName = NewType("ProviderName", str)
"""One of `Provider`, or Junction's own slug for a provider outside those eight."""

Slug = NewType("Slug", str)
"""A provider as Junction spells it; the list is open."""


class Provider(StrEnum):
    """The providers a caller may name."""

    APPLE_HEALTH_KIT = "apple_health_kit"
    GOOGLE_FIT = "google_fit"
    OURA = "oura"
    WHOOP = "whoop"
    EIGHT_SLEEP = "eight_sleep"
    DEXCOM = "dexcom"
    FREESTYLE_LIBRE = "freestyle_libre"
    GARMIN = "garmin"

    @property
    def provider_name(self) -> ProviderName:
        return ProviderName(self.value)


# Junction's slugs that mean one of ours but are spelled otherwise: the API generations of WHOOP
# and Dexcom, and the three ways to a Libre sensor (Junction docs, wearables/providers).
_SYNONYMS: Final = {
    Slug("whoop_v2"): ProviderName("whoop"),
    Slug("dexcom_v3"): ProviderName("dexcom"),
    Slug("abbott_libreview"): ProviderName("freestyle_libre"),
    Slug("freestyle_libre_ble"): ProviderName("freestyle_libre"),
}

# What a new user links with, where it is not the slug that bears the name.
_LINKED_WITH: Final = {
    Provider.WHOOP: (Slug("whoop_v2"),),
    Provider.DEXCOM: (Slug("dexcom_v3"),),
    Provider.FREESTYLE_LIBRE: (Slug("freestyle_libre"), Slug("abbott_libreview")),
}

# Junction's clock is not ours: a row this much older than the token may still be its doing.
_CLOCK_SLACK: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A row of Junction's provider list: what it says of one slug of one user.

    `status` is an open set; Junction documents `connected` and `error`, and sends `paused` too.
    """

    slug: Slug
    status: str
    created_on: datetime
    error_type: str | None = None

    @property
    def provider(self) -> ProviderName:
        return provider_of(self.slug)


def provider_of(slug: Slug) -> ProviderName:
    """The name callers use for `slug`; a provider outside the eight keeps Junction's slug."""
    return _SYNONYMS.get(slug, ProviderName(slug))


def slugs_of(provider: ProviderName) -> Sequence[Slug]:
    """Every slug that means `provider`, the one that is spelled like it first."""
    others = (slug for slug, name in _SYNONYMS.items() if name == provider)
    return (Slug(provider), *others)


def slugs_to_link(provider: Provider) -> Sequence[Slug]:
    """What to ask Junction Link for: one slug, or the several a patient may choose from.

    Raises:
        ValidationError: `provider` links through the phone, never through Link.

    """
    if provider is Provider.APPLE_HEALTH_KIT:
        raise ValidationError(
            "provider", "apple_health_kit links through the phone's SDK, never through Link"
        )
    return _LINKED_WITH.get(provider, (Slug(provider.value),))


def listing_of(rows: Iterable[Listing], provider: ProviderName) -> Listing | None:
    """The row that speaks for `provider`: a connected one before the rest, then the newest."""
    return max((row for row in rows if row.provider == provider), key=_standing, default=None)


def newly_linked(rows: Iterable[Listing], *, since: datetime) -> Listing:
    """The row that a token minted at `since` brought about: the newest connected, else in error.

    Never an older connection: the answer must be about this link.

    Raises:
        ProviderUndetermined: no row is new enough, or none of those says anything definite.

    """
    fresh = [row for row in rows if row.created_on >= since - _CLOCK_SLACK]
    for status in ("connected", "error"):
        candidates = [row for row in fresh if row.status == status]
        if candidates:
            return max(candidates, key=_standing)
    raise ProviderUndetermined


def only_connected(rows: Iterable[Listing]) -> Listing:
    """The row that a token of unknown age may be about.

    Raises:
        ProviderUndetermined: none is connected, or more than one.

    """
    connected = [row for row in rows if row.status == "connected"]
    if len(connected) != 1:
        raise ProviderUndetermined
    return connected[0]


def _standing(row: Listing) -> tuple[bool, datetime, str]:
    return row.status == "connected", row.created_on, row.slug
