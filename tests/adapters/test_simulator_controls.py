"""What a tester can tell the simulator to say, and how to fail."""

import pytest

from adapters.junction.model import JunctionModel
from domain.identifiers import PatientId
from tests.adapters.upstream import KEY
from tests.asgi import Answer, Client
from tests.builders import ANNA

FAULTS = "/_simulator/faults"
ANNAS_OURA = "/_simulator/users/anna/providers/oura"


async def resolve(client: Client) -> Answer:
    headers = [("x-vital-api-key", KEY)]
    return await client.request("GET", "/v2/user/resolve/anna", headers=headers, stays=False)


@pytest.mark.parametrize(
    ("fault", "status", "content"),
    [
        ("unavailable", 500, b"Internal Server Error"),
        ("rate_limited", 429, b'{"detail":"Too many requests"}'),
        ("rejected_credentials", 401, b'{"detail":"Invalid API key"}'),
        ("garbage", 200, b"<html>This is not JSON"),
        ("slow", 504, b"Gateway Timeout"),  # once the caller has hung up, as `resolve` does
    ],
)
async def test_ordered_fault_is_served_once(
    client: Client, model: JunctionModel, fault: str, status: int, content: bytes
) -> None:
    model.create_user(ANNA)
    ordered = await client.post(FAULTS, {"faults": [fault]})

    failed = await resolve(client)
    assert ordered.status == 204
    assert (failed.status, failed.body) == (status, content)
    assert (await resolve(client)).status == 200


async def test_rate_limit_says_how_long_to_wait(client: Client) -> None:
    await client.post(FAULTS, {"faults": ["rate_limited"]})

    assert (await resolve(client)).headers["retry-after"] == "1"


async def test_ordered_faults_are_served_in_their_order(client: Client) -> None:
    await client.post(FAULTS, {"faults": ["unavailable", "rate_limited"]})
    await client.post(FAULTS, {"faults": ["rejected_credentials"]})

    assert [(await resolve(client)).status for _ in range(4)] == [500, 429, 401, 404]


async def test_call_without_a_key_uses_up_no_fault(client: Client) -> None:
    await client.post(FAULTS, {"faults": ["unavailable"]})
    await client.request("GET", "/v2/user/resolve/anna")

    assert (await resolve(client)).status == 500


@pytest.mark.parametrize("body", [{}, {"faults": ["earthquake"]}, {"faults": "slow"}, []])
async def test_order_that_cannot_be_read_is_a_422_and_orders_nothing(
    client: Client, body: object
) -> None:
    assert (await client.post(FAULTS, body)).status == 422
    assert (await resolve(client)).status == 404


async def test_tester_says_what_is_listed(client: Client, model: JunctionModel) -> None:
    user = model.create_user(ANNA)
    said = await client.request(
        "PUT", ANNAS_OURA, body=b'{"status": "error", "error_type": "token_refresh_failed"}'
    )

    assert said.status == 204
    [listing] = model.providers(user.id) or []
    assert (listing.slug, listing.status) == ("oura", "error")
    assert listing.error_type == "token_refresh_failed"


async def test_word_may_be_said_of_a_patient_with_a_slash(
    client: Client, model: JunctionModel
) -> None:
    user = model.create_user(PatientId("a/b"))
    path = "/_simulator/users/a/b/providers/oura"

    assert (await client.request("PUT", path, body=b'{"status": "connected"}')).status == 204
    assert len(model.providers(user.id) or []) == 1


async def test_tester_sees_what_is_listed_of_one_user(
    client: Client, model: JunctionModel
) -> None:
    model.create_user(PatientId("a/b"))
    model.create_user(ANNA)
    await client.request("PUT", ANNAS_OURA, body=b'{"status": "connected"}')
    whoop = "/_simulator/users/anna/providers/whoop_v2"
    await client.request("PUT", whoop, body=b'{"status": "error", "error_type": "unknown"}')

    annas = await client.get("/_simulator/users/anna/providers")
    anothers = await client.get("/_simulator/users/a/b/providers")

    assert annas.json["providers"] == [
        {"slug": "oura", "provider": "oura", "status": "connected", "error_type": None},
        {"slug": "whoop_v2", "provider": "whoop", "status": "error", "error_type": "unknown"},
    ]
    assert anothers.json == {"providers": []}
    assert (await client.get("/_simulator/users/ben/providers")).status == 404


async def test_null_status_unlists(client: Client, model: JunctionModel) -> None:
    user = model.create_user(ANNA)
    await client.request("PUT", ANNAS_OURA, body=b'{"status": "connected"}')
    for _ in range(2):  # also when there is nothing to unlist any more
        said = await client.request("PUT", ANNAS_OURA, body=b'{"status": null}')
        assert said.status == 204

    assert model.providers(user.id) == []


async def test_nothing_can_be_said_of_an_unknown_user(client: Client) -> None:
    said = await client.request("PUT", ANNAS_OURA, body=b'{"status": "connected"}')

    assert (said.status, said.json) == (404, {"detail": "Not found"})


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"status": 1}', b"connected", b'{"status": "\xff"}']
)
async def test_word_that_cannot_be_read_is_a_422_and_says_nothing(
    client: Client, model: JunctionModel, body: bytes
) -> None:
    user = model.create_user(ANNA)

    assert (await client.request("PUT", ANNAS_OURA, body=body)).status == 422
    assert model.providers(user.id) == []
