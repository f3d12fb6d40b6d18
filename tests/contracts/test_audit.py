"""What AuditTrail promises, over every storage, and what the use cases hand in."""

from typing import Final
from uuid import UUID

import pytest

from domain.errors import LinkingError
from domain.history import Cause, ConnectionEvent
from domain.identifiers import Caller, ConnectionId, RequestId
from domain.link_token import LinkToken
from domain.provider import Provider
from tests.builders import ANNA, BEN, a_caller, a_listing, a_mint, a_report, hours, minutes
from tests.contracts.linking import Linking
from tests.contracts.storages import Stored

NOWHERE: Final = ConnectionId(UUID("01a20536-5306-788b-8971-fd6028972fbc"))
BENS_REQUEST: Final = Caller(patient_id=BEN, request_id=RequestId("request-of-ben"))


async def test_refusal_is_written_down_with_who_what_when_and_outcome(stored: Stored) -> None:
    at = stored.clock.now()

    async with stored.trail as trail:
        trail.refused(BENS_REQUEST, Cause.READ, "not_found", NOWHERE)
        stored.clock.advance(minutes(1))

    [event] = await stored.events()
    assert event == ConnectionEvent(
        id=event.id,
        at=at,
        patient_id=BEN,
        connection_id=NOWHERE,
        provider=None,
        cause=Cause.READ,
        outcome="not_found",
        error_type=None,
        request_id=BENS_REQUEST.request_id,
    )


async def test_refusals_are_written_in_the_order_in_which_they_came(stored: Stored) -> None:
    codes = [f"code_{n}" for n in range(200)]

    async with stored.trail as trail:
        for code in codes:
            trail.refused(BENS_REQUEST, Cause.EXCHANGE, code, None)

    assert [event.outcome for event in (await stored.events())] == codes
    assert len({event.id for event in (await stored.events())}) == len(codes)


async def test_refusals_join_what_changes_wrote_and_change_none_of_it(stored: Stored) -> None:
    await stored.ledger.enter(a_mint())
    opened = await stored.connections.record(a_report(a_listing()))
    before = await stored.events()

    async with stored.trail as trail:
        trail.refused(BENS_REQUEST, Cause.READ, "not_found", opened.id)

    assert len(before) == 1
    assert (await stored.events())[:1] == before
    assert [event.patient_id for event in (await stored.events())] == [ANNA, BEN]
    # Who tried is for an auditor: it is no part of the connection's own history.
    assert await stored.connections.history(ANNA, opened.id) == before


async def test_unknown_and_foreign_connections_are_audited_alike(linking: Linking) -> None:
    stored, lifecycle = linking.stored, linking.lifecycle
    await stored.ledger.enter(a_mint())
    annas = await stored.connections.record(a_report(a_listing()))

    async with stored.trail:
        for connection_id in (NOWHERE, annas.id):
            with pytest.raises(LinkingError):
                await lifecycle.get(BENS_REQUEST, connection_id)

    unknown, foreign = (await stored.events())[1:]
    assert said(unknown) == said(foreign) == (BEN, Cause.READ, "not_found", "request-of-ben")
    assert (unknown.connection_id, foreign.connection_id) == (NOWHERE, annas.id)


async def test_unknown_and_foreign_tokens_are_audited_alike(linking: Linking) -> None:
    annas = await linking.minted_and_linked()

    async with linking.stored.trail:
        for token in (LinkToken("unknown"), annas):
            with pytest.raises(LinkingError):
                await linking.service.exchange(BENS_REQUEST, token, None)

    unknown, foreign = await linking.stored.events()
    assert said(unknown) == said(foreign)
    assert said(foreign) == (BEN, Cause.EXCHANGE, "invalid_link_token", "request-of-ben")
    assert unknown.connection_id is foreign.connection_id is None


async def test_every_refused_exchange_is_audited_with_its_code(linking: Linking) -> None:
    oura = await linking.mint(Provider.OURA)

    async with linking.stored.trail:
        with pytest.raises(LinkingError):
            await linking.service.exchange(a_caller(), oura, Provider.GARMIN)
        linking.stored.clock.advance(hours(26))
        with pytest.raises(LinkingError):
            await linking.service.exchange(a_caller(), oura, None)

    assert [event.outcome for event in (await linking.stored.events())] == [
        "provider_mismatch",
        "link_token_expired",
    ]


async def test_not_yet_is_no_refusal(linking: Linking) -> None:
    token = await linking.mint()

    async with linking.stored.trail:
        with pytest.raises(LinkingError, match="no new link"):
            await linking.service.exchange(a_caller(), token, None)

    assert (await linking.stored.events()) == []


async def test_audit_names_no_token(linking: Linking) -> None:
    token = await linking.minted_and_linked()

    async with linking.stored.trail:
        with pytest.raises(LinkingError):
            await linking.service.exchange(BENS_REQUEST, token, None)
        await linking.service.exchange(a_caller(), token, None)

    shown = repr(await linking.stored.events())
    assert token.reveal() not in shown
    assert token.digest not in shown


def said(event: ConnectionEvent) -> tuple[str, ...]:
    return event.patient_id, event.cause, event.outcome, event.request_id
