"""Domain objects that are valid as they are; a keyword varies what a test is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.facts import Facts, Listed, Observation
from domain.history import Cause
from domain.identifiers import Caller, JunctionUserId, PatientId, RequestId
from domain.ledger import LedgerEntry
from domain.link_token import LinkToken, Mint, TokenDigest
from domain.provider import Listing, ProviderName, Slug
from domain.recording import Report

NOW: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANNA: Final = PatientId("anna")
BEN: Final = PatientId("ben")
ANNAS_USER: Final = JunctionUserId("1449752e-0d8a-40e0-9206-91ab099b2537")
OURA: Final = ProviderName("oura")
GARMIN: Final = ProviderName("garmin")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def a_digest(text: str = "a link token") -> TokenDigest:
    return LinkToken(text).digest


def a_caller(patient_id: PatientId = ANNA) -> Caller:
    return Caller(patient_id=patient_id, request_id=RequestId("request-1"))


def a_listing(slug: str = "oura", status: str = "connected", **changes: Any) -> Listing:
    return replace(Listing(slug=Slug(slug), status=status, created_on=NOW), **changes)


def some_facts(listing: Listing | None = None, asked_at: datetime = NOW, **changes: Any) -> Facts:
    facts = Facts(
        seen=Observation(listing=listing, asked_at=asked_at),
        opened_at=asked_at,
        listed=Listed(at=asked_at, created_on=listing.created_on) if listing else None,
    )
    return replace(facts, **changes)


def an_entry(**changes: Any) -> LedgerEntry:
    entry = LedgerEntry(
        digest=a_digest(),
        patient_id=ANNA,
        junction_user_id=ANNAS_USER,
        provider=None,
        minted_at=NOW,
        expires_at=NOW + minutes(60),
    )
    return replace(entry, **changes)


def a_mint(**changes: Any) -> Mint:
    mint = Mint(
        digest=a_digest(),
        patient_id=ANNA,
        junction_user_id=ANNAS_USER,
        team_id="6b8a1c5e-5d0b-5e39-9f5c-0e6a9d1f7a10",
        provider=None,
        asked=0.0,
    )
    return replace(mint, **changes)


def a_report(listing: Listing | None = None, **changes: Any) -> Report:
    report = Report(
        patient_id=ANNA,
        provider=OURA,
        junction_user_id=ANNAS_USER,
        listing=listing,
        asked=0.0,
        token=a_digest(),
        cause=Cause.EXCHANGE,
        request_id=RequestId("request-1"),
    )
    return replace(report, **changes)
