"""JsonWebKeySet: which keys are known when, how often the authority is asked, how that fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.clock import FixedClock
from adapters.identity.jwks import JsonWebKeySet, open_session
from domain.errors import IdentityUnavailable
from tests.adapters.upstream import Behaviour, drip, hang, reply, reset, upstream
from tests.builders import NOW, minutes
from tests.issuer import Issuer, an_issuer, ec_signer, ed_signer, rsa_signer
from tests.logged import Logged

RSA: Final = rsa_signer()
EC: Final = ec_signer()
NEW: Final = ec_signer("ec-new")
SECOND: Final = timedelta(seconds=1)
KEYS: Final = reply(200, {"keys": [RSA.jwk]})
BROKEN: Final = reply(500, b"")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@asynccontextmanager
async def keys_at(url: str, clock: FixedClock) -> AsyncIterator[JsonWebKeySet]:
    async with open_session() as session:
        yield JsonWebKeySet(session, url=url, clock=clock, deadline=1.0)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with an_issuer(RSA, EC) as issuer:
        yield issuer


@pytest.fixture
async def keys(issuer: Issuer, clock: FixedClock) -> AsyncIterator[JsonWebKeySet]:
    async with keys_at(issuer.url, clock) as keys:
        yield keys


async def knows(keys: JsonWebKeySet, kid: str | None, algorithm: str = "ES256") -> bool:
    return await keys.find(kid, algorithm) is not None


async def test_keys_are_fetched_once_for_all_who_wait(keys: JsonWebKeySet, issuer: Issuer) -> None:
    found = await asyncio.gather(*(knows(keys, EC.kid) for _ in range(50)))

    assert all(found)
    assert issuer.fetches == 1


async def test_key_is_found_by_its_name_for_what_it_can_do(keys: JsonWebKeySet) -> None:
    assert await knows(keys, RSA.kid, "RS256")
    assert await knows(keys, RSA.kid, "PS512")
    assert not await knows(keys, RSA.kid, "ES256")
    assert not await knows(keys, RSA.kid, "HS256")
    assert not await knows(keys, EC.kid, "ES384")
    assert await knows(keys, None, "ES256")
    assert not await knows(keys, None, "EdDSA")


async def test_new_key_is_found_by_asking_again(
    keys: JsonWebKeySet, issuer: Issuer, clock: FixedClock
) -> None:
    await knows(keys, EC.kid)
    issuer.published.append(NEW.jwk)
    clock.advance(minutes(1))

    assert await knows(keys, NEW.kid)
    assert await knows(keys, EC.kid)
    assert issuer.fetches == 2


async def test_names_that_are_made_up_cost_a_question_a_minute(
    keys: JsonWebKeySet, issuer: Issuer, clock: FixedClock
) -> None:
    for _ in range(3):
        found = await asyncio.gather(*(knows(keys, f"made-up-{n}") for n in range(100)))
        assert not any(found)
        clock.advance(59 * SECOND)
        assert not await knows(keys, "made up")
        clock.advance(SECOND)

    assert issuer.fetches == 3


async def test_withdrawn_key_is_believed_for_a_quarter_of_an_hour_at_most(
    keys: JsonWebKeySet, issuer: Issuer, clock: FixedClock
) -> None:
    await knows(keys, EC.kid)
    issuer.published = [RSA.jwk]
    clock.advance(minutes(15) - SECOND)
    assert await knows(keys, EC.kid)  # and meanwhile the set is renewed
    clock.advance(SECOND)

    assert not await knows(keys, EC.kid)


async def test_keys_are_renewed_before_anybody_has_to_wait(
    keys: JsonWebKeySet, issuer: Issuer, clock: FixedClock
) -> None:
    await knows(keys, EC.kid)
    await issuer.asked.acquire()
    clock.advance(minutes(5) - SECOND)
    await knows(keys, EC.kid)
    assert issuer.fetches == 1
    clock.advance(SECOND)
    issuer.published = [EC.jwk, NEW.jwk]

    assert await knows(keys, EC.kid)
    assert issuer.fetches == 1  # answered at once
    await issuer.asked.acquire()  # and then asked
    assert await knows(keys, NEW.kid)
    assert not await knows(keys, RSA.kid, "RS256")
    assert issuer.fetches == 2


async def test_authority_that_is_down_is_outlived_for_a_while(clock: FixedClock) -> None:
    async with upstream(KEYS, BROKEN) as authority, keys_at(authority.url, clock) as keys:
        assert await knows(keys, RSA.kid, "RS256")
        clock.advance(minutes(15) - SECOND)
        with pytest.raises(IdentityUnavailable):
            await knows(keys, "new", "RS256")  # so that the failure is known
        for _ in range(3):
            assert await knows(keys, RSA.kid, "RS256")
        await asyncio.sleep(0.05)  # for a question in the background to arrive
        assert len(authority.received) == 2
        clock.advance(SECOND)
        with pytest.raises(IdentityUnavailable):
            await knows(keys, RSA.kid, "RS256")


async def test_while_it_is_down_a_name_that_is_unknown_may_be_a_new_one(
    clock: FixedClock,
) -> None:
    async with upstream(KEYS, BROKEN, KEYS) as authority, keys_at(authority.url, clock) as keys:
        assert await knows(keys, RSA.kid, "RS256")
        clock.advance(minutes(1))
        for _ in range(3):  # the first asks, the others know that it failed a moment ago
            with pytest.raises(IdentityUnavailable):
                await knows(keys, "new", "RS256")
        assert len(authority.received) == 2
        assert await knows(keys, RSA.kid, "RS256")
        clock.advance(SECOND)
        assert not await knows(keys, "new", "RS256")  # asked again, and now it is certain

    assert len(authority.received) == 3


async def test_authority_that_is_back_is_asked_again(clock: FixedClock) -> None:
    async with upstream(BROKEN, KEYS) as authority, keys_at(authority.url, clock) as keys:
        for _ in range(3):
            with pytest.raises(IdentityUnavailable):
                await knows(keys, RSA.kid, "RS256")
        assert len(authority.received) == 1
        clock.advance(SECOND)
        assert await knows(keys, RSA.kid, "RS256")


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<html>"),
        reply(200, b'{"keys": "\xff"}'),
        reply(200, [RSA.jwk]),
        reply(200, {}),
        reply(200, {"keys": []}),
        reply(200, {"keys": None}),
        reply(200, {"keys": RSA.jwk}),
        reply(200, b'{"keys":' + b"[" * 60_000),
        reply(200, b" " * 65_537),
        reply(204, b""),
        reply(404, {"keys": [RSA.jwk]}),
        BROKEN,
        reset,
        hang,
        drip,
    ],
    ids=[
        "not JSON",
        "invalid UTF-8",
        "not an object",
        "no keys",
        "empty",
        "null",
        "one key",
        "deep",
        "large",
        "204",
        "404",
        "500",
        "reset",
        "hang",
        "drip",
    ],
)
async def test_authority_that_gives_no_usable_answer_is_unavailable(
    clock: FixedClock, answer: bytes | Behaviour
) -> None:
    async with upstream(answer) as authority, keys_at(authority.url, clock) as keys:
        with pytest.raises(IdentityUnavailable):
            await keys.find(RSA.kid, "RS256")


async def test_keys_are_where_the_setting_says_and_nowhere_else(clock: FixedClock) -> None:
    async with upstream(KEYS) as elsewhere:
        redirect = reply(302, b"", f"Location: {elsewhere.url}")
        async with upstream(redirect) as authority, keys_at(authority.url, clock) as keys:
            with pytest.raises(IdentityUnavailable):
                await keys.find(RSA.kid, "RS256")

    assert elsewhere.received == []


async def test_authority_that_is_not_there_is_unavailable(clock: FixedClock) -> None:
    async with upstream(KEYS) as gone:
        url = gone.url
    async with keys_at(url, clock) as keys:
        with pytest.raises(IdentityUnavailable):
            await keys.find(RSA.kid, "RS256")


UNUSABLE: Final[dict[str, Any]] = {
    "secret": {"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0", "alg": "HS256"},
    "secret that says RS256": {"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0", "alg": "RS256"},
    "for encryption": RSA.jwk | {"use": "enc"},
    "for HS256": RSA.jwk | {"alg": "HS256"},
    "for none": RSA.jwk | {"alg": "none"},
    "for another family": RSA.jwk | {"alg": "ES256"},
    "for a list": RSA.jwk | {"alg": ["RS256"]},
    "private": RSA.private_jwk,
    "too short": rsa_signer(bits=1024).jwk,
    "no modulus": {"kty": "RSA", "kid": "rsa-1", "e": "AQAB"},
    "modulus that is a number": RSA.jwk | {"n": 7},
    "modulus that is no base64": RSA.jwk | {"n": "!"},
    "modulus that is empty": RSA.jwk | {"n": ""},
    "even exponent": RSA.jwk | {"e": "Ag"},
    "name that is a number": RSA.jwk | {"kid": 1},
    "type that is a list": RSA.jwk | {"kty": ["RSA"]},
    "type nobody knows": RSA.jwk | {"kty": "PQC"},
    "point not on its curve": EC.jwk | {"kid": "rsa-1", "x": EC.jwk["y"]},
    "curve of Bitcoin": EC.jwk | {"kid": "rsa-1", "crv": "secp256k1"},
    "curve for agreement": {"kty": "OKP", "crv": "X25519", "kid": "rsa-1", "x": "AAAA"},
    "point of no length": {"kty": "OKP", "crv": "Ed25519", "kid": "rsa-1", "x": ""},
    "text": "rsa-1",
    "number": 7,
    "null": None,
    "list": [RSA.jwk],
    "nothing": {},
}


@pytest.mark.parametrize("jwk", UNUSABLE.values(), ids=UNUSABLE)
async def test_key_that_cannot_be_used_is_none_and_spoils_no_other(
    issuer: Issuer, keys: JsonWebKeySet, jwk: object
) -> None:
    issuer.published = [jwk, EC.jwk]

    for algorithm in ("RS256", "PS256", "HS256", "ES256", "EdDSA", "none"):
        assert not await knows(keys, "rsa-1", algorithm)
    assert not await knows(keys, None, "RS256")
    assert await knows(keys, EC.kid, "ES256")


async def test_key_says_itself_what_it_is_for(issuer: Issuer, keys: JsonWebKeySet) -> None:
    issuer.published = [RSA.jwk | {"alg": "PS256"}, ed_signer().jwk | {"use": None}]
    issuer.published[1].pop("use")

    assert await knows(keys, RSA.kid, "PS256")
    assert not await knows(keys, RSA.kid, "RS256")
    assert await knows(keys, "ed-1", "EdDSA")


async def test_set_without_a_key_we_can_use_is_said_in_the_log(
    issuer: Issuer, keys: JsonWebKeySet, logged: Logged
) -> None:
    issuer.published = [UNUSABLE["secret"]]

    with pytest.raises(IdentityUnavailable):
        await keys.find(RSA.kid, "RS256")

    assert logged.lines == [{"event": "identity_without_usable_keys", "level": "error"}]
