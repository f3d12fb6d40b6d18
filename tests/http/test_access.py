"""RFC 6750, 3 and 3.1: the status, challenge and error of each way to be refused.

Alike for opaque tokens, about which the authority is asked, and for those that it has signed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.http.routes import ROUTES
from entrypoints.settings import load_settings
from tests.asgi import Answer, Client, running
from tests.authority import CLIENT_ID, CLIENT_SECRET, Authority, an_authority
from tests.http.calls import CONNECTIONS, EXCHANGE, JSON, assert_refused
from tests.http.edge import edge
from tests.issuer import AUDIENCE, ISSUER, Issuer, an_issuer, rsa_signer

SCOPE: Final = "write:wearables"
ANNA: Final = {"sub": "anna", "client_id": "an app", "scope": f"openid {SCOPE}"}
INVALID: Final = 'Bearer error="invalid_token"'
INSUFFICIENT: Final = f'Bearer error="insufficient_scope", scope="{SCOPE}"'
DOORS: Final = sorted(
    (method, route.path.replace("{id:uuid}", str(UUID(int=0))))
    for route in ROUTES
    for method in route.methods or ()
    if route.path.startswith("/v1/")
)


@dataclass(frozen=True)
class Kind:
    """How identity is set up, and how the authority gives out a token with these claims."""

    environ: dict[str, str]
    token: Callable[[dict[str, Any]], str]
    break_down: Callable[[], None]


@asynccontextmanager
async def introspection() -> AsyncIterator[Kind]:
    async with an_authority() as authority:

        def token(claims: dict[str, Any]) -> str:
            authority.tokens["opaque"] = {"active": True, **claims}
            return "opaque"

        yield Kind(introspection_at(authority), token, authority.broken.set)


def introspection_at(authority: Authority) -> dict[str, str]:
    return {
        "IDENTITY": "introspection",
        "INTROSPECTION_URL": authority.url,
        "INTROSPECTION_CLIENT_ID": CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": CLIENT_SECRET,
    }


@asynccontextmanager
async def jwt() -> AsyncIterator[Kind]:
    async with an_issuer(rsa_signer()) as issuer:

        def token(claims: dict[str, Any]) -> str:
            registered = {"iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 60}
            return rsa_signer().sign(registered | claims)

        yield Kind(jwt_of(issuer), token, issuer.published.clear)


def jwt_of(issuer: Issuer) -> dict[str, str]:
    return {
        "IDENTITY": "jwt",
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "JWT_JWKS_URL": issuer.url,
    }


@pytest.fixture(params=[introspection, jwt], ids=lambda kind: kind.__name__)
async def kind(request: pytest.FixtureRequest) -> AsyncIterator[Kind]:
    async with request.param() as kind:
        yield kind


@pytest.fixture
def container(kind: Kind, tmp_path: Path) -> Container:
    """The service as in production but for Junction, which is this machine's own."""
    environ = kind.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/link.db",
        "JUNCTION_API_KEY": "sk_us_made_up",
        "JUNCTION_BASE_URL": "http://127.0.0.1:1",
        "REQUIRED_SCOPE": SCOPE,
    }
    container = create_container(load_settings(environ, staging=False, public_url=""))
    container.prepare_storage()
    return container


@pytest.fixture
async def client(container: Container) -> AsyncIterator[Client]:
    async with running(create_app(container)) as client:
        yield client


async def ask(
    client: Client, *authorization: str, method: str = "GET", path: str = CONNECTIONS
) -> Answer:
    headers = [("authorization", value) for value in authorization]
    return await client.request(method, path, headers=headers)


each_door = pytest.mark.parametrize(("method", "path"), DOORS)


@each_door
async def test_nobody_comes_in_unnamed_or_without_the_scope(
    client: Client, kind: Kind, method: str, path: str
) -> None:
    lesser = kind.token(ANNA | {"scope": "read:wearables"})

    unnamed = await ask(client, method=method, path=path)
    unfit = await ask(client, f"Bearer {lesser}", method=method, path=path)

    assert_refused(unnamed, 401, "unauthenticated")
    assert_refused(unfit, 403, "insufficient_scope")


@each_door
async def test_nobody_comes_in_while_the_authority_cannot_be_asked(
    client: Client, kind: Kind, method: str, path: str
) -> None:
    token = kind.token(ANNA)
    kind.break_down()

    answer = await ask(client, f"Bearer {token}", method=method, path=path)

    assert_refused(answer, 503, "identity_unavailable")


