import pytest

from adapters.identity.staging import StagingIdentity
from domain.errors import InvalidToken
from ports.identity import BearerToken


@pytest.mark.parametrize(
    "patient_id",
    ["demo", "a/b", "ü", " ", "staging.demo", "x" * 255],
    ids=["name", "slash", "umlaut", "space", "the prefix again", "longest"],
)
async def test_token_is_the_patient_it_names(patient_id: str) -> None:
    principal = await StagingIdentity().authenticate(BearerToken(f"staging.{patient_id}"))

    assert principal.subject == patient_id


@pytest.mark.parametrize(
    "token",
    [
        "",
        "demo",
        "Staging.demo",
        " staging.demo",
        "staging",
    ],
    ids=[
        "nothing",
        "no prefix",
        "capital",
        "space before",
        "prefix without its dot",
    ],
)
async def test_other_tokens_are_invalid(token: str) -> None:
    with pytest.raises(InvalidToken):
        await StagingIdentity().authenticate(BearerToken(token))
