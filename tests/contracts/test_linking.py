"""The exchange, from end to end of the hexagon: over every gateway and every repository."""

import asyncio
from dataclasses import replace

import pytest

from adapters.junction.faults import Fault
from domain.connection import Connection
from domain.errors import (
    InvalidLinkToken,
    LinkTokenExpired,
    ProviderMismatch,
    ProviderUndetermined,
    ValidationError,
)
from domain.facts import Status
from domain.identifiers import JunctionUserId
from domain.junction_errors import JunctionUnavailable
from domain.link_token import LinkToken
from domain.provider import Provider, Slug
from tests.builders import ANNA, BEN, a_caller, a_digest, a_mint, hours, minutes
from tests.contracts.linking import Linking
from tests.contracts.slow import Slow


async def test_linked_wearable_is_connected(linking: Linking) -> None:
    token = await linking.minted_and_linked("oura", Provider.OURA)

    connection = await linking.service.exchange(a_caller(), token, Provider.OURA)

    assert connection.status is Status.CONNECTED
    assert connection.provider == "oura"
    assert await linking.stored.connections.find(connection.patient_id, connection.provider) == (
        connection
    )


async def test_mint_expires_an_hour_later(linking: Linking) -> None:
    minted_at = linking.stored.clock.now()

    link = await linking.service.mint(a_caller(), provider=None, redirect_url=None)

    assert link.expires_at == minted_at + hours(1)


async def test_token_is_known_by_its_digest_only(linking: Linking) -> None:
    token = await linking.mint()

    entry = await linking.stored.ledger.find(token.digest)

    assert entry is not None
    assert token.reveal() not in repr(entry)


async def test_mints_that_race_for_one_patient_share_one_junction_user(linking: Linking) -> None:
    tokens = await asyncio.gather(*(linking.mint() for _ in range(10)))

    entries = [await linking.stored.ledger.find(token.digest) for token in tokens]
    assert len({entry.digest for entry in entries if entry}) == 10
    assert len({entry.junction_user_id for entry in entries if entry}) == 1


