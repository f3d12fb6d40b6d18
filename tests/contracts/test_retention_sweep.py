"""What Retention.sweep promises, over every adapter."""

from datetime import timedelta

import pytest

from domain.errors import InvalidLinkToken
from domain.junction_event import MessageId
from domain.link_token import LIFETIME
from domain.retention import MESSAGES_KEPT, TOKENS_KEPT, Sweep
from tests.builders import a_digest, a_listing, a_mint, a_report, hours
from tests.contracts.storages import Stored
from tests.news import some_news

ALL = Sweep(limit=1000)
A_MOMENT = timedelta(microseconds=1)


async def minted(stored: Stored, *names: str) -> None:
    for name in names:
        asked = stored.clock.monotonic()
        await stored.ledger.enter(a_mint(digest=a_digest(name), asked=asked))


async def heard(stored: Stored, *names: str) -> None:
    for name in names:
        await stored.connections.note(some_news(message_id=MessageId(name)))


async def known(stored: Stored, *names: str) -> list[str]:
    return [name for name in names if await stored.ledger.find(a_digest(name))]


async def remembered(stored: Stored, *names: str) -> list[str]:
    return [name for name in names if await stored.connections.was_heard(MessageId(name))]


async def test_token_is_known_as_expired_for_thirty_days_and_no_longer(stored: Stored) -> None:
    await minted(stored, "a")

    stored.clock.advance(LIFETIME + TOKENS_KEPT)
    assert await stored.retention.sweep(ALL) == 0
    assert await known(stored, "a") == ["a"]

    stored.clock.advance(A_MOMENT)
    assert await stored.retention.sweep(ALL) == 1
    assert await known(stored, "a") == []


async def test_message_is_known_as_heard_for_thirty_days_and_no_longer(stored: Stored) -> None:
    await heard(stored, "a")

    stored.clock.advance(MESSAGES_KEPT)
    assert await stored.retention.sweep(ALL) == 0
    assert await remembered(stored, "a") == ["a"]

    stored.clock.advance(A_MOMENT)
    assert await stored.retention.sweep(ALL) == 1
    assert await remembered(stored, "a") == []


def test_both_are_kept_for_thirty_days() -> None:
    assert TOKENS_KEPT == MESSAGES_KEPT == timedelta(days=30)


async def test_token_that_was_exchanged_is_never_swept(stored: Stored) -> None:
    await minted(stored, "bound", "unbound")
    row = await stored.connections.record(a_report(a_listing(), token=a_digest("bound")))
    stored.clock.advance(timedelta(days=3650))

    assert await stored.retention.sweep(ALL) == 1
    assert await known(stored, "bound", "unbound") == ["bound"]
    assert await stored.connections.record(a_report(a_listing(), token=a_digest("bound"))) == row


async def test_nothing_else_is_swept(stored: Stored) -> None:
    await minted(stored, "bound")
    row = await stored.connections.record(a_report(a_listing(), token=a_digest("bound")))
    user = await stored.users.find(row.junction_user_id)
    events = await stored.events()
    stored.clock.advance(timedelta(days=3650))

    assert await stored.retention.sweep(ALL) == 0
    assert await stored.connections.list_for(row.patient_id) == [row]
    assert await stored.users.find(row.junction_user_id) == user is not None
    assert await stored.events() == events


async def test_sweep_takes_so_many_of_each_and_the_next_one_goes_on(stored: Stored) -> None:
    tokens, messages = [f"t{n}" for n in range(5)], [f"m{n}" for n in range(3)]
    await minted(stored, *tokens)
    await heard(stored, *messages)
    stored.clock.advance(LIFETIME + TOKENS_KEPT + hours(1))
    await minted(stored, "new")
    await heard(stored, "new")

    counts = [await stored.retention.sweep(Sweep(limit=2)) for _ in range(4)]

    assert counts == [2 + 2, 2 + 1, 1 + 0, 0]
    assert await known(stored, *tokens, "new") == ["new"]
    assert await remembered(stored, *messages, "new") == ["new"]


async def test_sweep_takes_the_oldest_first(stored: Stored) -> None:
    tokens, messages = ["t5", "t1", "t4", "t2", "t3"], ["m5", "m1", "m4", "m2", "m3"]
    for token, message in zip(tokens, messages, strict=True):
        await minted(stored, token)
        await heard(stored, message)
        stored.clock.advance(hours(1))
    stored.clock.advance(LIFETIME + TOKENS_KEPT)

    for left in (3, 1):
        await stored.retention.sweep(Sweep(limit=2))
        assert await known(stored, *tokens) == tokens[-left:]
        assert await remembered(stored, *messages) == messages[-left:]


async def test_exchange_of_a_swept_token_is_refused(stored: Stored) -> None:
    await minted(stored, "a")
    stored.clock.advance(LIFETIME + TOKENS_KEPT + A_MOMENT)
    await stored.retention.sweep(ALL)

    with pytest.raises(InvalidLinkToken):
        await stored.connections.record(a_report(a_listing(), token=a_digest("a")))


async def test_message_that_was_swept_is_news_again(stored: Stored) -> None:
    await minted(stored, "a")
    await heard(stored, "m")
    stored.clock.advance(MESSAGES_KEPT + A_MOMENT)
    await stored.retention.sweep(ALL)

    [row] = await stored.connections.note(some_news(a_listing(), message_id=MessageId("m")))

    assert row.provider == "oura"
    assert await remembered(stored, "m") == ["m"]