@pytest.mark.parametrize(
    ("said", "status", "error", "challenge"),
    [
        ({}, 200, None, None),
        ({"scope": "manage:wearables"}, 200, None, None),
        ({"scope": "admin:*"}, 200, None, None),
        ({"exp": 1}, 401, "invalid_token", INVALID),
        ({"sub": "x" * 256}, 401, "invalid_token", INVALID),
        ({"sub": "an\nna"}, 401, "invalid_token", INVALID),
        ({"sub": ""}, 401, "invalid_token", INVALID),
        ({"scope": "read:wearables"}, 403, "insufficient_scope", INSUFFICIENT),
        ({"scope": f"{SCOPE}s"}, 403, "insufficient_scope", INSUFFICIENT),
        ({"scope": None}, 403, "insufficient_scope", INSUFFICIENT),
        ({"sub": "an app"}, 403, "patient_required", None),
        ({"sub": None}, 403, "patient_required", None),
    ],
    ids=[
        "scope granted",
        "higher scope",
        "every scope",
        "expired",
        "subject too long",
        "control character",
        "subject that is empty",
        "another scope",
        "scope but for a letter",
        "no scope",
        "client itself",
        "no subject",
    ],
)
async def test_token_is_answered_by_what_it_says(
    client: Client,
    kind: Kind,
    said: dict[str, Any],
    status: int,
    error: str | None,
    challenge: str | None,
) -> None:
    claims = {name: claim for name, claim in (ANNA | said).items() if claim is not None}

    answer = await ask(client, f"Bearer {kind.token(claims)}")

    assert (answer.status, answer.json.get("error")) == (status, error)
    assert answer.headers.get("www-authenticate") == challenge


async def test_while_the_authority_cannot_be_asked_nobody_is_let_in_or_called_a_liar(
    client: Client, kind: Kind
) -> None:
    token = kind.token(ANNA)
    kind.break_down()

    answer = await ask(client, f"Bearer {token}")

    assert_refused(answer, 503, "identity_unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEARER  "])
async def test_scheme_is_read_in_any_case(client: Client, kind: Kind, scheme: str) -> None:
    assert (await ask(client, f"{scheme} {kind.token(ANNA)}")).status == 200


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "=="),
        ("", "."),
        ("", "\xe9"),
        ("\xe9", ""),
        ("", "\x00"),
        ("", ","),
        ("Bearer ", ""),
        ("", " x"),
        ("", "\t"),
        ("", "x" * 8_000),
    ],
    ids=ascii,
)
async def test_token_with_anything_added_is_another_token(
    client: Client, kind: Kind, before: str, after: str
) -> None:
    answer = await ask(client, f"Bearer {before}{kind.token(ANNA)}{after}")

    assert answer.status == 401
    assert answer.json["error"] in {"invalid_token", "unauthenticated"}
    assert answer.headers["www-authenticate"] in {"Bearer", INVALID}


async def test_two_tokens_are_none(client: Client, kind: Kind) -> None:
    token = kind.token(ANNA)

    answer = await ask(client, f"Bearer {token}", f"Bearer {token}")

    assert_refused(answer, 401, "invalid_token")


async def test_token_in_the_query_is_none(client: Client, kind: Kind) -> None:
    answer = await ask(client, path=f"{CONNECTIONS}?access_token={kind.token(ANNA)}")

    assert_refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_token_in_the_body_is_none(client: Client, kind: Kind) -> None:
    form = ("content-type", "application/x-www-form-urlencoded")
    body = f"access_token={kind.token(ANNA)}".encode()

    answer = await client.request("POST", EXCHANGE, headers=[form], body=body)

    assert_refused(answer, 401, "unauthenticated")


async def test_token_of_three_megabytes_is_not_read_to_its_end(
    container: Container, kind: Kind
) -> None:
    head = f"GET {CONNECTIONS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {kind.token(ANNA)}"
    async with edge(create_app(container)) as server, server.peer() as peer:
        sending = asyncio.create_task(peer.send_until_cut_off(head.encode() + b"A" * 3_000_000))

        assert_refused(await peer.answer(), 431, "headers_too_large")
        assert await sending < 3_000_000


@pytest.mark.parametrize("token", ["staging.demo", "staging.anna"])
async def test_stagings_token_is_no_more_than_invalid(client: Client, token: str) -> None:
    answer = await ask(client, f"Bearer {token}")

    assert_refused(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == INVALID


async def test_no_well_known_token_exists(client: Client, kind: Kind) -> None:
    token = kind.token(ANNA | {"sub": "demo"})
    headers = [("authorization", f"Bearer {token}"), JSON]
    body = b'{"link_token": "link-test-connected"}'

    answer = await client.request("POST", EXCHANGE, headers=headers, body=body)

    assert_refused(answer, 400, "invalid_link_token")


@pytest.mark.parametrize("kind", [introspection], indirect=True)
async def test_opaque_token_that_is_not_active_is_invalid(client: Client, kind: Kind) -> None:
    answer = await ask(client, f"Bearer {kind.token(ANNA | {'active': False})}")

    assert_refused(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == INVALID
