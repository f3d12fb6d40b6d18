"""What Identity promises, over every adapter."""

import pytest

from adapters.identity.staging import StagingIdentity
from domain.errors import InvalidToken
from ports.identity import BearerToken, Identity


@pytest.fixture(params=[StagingIdentity])
def identity(request: pytest.FixtureRequest) -> Identity:
    made: Identity = request.param()
    return made


async def test_token_names_its_patient(identity: Identity) -> None:
    principal = await identity.authenticate(BearerToken("staging.anna"))

    assert principal.patient_id == "anna"


@pytest.mark.parametrize(
    "token",
    ["", "anna", "staging.", "staging." + "x" * 256, "staging.a\nb", "STAGING.anna"],
    ids=["empty", "not a token", "of nobody", "too long", "control character", "other case"],
)
async def test_other_tokens_are_invalid(identity: Identity, token: str) -> None:
    with pytest.raises(InvalidToken):
        await identity.authenticate(BearerToken(token))


def test_bearer_token_never_shows_itself() -> None:
    token = BearerToken("the secret")

    assert "the secret" not in f"{token} {token!r}"
    assert token.reveal() == "the secret"
