"""IntrospectionIdentity and its authority: what is asked, what is believed, how it fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.identity.introspection import IntrospectionIdentity, open_session
from domain.errors import IdentityUnavailable, InvalidToken
from domain.principal import Principal
from ports.identity import BearerToken
from tests.adapters.upstream import Behaviour, drip, hang, reply, reset, upstream
from tests.authority import CLIENT_ID, CLIENT_SECRET, Authority, an_authority
from tests.builders import NOW
from tests.logged import Logged

TOKEN = BearerToken("opaque+token/&=%")
ACTIVE = {"active": True, "sub": "anna"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@asynccontextmanager
async def asking(
    url: str, clock: FixedClock, *, claim: str = "sub", secret: str = CLIENT_SECRET
) -> AsyncIterator[IntrospectionIdentity]:
    async with open_session(CLIENT_ID, secret) as session:
        yield IntrospectionIdentity(
            session, url=url, patient_claim=claim, clock=clock, deadline=1.0
        )


@pytest.fixture
async def authority() -> AsyncIterator[Authority]:
    async with an_authority() as authority:
        yield authority


async def test_answer_becomes_a_principal(authority: Authority, clock: FixedClock) -> None:
    authority.tokens[TOKEN.reveal()] = ACTIVE | {
        "client_id": "an app",
        "scope": "openid  write:wearables",
        "patient_id": "p-1",
        "exp": NOW.timestamp() + 60,
        "brand": "loop",
    }

    async with asking(authority.url, clock) as identity:
        assert await identity.authenticate(TOKEN) == Principal(
            subject="anna", client="an app", scopes=frozenset({"openid", "write:wearables"})
        )
    async with asking(authority.url, clock, claim="patient_id") as identity:
        assert (await identity.authenticate(TOKEN)).subject == "p-1"
    assert authority.asked == [TOKEN.reveal()] * 2


@pytest.mark.parametrize(
    "said",
    [{}, {"sub": None, "scope": None, "client_id": None, "exp": None}],
    ids=["left out", "null"],
)
async def test_what_is_not_said_is_not_known(
    authority: Authority, clock: FixedClock, said: dict[str, object]
) -> None:
    authority.tokens[TOKEN.reveal()] = {"active": True} | said

    async with asking(authority.url, clock) as identity:
        assert await identity.authenticate(TOKEN) == Principal(subject=None)


@pytest.mark.parametrize(
    "said",
    [{"active": False}, ACTIVE | {"active": False}, ACTIVE | {"exp": NOW.timestamp()}],
    ids=["not active", "not active any more", "expired"],
)
async def test_token_that_is_not_active_is_invalid(
    authority: Authority, clock: FixedClock, said: dict[str, object]
) -> None:
    authority.tokens[TOKEN.reveal()] = said

    async with asking(authority.url, clock) as identity:
        with pytest.raises(InvalidToken):
            await identity.authenticate(TOKEN)


async def test_equal_tokens_at_once_are_one_question(
    authority: Authority, clock: FixedClock
) -> None:
    authority.tokens[TOKEN.reveal()] = ACTIVE

    async with asking(authority.url, clock) as identity:
        principals = await asyncio.gather(*(identity.authenticate(TOKEN) for _ in range(50)))

    assert len(set(principals)) == 1
    assert len(authority.asked) == 1


async def test_revoked_token_is_believed_for_half_a_minute_at_most(
    authority: Authority, clock: FixedClock
) -> None:
    authority.tokens[TOKEN.reveal()] = ACTIVE

    async with asking(authority.url, clock) as identity:
        await identity.authenticate(TOKEN)
        authority.tokens.clear()
        clock.advance(timedelta(seconds=29))
        await identity.authenticate(TOKEN)
        clock.advance(timedelta(seconds=1))
        with pytest.raises(InvalidToken):
            await identity.authenticate(TOKEN)

    assert len(authority.asked) == 2


async def test_refused_token_is_asked_about_again_after_five_seconds(
    authority: Authority, clock: FixedClock
) -> None:
    async with asking(authority.url, clock) as identity:
        for _ in range(2):
            with pytest.raises(InvalidToken):
                await identity.authenticate(TOKEN)
        assert len(authority.asked) == 1
        authority.tokens[TOKEN.reveal()] = ACTIVE
        clock.advance(timedelta(seconds=5))
        await identity.authenticate(TOKEN)


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<html>"),
        reply(200, b'{"active": true, "sub": "\xff"}'),
        reply(200, []),
        reply(200, {}),
        reply(200, {"active": None}),
        reply(200, {"active": "true", "sub": "anna"}),
        reply(200, {"active": 1, "sub": "anna"}),
        reply(200, ACTIVE | {"sub": 7}),
        reply(200, ACTIVE | {"exp": "tomorrow"}),
        reply(200, ACTIVE | {"exp": True}),
        reply(200, ACTIVE | {"scope": ["admin:*"]}),
        reply(200, b"[" * 60_000),
        reply(200, b" " * 65_537),
        reply(204, b""),
        reply(302, b"", "Location: https://elsewhere.invalid/"),
        reply(400, {"error": "invalid_request"}),
        reply(403, {"error": "forbidden"}),
        reply(429, b""),
        reply(500, ACTIVE),
        reset,
        hang,
        drip,
    ],
    ids=[
        "not JSON",
        "invalid UTF-8",
        "not an object",
        "no word",
        "null",
        "string",
        "number",
        "subject of another type",
        "time of another type",
        "time that is true",
        "scopes of another type",
        "deep",
        "large",
        "204",
        "redirect",
        "400",
        "403",
        "429",
        "500",
        "reset",
        "hang",
        "drip",
    ],
)
async def test_authority_that_gives_no_usable_answer_is_unavailable(
    clock: FixedClock, answer: bytes | Behaviour
) -> None:
    async with upstream(answer) as authority, asking(authority.url, clock) as identity:
        with pytest.raises(IdentityUnavailable):
            await identity.authenticate(TOKEN)


async def test_authority_that_refuses_us_is_unavailable_and_the_log_says_so(
    authority: Authority, clock: FixedClock, logged: Logged
) -> None:
    async with asking(authority.url, clock, secret="wrong") as identity:
        with pytest.raises(IdentityUnavailable):
            await identity.authenticate(TOKEN)

    assert {"event": "identity_refused", "level": "error", "status": 401} in logged.lines


async def test_failure_is_not_remembered(clock: FixedClock) -> None:
    async with (
        upstream(reply(500, b""), reply(200, ACTIVE)) as authority,
        asking(authority.url, clock) as identity,
    ):
        with pytest.raises(IdentityUnavailable):
            await identity.authenticate(TOKEN)
        assert (await identity.authenticate(TOKEN)).subject == "anna"


async def test_authority_that_is_not_there_is_unavailable(clock: FixedClock) -> None:
    async with upstream(reply(200, ACTIVE)) as gone:
        url = gone.url
    async with asking(url, clock) as identity:
        with pytest.raises(IdentityUnavailable):
            await identity.authenticate(TOKEN)
