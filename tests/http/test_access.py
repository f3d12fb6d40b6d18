"""RFC 6750, 3 and 3.1: the status, challenge and error of each way to be refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from entrypoints.container import create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Client, running
from tests.authority import CLIENT_ID, CLIENT_SECRET, Authority, an_authority

CONNECTIONS = "/v1/wearables/connections"
SCOPE = "write:wearables"
ANNA = {"active": True, "sub": "anna", "client_id": "an app", "scope": f"openid {SCOPE}"}


@pytest.fixture
async def authority() -> AsyncIterator[Authority]:
    async with an_authority() as authority:
        yield authority


@pytest.fixture
async def client(authority: Authority, tmp_path: Path) -> AsyncIterator[Client]:
    """The service as in production but for Junction, which is this machine's own."""
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/link.db",
        "IDENTITY": "introspection",
        "INTROSPECTION_URL": authority.url,
        "INTROSPECTION_CLIENT_ID": CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": CLIENT_SECRET,
        "JUNCTION_API_KEY": "sk_us_made_up",
        "JUNCTION_BASE_URL": "http://127.0.0.1:1",
        "REQUIRED_SCOPE": SCOPE,
    }
    container = create_container(load_settings(environ, staging=False, public_url=""))
    container.prepare_storage()
    async with running(create_app(container)) as client:
        yield client


@pytest.mark.parametrize(
    ("said", "status", "error", "challenge"),
    [
        (ANNA, 200, None, None),
        (ANNA | {"scope": "manage:wearables"}, 200, None, None),
        (ANNA | {"scope": "admin:*"}, 200, None, None),
        ({"active": False}, 401, "invalid_token", 'Bearer error="invalid_token"'),
        (ANNA | {"exp": 1}, 401, "invalid_token", 'Bearer error="invalid_token"'),
        (ANNA | {"sub": "x" * 256}, 401, "invalid_token", 'Bearer error="invalid_token"'),
        (ANNA | {"sub": "an\nna"}, 401, "invalid_token", 'Bearer error="invalid_token"'),
        (
            ANNA | {"scope": "read:wearables"},
            403,
            "insufficient_scope",
            f'Bearer error="insufficient_scope", scope="{SCOPE}"',
        ),
        (
            {"active": True, "sub": "anna"},
            403,
            "insufficient_scope",
            f'Bearer error="insufficient_scope", scope="{SCOPE}"',
        ),
        (ANNA | {"sub": "an app"}, 403, "patient_required", None),
        (ANNA | {"sub": None}, 403, "patient_required", None),
        ({"sub": "anna"}, 503, "identity_unavailable", None),
    ],
    ids=[
        "scope granted",
        "higher scope",
        "every scope",
        "not active",
        "expired",
        "subject too long",
        "control character",
        "another scope",
        "no scope",
        "client itself",
        "no subject",
        "no usable answer",
    ],
)
async def test_token_is_answered_as_the_authority_says(
    client: Client,
    authority: Authority,
    said: dict[str, object],
    status: int,
    error: str | None,
    challenge: str | None,
) -> None:
    authority.tokens["opaque"] = said
    headers = [("authorization", "Bearer opaque")]

    answer = await client.request("GET", CONNECTIONS, headers=headers)

    assert answer.status == status
    assert answer.json.get("error") == error
    assert answer.headers.get("www-authenticate") == challenge
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_request_without_a_token_asks_nobody(client: Client, authority: Authority) -> None:
    answer = await client.request("GET", CONNECTIONS)

    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert authority.asked == []


async def test_stagings_token_is_no_more_than_invalid(client: Client) -> None:
    answer = await client.get(CONNECTIONS, patient="demo")

    assert (answer.status, answer.json["error"]) == (401, "invalid_token")


async def test_no_well_known_token_exists(client: Client, authority: Authority) -> None:
    authority.tokens["opaque"] = ANNA | {"sub": "demo"}
    headers = [("authorization", "Bearer opaque"), ("content-type", "application/json")]
    body = b'{"link_token": "link-test-connected"}'

    answer = await client.request(
        "POST", "/v1/wearables/link/exchange", headers=headers, body=body
    )

    assert (answer.status, answer.json["error"]) == (400, "invalid_link_token")
