"""The simulator's HTTP, as Junction documents its own."""

from typing import Final
from uuid import UUID

import pytest
from yarl import URL

from adapters.clock import FixedClock
from adapters.junction.http import open_session
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import user_id_of
from adapters.junction.simulator.app import create_simulator
from domain.identifiers import JunctionUserId, PatientId
from tests.adapters.asking import ask
from tests.adapters.upstream import KEY
from tests.asgi import Client
from tests.builders import ANNA
from tests.servers import serving

UNKNOWN: Final = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("key", [None, "", "pk_us_made_up", "SK_us"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/user/resolve/anna"),
        ("GET", f"/v2/user/providers/{UNKNOWN}"),
        ("POST", "/v2/user"),
        ("POST", "/v2/link/token"),
        ("DELETE", f"/v2/user/{UNKNOWN}"),
        ("DELETE", f"/v2/user/{UNKNOWN}/oura"),
    ],
)
async def test_call_without_a_sandbox_key_is_refused(
    client: Client, method: str, path: str, key: str | None
) -> None:
    headers = [] if key is None else [("x-vital-api-key", key)]
    answer = await client.request(method, path, headers=headers)

    assert (answer.status, answer.json) == (401, {"detail": "Invalid API key"})


async def test_created_user_is_answered_and_resolved_alike(client: Client) -> None:
    created = await ask(client, "POST", "/v2/user", {"client_user_id": "anna"})
    resolved = await ask(client, "GET", "/v2/user/resolve/anna")

    assert created.status == resolved.status == 200
    assert created.headers["content-type"] == "application/json"
    assert created.json["client_user_id"] == "anna"
    UUID(created.json["user_id"])
    UUID(created.json["team_id"])
    assert created.json == resolved.json


async def test_taken_client_user_id_is_a_conflict_that_names_the_user(client: Client) -> None:
    created = await ask(client, "POST", "/v2/user", {"client_user_id": "anna"})
    again = await ask(client, "POST", "/v2/user", {"client_user_id": "anna"})

    assert again.status == 400
    assert again.json["detail"] == {
        "error_type": "INVALID_REQUEST",
        "error_message": "Client user id already exists.",
        "user_id": created.json["user_id"],
        "created_on": "2026-11-22T12:00:00Z",
    }


async def test_sandbox_that_is_full_names_nobody(clock: FixedClock) -> None:
    model = JunctionModel(clock=clock, journal=InMemoryJournal(), user_limit=2)
    client = Client(create_simulator(model, link_page="/link"), {})
    for name in ("one", "two"):
        await ask(client, "POST", "/v2/user", {"client_user_id": name})
    refused = await ask(client, "POST", "/v2/user", {"client_user_id": "three"})
    taken = await ask(client, "POST", "/v2/user", {"client_user_id": "two"})

    assert refused.status == 400
    assert refused.json["detail"].keys() == {"error_type", "error_message"}
    assert taken.json["detail"].keys() > refused.json["detail"].keys()


@pytest.mark.parametrize(
    ("path", "field"), [("/v2/user", "client_user_id"), ("/v2/link/token", "user_id")]
)
@pytest.mark.parametrize(
    "body",
    [{}, b"", b"{", b"[]", b'{"x": "\xff"', b"[" * 100_000],
    ids=["missing", "none", "cut", "list", "invalid UTF-8", "deep"],
)
async def test_missing_field_is_a_422_with_a_list(
    client: Client, path: str, field: str, body: object
) -> None:
    answer = await ask(client, "POST", path, body)

    assert answer.status == 422
    [detail] = answer.json["detail"]
    assert (detail["type"], detail["loc"]) == ("missing", ["body", field])


async def test_malformed_user_id_is_a_422_with_a_string(client: Client) -> None:
    answer = await ask(client, "GET", "/v2/user/providers/me")

    assert answer.status == 422
    assert "user_id" in str(answer.json["detail"])
    assert isinstance(answer.json["detail"], str)


@pytest.mark.parametrize(
    ("method", "path", "body", "detail"),
    [
        ("GET", "/v2/user/resolve/nobody", None, "User not found"),
        ("GET", f"/v2/user/providers/{UNKNOWN}", None, "Not found"),
        ("POST", "/v2/link/token", {"user_id": UNKNOWN}, "Not found"),
    ],
    ids=["resolve", "providers", "mint"],
)
async def test_unknown_user_is_not_found(
    client: Client, method: str, path: str, body: object, detail: str
) -> None:
    answer = await ask(client, method, path, body)

    assert (answer.status, answer.json) == (404, {"detail": detail})


async def test_client_user_id_with_a_slash_resolves(model: JunctionModel) -> None:
    model.create_user(PatientId("a/b"))
    app = create_simulator(model, link_page="/link")
    async with serving(app) as url, open_session(KEY) as session:
        resolve = URL(f"{url}/v2/user/resolve/a%2Fb", encoded=True)
        async with session.get(resolve) as response:
            assert (await response.json())["client_user_id"] == "a/b"


async def test_user_id_is_derived_so_that_two_simulators_agree(client: Client) -> None:
    answer = await ask(client, "POST", "/v2/user", {"client_user_id": "anna"})

    assert JunctionUserId(answer.json["user_id"]) == user_id_of(ANNA)
