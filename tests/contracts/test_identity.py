"""What Identity promises, over every adapter."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.clock import FixedClock
from adapters.identity.introspection import IntrospectionIdentity, open_session
from adapters.identity.jwks import JsonWebKeySet
from adapters.identity.jwks import open_session as open_jwks_session
from adapters.identity.jwt import JwtIdentity
from adapters.identity.staging import StagingIdentity
from adapters.tracing.identity import TracedIdentity
from domain.errors import InvalidToken
from domain.principal import Principal
from ports.identity import BearerToken, Identity
from tests.authority import CLIENT_ID, CLIENT_SECRET, an_authority
from tests.builders import ANNA
from tests.contracts.tracing import recorded
from tests.issuer import AUDIENCE, CLAIMS, ISSUER, an_issuer, rsa_signer


@dataclass(frozen=True)
class Issued:
    """An adapter, and a token that its authority gave Anna for everything."""

    identity: Identity
    annas_token: str


@asynccontextmanager
async def staging(_: FixedClock) -> AsyncIterator[Issued]:
    yield Issued(StagingIdentity(), "staging.anna")


@asynccontextmanager
async def traced(_: FixedClock) -> AsyncIterator[Issued]:
    with recorded() as tracer:
        yield Issued(TracedIdentity(StagingIdentity(), tracer), "staging.anna")


@asynccontextmanager
async def introspection(clock: FixedClock) -> AsyncIterator[Issued]:
    async with an_authority() as authority, open_session(CLIENT_ID, CLIENT_SECRET) as session:
        authority.tokens["opaque"] = {"active": True, "sub": "anna", "scope": "admin:*"}
        identity = IntrospectionIdentity(
            session, url=authority.url, patient_claim="sub", clock=clock
        )
        yield Issued(identity, "opaque")


@asynccontextmanager
async def jwt(clock: FixedClock) -> AsyncIterator[Issued]:
    async with an_issuer(rsa_signer()) as issuer, open_jwks_session() as session:
        identity = JwtIdentity(
            JsonWebKeySet(session, url=issuer.url, clock=clock),
            issuer=ISSUER,
            audience=AUDIENCE,
            patient_claim="sub",
            clock=clock,
        )
        yield Issued(identity, rsa_signer().sign(CLAIMS | {"scope": "admin:*"}))


@pytest.fixture(params=[staging, traced, introspection, jwt], ids=lambda make: make.__name__)
async def issued(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Issued]:
    async with request.param(clock) as issued:
        yield issued


async def test_token_speaks_for_its_patient(issued: Issued) -> None:
    principal = await issued.identity.authenticate(BearerToken(issued.annas_token))

    assert principal.patient(required_scope=None) == ANNA
    assert principal.patient(required_scope="write:wearables") == ANNA


@pytest.mark.parametrize("token", ["", "anna", "STAGING.anna", "staging", "another", "\u00fc"])
async def test_other_tokens_are_invalid(issued: Issued, token: str) -> None:
    with pytest.raises(InvalidToken):
        await issued.identity.authenticate(BearerToken(token))


async def test_token_with_anything_before_it_is_another_token(issued: Issued) -> None:
    with pytest.raises(InvalidToken):
        await issued.identity.authenticate(BearerToken(f"x{issued.annas_token}"))


async def test_tokens_at_once_speak_for_themselves_only(issued: Issued) -> None:
    tokens = [BearerToken(token) for token in (issued.annas_token, "another") for _ in range(10)]

    answers = await asyncio.gather(
        *map(issued.identity.authenticate, tokens), return_exceptions=True
    )

    assert len({answer for answer in answers[:10] if isinstance(answer, Principal)}) == 1
    assert all(isinstance(answer, InvalidToken) for answer in answers[10:])


def test_bearer_token_never_shows_itself() -> None:
    token = BearerToken("the secret")

    assert "the secret" not in f"{token} {token!r}"
    assert token.reveal() == "the secret"