async def test_two_hundred_identical_exchanges_are_one(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    linking.junction.reads = 0

    answers = await asyncio.gather(
        *(linking.service.exchange(a_caller(), token, None) for _ in range(200))
    )

    assert all(answer == answers[0] for answer in answers)
    assert linking.junction.reads == 1
    assert len(await linking.stored.connections.list_for(answers[0].patient_id)) == 1


async def test_exchange_goes_on_for_the_others_when_its_first_caller_leaves(
    linking: Linking,
) -> None:
    token = await linking.minted_and_linked()
    linking.junction.reads = 0
    first, second = (
        asyncio.create_task(linking.service.exchange(a_caller(), token, None)) for _ in range(2)
    )
    await asyncio.sleep(0)
    first.cancel()

    assert (await second).status is Status.CONNECTED
    assert first.cancelled()
    assert linking.junction.reads == 1


async def test_same_token_again_needs_no_junction_while_connected(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    first = await linking.service.exchange(a_caller(), token, None)
    linking.junction.reads = 0
    linking.junction.faults.every = Fault.UNAVAILABLE

    assert await linking.service.exchange(a_caller(), token, None) == first
    assert linking.junction.reads == 0


async def test_same_token_again_asks_while_not_connected(linking: Linking) -> None:
    token = await linking.mint(Provider.OURA)
    pending = await linking.service.exchange(a_caller(), token, None)
    linking.junction.link(token.reveal(), Slug("oura"))
    linking.stored.clock.advance(minutes(1))

    connected = await linking.service.exchange(a_caller(), token, None)

    assert pending.status is Status.PENDING
    assert connected.status is Status.CONNECTED
    assert connected.id == pending.id


async def test_bound_token_outlives_its_hour(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    first = await linking.service.exchange(a_caller(), token, None)
    linking.stored.clock.advance(hours(24 * 30))

    assert await linking.service.exchange(a_caller(), token, None) == first


async def test_unbound_token_expires_after_its_grace(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    linking.stored.clock.advance(hours(25) + minutes(1))

    with pytest.raises(LinkTokenExpired):
        await linking.service.exchange(a_caller(), token, None)


async def test_unknown_and_foreign_tokens_are_refused_alike(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    linking.junction.reads = 0

    with pytest.raises(InvalidLinkToken) as unknown:
        await linking.service.exchange(a_caller(BEN), LinkToken("unknown"), None)
    with pytest.raises(InvalidLinkToken) as foreign:
        await linking.service.exchange(a_caller(BEN), token, None)

    assert str(foreign.value) == str(unknown.value)
    assert linking.junction.reads == 0
    assert await linking.stored.connections.list_for(BEN) == []


async def test_provider_other_than_minted_for_is_a_mismatch(linking: Linking) -> None:
    token = await linking.minted_and_linked("oura", Provider.OURA)

    with pytest.raises(ProviderMismatch):
        await linking.service.exchange(a_caller(), token, Provider.GARMIN)


async def test_provider_other_than_exchanged_for_is_a_mismatch(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    await linking.service.exchange(a_caller(), token, None)

    with pytest.raises(ProviderMismatch):
        await linking.service.exchange(a_caller(), token, Provider.GARMIN)


async def test_older_connection_is_not_this_link(linking: Linking) -> None:
    await linking.minted_and_linked()
    linking.stored.clock.advance(minutes(6))
    token = await linking.mint()

    with pytest.raises(ProviderUndetermined):
        await linking.service.exchange(a_caller(), token, None)

    linking.junction.link(token.reveal(), Slug("fitbit"))
    connection = await linking.service.exchange(a_caller(), token, None)
    assert connection.provider == "fitbit"


async def test_token_of_a_user_who_is_gone_is_invalid(linking: Linking) -> None:
    token = await linking.mint(Provider.OURA)
    entry = await linking.stored.ledger.find(token.digest)
    assert entry is not None
    linking.junction.delete_user(entry.junction_user_id)

    with pytest.raises(InvalidLinkToken):
        await linking.service.exchange(a_caller(), token, None)


async def test_token_of_a_junction_user_of_the_past_is_invalid(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    linking.stored.clock.advance(minutes(1))
    await linking.stored.ledger.enter(
        a_mint(
            digest=a_digest("newer"),
            junction_user_id=JunctionUserId("2449752e-0d8a-40e0-9206-91ab099b2537"),
            asked=linking.stored.clock.monotonic(),
        )
    )

    with pytest.raises(InvalidLinkToken):
        await linking.service.exchange(a_caller(), token, None)


async def test_connection_of_a_newer_junction_user_does_not_vouch_for_an_older_token(
    linking: Linking,
) -> None:
    token = await linking.minted_and_linked()
    await linking.service.exchange(a_caller(), token, None)
    linking.stored.clock.advance(minutes(1))
    newer = linking.junction.create_user(BEN)
    linking.junction.list_provider(newer.id, Slug("oura"))
    newer_token = LinkToken("newer")
    await linking.stored.ledger.enter(
        a_mint(
            digest=newer_token.digest,
            junction_user_id=newer.id,
            asked=linking.stored.clock.monotonic(),
        )
    )
    await linking.service.exchange(a_caller(), newer_token, Provider.OURA)

    with pytest.raises(InvalidLinkToken):
        await linking.service.exchange(a_caller(), token, None)


async def test_failed_look_at_junction_changes_nothing(linking: Linking) -> None:
    token = await linking.minted_and_linked()
    linking.junction.faults.every = Fault.UNAVAILABLE

    with pytest.raises(JunctionUnavailable):
        await linking.service.exchange(a_caller(), token, None)

    entry = await linking.stored.ledger.find(token.digest)
    assert entry is not None
    assert entry.bound_to is None
    assert await linking.stored.connections.list_for(entry.patient_id) == []


async def test_failed_mint_may_be_repeated(linking: Linking) -> None:
    linking.junction.faults.every = Fault.UNAVAILABLE

    with pytest.raises(JunctionUnavailable):
        await linking.mint()
    linking.junction.faults.every = None

    token = await linking.mint()
    assert await linking.stored.ledger.find(token.digest) is not None


async def test_exchanges_that_are_not_equal_share_nothing(linking: Linking) -> None:
    oura, garmin = await linking.minted_and_linked("oura"), await linking.mint(Provider.GARMIN)
    bens = await linking.service.mint(a_caller(BEN), provider=Provider.OURA, redirect_url=None)

    answers = await asyncio.gather(
        linking.service.exchange(a_caller(), oura, Provider.OURA),
        linking.service.exchange(a_caller(), garmin, None),
        linking.service.exchange(a_caller(BEN), bens.token, None),
        linking.service.exchange(a_caller(BEN), oura, Provider.OURA),
        return_exceptions=True,
    )

    assert [
        (answer.patient_id, answer.provider, answer.status)
        for answer in answers
        if isinstance(answer, Connection)
    ] == [
        (ANNA, "oura", Status.CONNECTED),
        (ANNA, "garmin", Status.PENDING),
        (BEN, "oura", Status.PENDING),
    ]
    assert isinstance(answers[3], InvalidLinkToken)


async def test_named_provider_may_have_been_linked_before(linking: Linking) -> None:
    await linking.minted_and_linked("oura")
    linking.stored.clock.advance(hours(1))
    token = await linking.mint()

    connection = await linking.service.exchange(a_caller(), token, Provider.OURA)

    assert (connection.provider, connection.status) == ("oura", Status.CONNECTED)


async def test_link_opens_for_what_was_asked(linking: Linking) -> None:
    link = await linking.service.mint(
        a_caller(), provider=Provider.WHOOP, redirect_url="https://app.example/back"
    )

    opened = linking.junction.open_token(link.token.reveal())
    assert opened.slugs == ("whoop_v2",)
    assert opened.redirect_url == "https://app.example/back"
    assert link.web_url is not None
    assert link.token.reveal() in link.web_url


async def test_equal_exchanges_but_for_the_provider_share_nothing(linking: Linking) -> None:
    token = await linking.minted_and_linked("oura")

    answers = await asyncio.gather(
        linking.service.exchange(a_caller(), token, Provider.OURA),
        linking.service.exchange(a_caller(), token, Provider.GARMIN),
        return_exceptions=True,
    )

    [connection] = [answer for answer in answers if isinstance(answer, Connection)]
    [refusal] = [answer for answer in answers if not isinstance(answer, Connection)]
    assert isinstance(refusal, ProviderMismatch)
    [row] = await linking.stored.connections.list_for(ANNA)
    assert row.provider == connection.provider


async def test_answer_is_as_old_as_the_question(linking: Linking) -> None:
    clock = linking.stored.clock
    slow = Slow(linking.service.junction, clock)
    service = replace(linking.service, junction=slow, patience=600)
    began = clock.now()

    link = await service.mint(a_caller(), provider=Provider.OURA, redirect_url=None)
    entry = await linking.stored.ledger.find(link.token.digest)
    assert entry is not None
    assert entry.minted_at == began + minutes(1)  # after the user was found, before the mint

    connection = await service.exchange(a_caller(), link.token, None)
    assert connection.facts.seen.asked_at == began + minutes(2)
    assert clock.now() == began + minutes(3)


@pytest.mark.parametrize("scheme", ["javascript", "JavaScript", "data", "vbscript"])
async def test_redirect_that_a_browser_would_run_is_refused(linking: Linking, scheme: str) -> None:
    with pytest.raises(ValidationError, match=r"^redirect_url: "):
        await linking.service.mint(a_caller(), provider=None, redirect_url=f"{scheme}:alert(1)")


async def test_link_never_shows_its_token(linking: Linking) -> None:
    link = await linking.service.mint(a_caller(), provider=None, redirect_url=None)

    assert link.token.reveal() not in repr(link)


async def test_wearable_may_be_linked_again(linking: Linking) -> None:
    first = await linking.service.exchange(a_caller(), await linking.minted_and_linked(), None)
    linking.stored.clock.advance(hours(24))

    again = await linking.service.exchange(a_caller(), await linking.minted_and_linked(), None)

    assert again.id == first.id
    assert again.connected_at == first.connected_at + hours(24)
