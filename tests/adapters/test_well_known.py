"""The link tokens that work in every staging."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from adapters.junction import well_known
from adapters.junction.faults import Fault
from adapters.junction.journal import FileJournal, InMemoryJournal, Journal
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import user_id_of
from adapters.persistence.in_memory import InMemoryLinkTokenLedger, InMemoryStorage
from domain.errors import InvalidLinkToken, LinkTokenExpired
from domain.identifiers import PatientId
from domain.ledger import LedgerEntry
from domain.provider import Slug
from tests.builders import NOW, a_digest

DEMO = PatientId("demo")


def populated(journal: Journal) -> JunctionModel:
    model = JunctionModel(clock=FixedClock(NOW), journal=journal)
    well_known.populate(model)
    return model


async def entry(token: str) -> LedgerEntry:
    ledger = InMemoryLinkTokenLedger(InMemoryStorage(FixedClock(NOW)))
    for mint in well_known.mints(0.0):
        await ledger.enter(mint)
    found = await ledger.find(a_digest(f"link-test-{token}"))
    assert found
    return found


@pytest.mark.parametrize(
    ("token", "provider", "junction_user"),
    [
        ("connected", "oura", "demo"),
        ("pending", "whoop", "demo"),
        ("error", "dexcom", "demo"),
        ("expired", None, "demo"),
        ("junction-down", "eight_sleep", "demo-junction-down"),
        ("junction-slow", "freestyle_libre", "demo-junction-slow"),
    ],
)
async def test_token_of_demo_is_for_its_provider(
    token: str, provider: str | None, junction_user: str
) -> None:
    known = await entry(token)

    assert known.patient_id == DEMO
    assert known.provider == provider
    assert known.junction_user_id == user_id_of(PatientId(junction_user))


async def test_foreign_token_is_not_demos() -> None:
    foreign = await entry("foreign")

    with pytest.raises(InvalidLinkToken):
        foreign.admit(DEMO, None, now=NOW)


@pytest.mark.parametrize(
    "token", ["connected", "pending", "error", "foreign", "junction-down", "junction-slow"]
)
async def test_token_does_not_expire(token: str) -> None:
    known = await entry(token)

    known.admit(known.patient_id, None, now=NOW + timedelta(days=50 * 365))


async def test_expired_token_always_has() -> None:
    expired = await entry("expired")

    with pytest.raises(LinkTokenExpired):
        expired.admit(DEMO, None, now=NOW)


async def test_newest_mint_names_demos_own_junction_user() -> None:
    storage = InMemoryStorage(FixedClock(NOW))
    ledger = InMemoryLinkTokenLedger(storage)
    for mint in well_known.mints(0.0):
        await ledger.enter(mint)

    assert storage.records.current[DEMO].id == user_id_of(DEMO)


async def test_junction_lists_what_the_tokens_say() -> None:
    listed = populated(InMemoryJournal()).providers(user_id_of(DEMO)) or []

    assert {listing.provider: listing.status for listing in listed} == {
        "oura": "connected",
        "whoop": "linking",  # not a word for connected, nor for an error
        "dexcom": "error",
    }


@pytest.mark.parametrize(
    ("patient", "fault"),
    [
        ("demo-junction-down", Fault.UNAVAILABLE),
        ("demo-junction-slow", Fault.SLOW),
        ("demo", None),
    ],
)
async def test_junction_always_fails_those_it_is_to_fail(
    patient: str, fault: Fault | None
) -> None:
    model = populated(InMemoryJournal())

    for _ in range(2):
        assert model.faults.next(user_id_of(PatientId(patient))) is fault


async def test_populating_again_leaves_what_a_tester_changed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "junction.jsonl"
    first = populated(FileJournal(path))
    first.unlist_provider(user_id_of(DEMO), Slug("oura"))
    first.list_provider(user_id_of(DEMO), Slug("whoop_v2"))
    second = populated(FileJournal(path))

    assert second.providers(user_id_of(DEMO)) == first.providers(user_id_of(DEMO))
    assert second.faults.always == first.faults.always
