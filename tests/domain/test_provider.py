"""DESIGN: which of Junction's rows speaks for a provider, and what Link is asked for."""

import pytest

from domain.errors import ProviderUndetermined, ValidationError
from domain.provider import (
    Listing,
    Provider,
    ProviderName,
    Slug,
    listing_of,
    newly_linked,
    provider_of,
    slugs_of,
    slugs_to_link,
)
from tests.builders import NOW, OURA, a_listing, minutes

DEXCOM = ProviderName("dexcom")


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("whoop_v2", "whoop"),
        ("whoop", "whoop"),
        ("dexcom_v3", "dexcom"),
        ("dexcom", "dexcom"),
        ("freestyle_libre", "freestyle_libre"),
        ("abbott_libreview", "freestyle_libre"),
        ("freestyle_libre_ble", "freestyle_libre"),
        ("apple_health_kit", "apple_health_kit"),
        ("google_fit", "google_fit"),
        ("oura", "oura"),
        ("eight_sleep", "eight_sleep"),
        ("garmin", "garmin"),
    ],
)
def test_each_slug_of_the_eight_has_one_name(slug: str, name: str) -> None:
    assert provider_of(Slug(slug)) == name


@pytest.mark.parametrize("slug", ["fitbit", "google_health", "not_invented_yet"])
def test_provider_outside_the_eight_keeps_junctions_slug(slug: str) -> None:
    assert provider_of(Slug(slug)) == slug


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("oura", ("oura",)),
        ("whoop", ("whoop", "whoop_v2")),
        ("dexcom", ("dexcom", "dexcom_v3")),
        (
            "freestyle_libre",
            ("freestyle_libre", "abbott_libreview", "freestyle_libre_ble"),
        ),
        ("not_invented_yet", ("not_invented_yet",)),
    ],
)
def test_name_stands_for_every_slug_that_means_it(name: str, slugs: tuple[str, ...]) -> None:
    assert slugs_of(ProviderName(name)) == slugs
    assert {provider_of(slug) for slug in slugs_of(ProviderName(name))} == {name}


@pytest.mark.parametrize(
    ("provider", "slugs"),
    [
        (Provider.WHOOP, ("whoop_v2",)),
        (Provider.DEXCOM, ("dexcom_v3",)),
        (Provider.FREESTYLE_LIBRE, ("freestyle_libre", "abbott_libreview")),
        (Provider.OURA, ("oura",)),
        (Provider.GARMIN, ("garmin",)),
        (Provider.GOOGLE_FIT, ("google_fit",)),
        (Provider.EIGHT_SLEEP, ("eight_sleep",)),
    ],
)
def test_link_is_asked_for_the_slug_a_new_user_gets(
    provider: Provider, slugs: tuple[str, ...]
) -> None:
    assert slugs_to_link(provider) == slugs


def test_apple_health_kit_never_links_through_link() -> None:
    with pytest.raises(ValidationError, match=r"^provider: .*phone"):
        slugs_to_link(Provider.APPLE_HEALTH_KIT)


def test_connected_row_speaks_before_a_newer_one_that_is_not() -> None:
    old = a_listing("dexcom", created_on=NOW - minutes(90))
    new = a_listing("dexcom_v3", "error", created_on=NOW)

    assert listing_of([old, new], DEXCOM) == old
    assert listing_of([new, old], DEXCOM) == old


@pytest.mark.parametrize("status", ["connected", "error"])
def test_newest_of_equal_rows_speaks(status: str) -> None:
    old = a_listing("dexcom_v3", status, created_on=NOW - minutes(90))
    new = a_listing("dexcom", status, created_on=NOW)

    assert listing_of([new, old], DEXCOM) == new
    assert listing_of([old, new], DEXCOM) == new


def test_rows_of_the_same_moment_are_told_apart_the_same_way_each_time() -> None:
    one, other = a_listing("dexcom"), a_listing("dexcom_v3")

    assert listing_of([one, other], DEXCOM) == listing_of([other, one], DEXCOM)


def test_rows_of_other_providers_say_nothing() -> None:
    assert listing_of([a_listing("garmin")], OURA) is None


def test_newest_connected_row_since_the_mint_is_the_new_link() -> None:
    rows = [
        a_listing("garmin", created_on=NOW + minutes(1)),
        a_listing("oura", created_on=NOW + minutes(2)),
        a_listing("whoop_v2", "error", created_on=NOW + minutes(3)),
    ]

    assert newly_linked(rows, since=NOW).provider == "oura"


def test_newest_row_in_error_is_the_new_link_where_none_is_connected() -> None:
    rows = [
        a_listing("garmin", "error", created_on=NOW + minutes(2)),
        a_listing("oura", "error", created_on=NOW + minutes(1)),
        a_listing("whoop_v2", "paused", created_on=NOW + minutes(3)),
    ]

    assert newly_linked(rows, since=NOW).provider == "garmin"


def test_row_of_up_to_five_minutes_before_the_mint_still_counts_as_new() -> None:
    assert newly_linked([a_listing(created_on=NOW - minutes(5))], since=NOW).provider == "oura"


@pytest.mark.parametrize(
    "row",
    [
        a_listing(created_on=NOW - minutes(5.001)),
        a_listing(status="error", created_on=NOW - minutes(6)),
        a_listing(status="paused"),
        a_listing(status="CONNECTED"),
    ],
    ids=["older", "older and in error", "paused", "not the literal word"],
)
def test_older_or_indefinite_row_is_never_taken_for_the_new_link(row: Listing) -> None:
    with pytest.raises(ProviderUndetermined):
        newly_linked([row], since=NOW)
