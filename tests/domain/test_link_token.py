"""DESIGN 3, exchange, steps 2 and 5: who may exchange a token, until when, and for what."""

from datetime import datetime

import pytest

from domain.errors import (
    InvalidLinkToken,
    LinkTokenExpired,
    ProviderMismatch,
    ProviderUndetermined,
)
from domain.link_token import LinkToken
from domain.provider import ProviderName
from tests.builders import ANNA, BEN, GARMIN, NOW, OURA, a_listing, an_entry, hours, minutes

LAST_CALL = NOW + hours(25)  # an hour to link, a day to tell us


def test_link_token_never_shows_itself() -> None:
    token = LinkToken("the secret")

    assert "the secret" not in f"{token} {token!r}"
    assert token.reveal() == "the secret"


def test_digest_is_sha256_in_hexadecimal() -> None:
    assert LinkToken("abc").digest == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_own_token_is_admitted() -> None:
    an_entry().admit(ANNA, None, now=NOW)


@pytest.mark.parametrize("now", [NOW, LAST_CALL + hours(1)], ids=["in time", "expired"])
def test_foreign_token_is_invalid_whatever_else_is_wrong_with_it(now: datetime) -> None:
    with pytest.raises(InvalidLinkToken):
        an_entry(provider=OURA).admit(BEN, GARMIN, now=now)


def test_unbound_token_is_admitted_until_a_day_after_it_expires() -> None:
    an_entry().admit(ANNA, None, now=LAST_CALL)

    with pytest.raises(LinkTokenExpired):
        an_entry().admit(ANNA, None, now=LAST_CALL + minutes(0.001))


def test_bound_token_does_not_expire() -> None:
    an_entry(bound_to=OURA).admit(ANNA, OURA, now=LAST_CALL + hours(24 * 365))


@pytest.mark.parametrize(
    "settled", [{"provider": OURA}, {"bound_to": OURA}], ids=["minted for", "bound to"]
)
def test_token_of_another_provider_is_a_mismatch(settled: dict[str, ProviderName]) -> None:
    entry = an_entry(**settled)

    entry.admit(ANNA, OURA, now=NOW)
    entry.admit(ANNA, None, now=NOW)
    with pytest.raises(ProviderMismatch):
        entry.admit(ANNA, GARMIN, now=NOW)


def test_named_provider_is_chosen_with_its_row() -> None:
    row = a_listing("garmin", created_on=NOW - hours(100))

    assert an_entry().choose([row], GARMIN) == (GARMIN, row)


def test_named_provider_that_is_not_listed_is_absent() -> None:
    assert an_entry().choose([a_listing("oura")], GARMIN) == (GARMIN, None)


@pytest.mark.parametrize(
    "settled", [{"provider": GARMIN}, {"bound_to": GARMIN}], ids=["minted for", "bound to"]
)
def test_settled_provider_is_chosen_where_none_is_named(settled: dict[str, ProviderName]) -> None:
    row = a_listing("garmin", created_on=NOW - hours(100))

    assert an_entry(**settled).choose([row, a_listing("oura")], None) == (GARMIN, row)


def test_new_link_is_chosen_where_nobody_named_a_provider() -> None:
    old, new = a_listing("oura", created_on=NOW - hours(1)), a_listing("fitbit")

    assert an_entry().choose([old, new], None) == ("fitbit", new)
    with pytest.raises(ProviderUndetermined):
        an_entry().choose([old], None)


def test_token_is_bound_once() -> None:
    bound = an_entry().bind(OURA)

    assert bound.bound_to == OURA
    assert bound.bind(OURA) == bound
    with pytest.raises(ProviderMismatch):
        bound.bind(GARMIN)
