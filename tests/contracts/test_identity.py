"""What Identity promises, over every adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.clock import FixedClock
from adapters.identity.introspection import IntrospectionIdentity, open_session
from adapters.identity.staging import StagingIdentity
from domain.errors import InvalidToken
from ports.identity import BearerToken, Identity
from tests.authority import CLIENT_ID, CLIENT_SECRET, an_authority
from tests.builders import ANNA

ANNAS_TOKEN = "staging.anna"  # the one form of token that staging takes


@asynccontextmanager
async def staging(_: FixedClock) -> AsyncIterator[Identity]:
    yield StagingIdentity()


@asynccontextmanager
async def introspection(clock: FixedClock) -> AsyncIterator[Identity]:
    async with an_authority() as authority, open_session(CLIENT_ID, CLIENT_SECRET) as session:
        authority.tokens[ANNAS_TOKEN] = {"active": True, "sub": "anna", "scope": "admin:*"}
        yield IntrospectionIdentity(session, url=authority.url, patient_claim="sub", clock=clock)


@pytest.fixture(params=[staging, introspection])
async def identity(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Identity]:
    async with request.param(clock) as identity:
        yield identity


async def test_token_speaks_for_its_patient(identity: Identity) -> None:
    principal = await identity.authenticate(BearerToken(ANNAS_TOKEN))

    assert principal.patient(required_scope=None) == ANNA
    assert principal.patient(required_scope="write:wearables") == ANNA


@pytest.mark.parametrize("token", ["", "anna", "STAGING.anna", "staging", "another", "\u00fc"])
async def test_other_tokens_are_invalid(identity: Identity, token: str) -> None:
    with pytest.raises(InvalidToken):
        await identity.authenticate(BearerToken(token))


def test_bearer_token_never_shows_itself() -> None:
    token = BearerToken("the secret")

    assert "the secret" not in f"{token} {token!r}"
    assert token.reveal() == "the secret"
