"""What JunctionUserDirectory promises, over every adapter."""

from domain.identifiers import JunctionUserId
from domain.ledger import JunctionUserOnRecord
from tests.builders import ANNA, ANNAS_USER, BEN, NOW, a_digest, a_listing, a_mint, minutes
from tests.contracts.storages import Stored
from tests.news import some_news

NEWER = JunctionUserId("2449752e-0d8a-40e0-9206-91ab099b2537")
THIRD = JunctionUserId("4449752e-0d8a-40e0-9206-91ab099b2537")
BENS = JunctionUserId("3449752e-0d8a-40e0-9206-91ab099b2537")


async def mint(stored: Stored, user_id: JunctionUserId, name: str, **changes: object) -> None:
    asked = changes.pop("asked", stored.clock.monotonic())
    await stored.ledger.enter(
        a_mint(digest=a_digest(name), junction_user_id=user_id, asked=asked, **changes)
    )


async def test_user_is_found_as_the_newest_mint_left_them(stored: Stored) -> None:
    await mint(stored, ANNAS_USER, "first", team_id="team-1")
    stored.clock.advance(minutes(1))
    await mint(stored, ANNAS_USER, "second", team_id=None)

    assert await stored.users.find(ANNAS_USER) == JunctionUserOnRecord(
        id=ANNAS_USER, patient_id=ANNA, team_id="team-1", minted_at=NOW + minutes(1)
    )


async def test_user_for_whom_nothing_was_minted_is_not_found(stored: Stored) -> None:
    await mint(stored, ANNAS_USER, "first")

    assert await stored.users.find(NEWER) is None
    assert await stored.users.all_of(BEN) == []


async def test_users_of_a_patient_come_newest_mint_first(stored: Stored) -> None:
    await mint(stored, BENS, "ben's", patient_id=BEN)
    for name, user_id in (("1", NEWER), ("2", ANNAS_USER), ("3", THIRD), ("4", NEWER)):
        stored.clock.advance(minutes(1))
        await mint(stored, user_id, name)

    theirs = await stored.users.all_of(ANNA)

    assert [(user.id, user.minted_at) for user in theirs] == [
        (NEWER, NOW + minutes(4)),
        (THIRD, NOW + minutes(3)),
        (ANNAS_USER, NOW + minutes(2)),
    ]
    assert theirs[0] == await stored.users.find(NEWER)


async def test_mint_that_was_asked_for_earlier_makes_nobody_the_first(stored: Stored) -> None:
    stored.clock.advance(minutes(1))
    await mint(stored, ANNAS_USER, "later")
    await mint(stored, NEWER, "asked for earlier", asked=0.0)

    assert [user.id for user in await stored.users.all_of(ANNA)] == [ANNAS_USER, NEWER]


async def test_of_mints_of_one_instant_the_first_listed_is_the_one_whose_news_are_taken(
    stored: Stored,
) -> None:
    """Both have to break the tie alike, in whatever order a database sorts letters."""
    for user_id in (JunctionUserId("b"), JunctionUserId("C"), JunctionUserId("a")):
        await mint(stored, user_id, user_id, asked=0.0)

    first, *others = await stored.users.all_of(ANNA)

    for other in others:
        news = some_news(a_listing(), junction_user_id=other.id)
        assert await stored.connections.note(news) == []
    [row] = await stored.connections.note(some_news(a_listing(), junction_user_id=first.id))
    assert row.junction_user_id == first.id
