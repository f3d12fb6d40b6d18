"""`wearable-link doctor`: the authority on bearer tokens."""

from typing import Any, Final

import jwt
import pytest

from entrypoints.doctor import identity
from tests.adapters.upstream import Behaviour, reply, reset, upstream
from tests.authority import CLIENT_ID, CLIENT_SECRET, an_authority
from tests.e2e.processes import a_free_port
from tests.entrypoints.diagnosed import diagnose
from tests.issuer import AUDIENCE, ISSUER, an_issuer, rsa_signer


def introspecting(url: str, secret: str = CLIENT_SECRET) -> dict[str, str]:
    return {
        "IDENTITY": "introspection",
        "INTROSPECTION_URL": url,
        "INTROSPECTION_CLIENT_ID": CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": secret,
    }


def signed(url: str, issuer: str = ISSUER) -> dict[str, str]:
    return {
        "IDENTITY": "jwt",
        "JWT_JWKS_URL": url,
        "JWT_ISSUER": issuer,
        "JWT_AUDIENCE": AUDIENCE,
    }


NOWHERE: Final = f"http://127.0.0.1:{a_free_port()}/"


@pytest.mark.parametrize(
    ("environ", "staging", "state", "says"),
    [
        ({}, True, "green", "staging"),
        (introspecting(NOWHERE, "a secret of enough letters"), False, "green", "introspection"),
        (signed(NOWHERE), False, "green", "jwt"),
        (introspecting(NOWHERE, "short"), False, "yellow", "INTROSPECTION_CLIENT_SECRET"),
        (signed(NOWHERE, "identity.example"), False, "yellow", "JWT_ISSUER"),
        ({}, False, "red", "IDENTITY: expected introspection or jwt"),
        (introspecting("http://authority.example"), False, "red", "INTROSPECTION_URL: expected"),
        ({"IDENTITY": "jwt"}, False, "red", "JWT_ISSUER: missing; JWT_AUDIENCE: missing"),
    ],
)
async def test_settings_of_identity(
    environ: dict[str, str],
    staging: bool,  # noqa: FBT001  (a column)
    state: str,
    says: str,
) -> None:
    finding = await diagnose("identity-settings", environ, staging=staging)

    assert finding.state == state
    assert says in finding.says


async def test_staging_asks_nobody() -> None:
    assert (await diagnose("identity-answers", {}, staging=True)).state == "green"


async def test_authority_is_not_asked_while_its_settings_are_wrong() -> None:
    finding = await diagnose("identity-answers", {})

    assert (finding.state, finding.says) == ("yellow", "not looked at: IDENTITY is wrong")


async def test_authority_that_takes_our_credentials() -> None:
    async with an_authority() as authority:
        finding = await diagnose("identity-answers", introspecting(authority.url))

    assert finding.state == "green"
    assert len(authority.asked) == 1


async def test_authority_that_refuses_our_credentials() -> None:
    async with an_authority() as authority:
        finding = await diagnose("identity-answers", introspecting(authority.url, "another one"))

    assert (finding.state, "credentials" in finding.advice) == ("red", True)


async def test_authority_that_believes_everybody() -> None:
    said = {"active": True, "sub": "anna", "client_id": "an app"}
    async with upstream(reply(200, said)) as authority:
        finding = await diagnose("identity-answers", introspecting(authority.url))

    assert (finding.state, finding.says) == ("red", "a made-up token was believed")


@pytest.mark.parametrize("environ", [introspecting(NOWHERE), signed(NOWHERE)])
async def test_authority_that_is_away(environ: dict[str, str]) -> None:
    finding = await diagnose("identity-answers", environ)

    assert finding.state == "red"
    assert finding.says.endswith("ClientConnectorError")


async def test_keys_that_are_published() -> None:
    async with an_issuer(rsa_signer()) as issuer:
        finding = await diagnose("identity-answers", signed(issuer.url))

    assert finding.state == "green"
    assert issuer.fetches == 1


@pytest.mark.parametrize(
    "answer", [reply(404, b""), reply(200, {"keys": []}), reply(200, b"<h1>"), reset]
)
async def test_keys_that_are_not(answer: bytes | Behaviour) -> None:
    async with upstream(answer) as issuer:
        finding = await diagnose("identity-answers", signed(issuer.url))

    assert finding.state == "red"


def test_made_up_token_is_nobodys_and_names_a_key() -> None:
    header: dict[str, Any] = jwt.get_unverified_header(identity._MADE_UP.reveal())  # noqa: SLF001

    assert header == {"alg": "RS256", "kid": "wearable-link-doctor"}
