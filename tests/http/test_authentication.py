"""Who is asking, and what one patient can learn of another."""

from uuid import uuid4

import pytest

from tests.asgi import Answer, Client
from tests.http.calls import (
    CONNECTIONS,
    EXCHANGE,
    JSON,
    MINT,
    assert_refused,
    connections_of,
    exchange,
)

BODY = b'{"link_token": "link-test-connected"}'

each_route = pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", EXCHANGE),
        ("POST", MINT),
        ("GET", CONNECTIONS),
        ("GET", f"{CONNECTIONS}/{uuid4()}"),
    ],
    ids=["exchange", "mint", "list", "get"],
)


@each_route
async def test_request_without_a_bearer_token_is_unauthenticated(
    client: Client, method: str, path: str
) -> None:
    answer = await ask(client, method, path)

    assert_refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic ZGVtbzpkZW1v", "staging.demo", "Bearerstaging.demo"],
)
@each_route
async def test_anything_but_a_bearer_token_is_unauthenticated(
    client: Client, method: str, path: str, authorization: str
) -> None:
    answer = await ask(client, method, path, authorization)

    assert_refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "token",
    [
        "demo",
        "stagingdemo",
        "Staging.demo",
        "staging",
        "staging.",
        "eyJhbGciOiJub25lIn0.e30.",
        f"staging.{'x' * 256}",
    ],
    ids=lambda token: token[:20],
)
@each_route
async def test_token_that_names_no_patient_is_invalid(
    client: Client, method: str, path: str, token: str
) -> None:
    answer = await ask(client, method, path, f"Bearer {token}")

    assert_refused(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert token not in answer.body.decode()


@each_route
async def test_two_tokens_are_invalid_even_if_equal(
    client: Client, method: str, path: str
) -> None:
    answer = await ask(client, method, path, "Bearer staging.demo", "Bearer staging.demo")

    assert_refused(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@each_route
async def test_token_in_the_query_is_none(client: Client, method: str, path: str) -> None:
    answer = await ask(client, method, f"{path}?access_token=staging.demo")

    assert_refused(answer, 401, "unauthenticated")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
async def test_scheme_is_read_in_any_case(client: Client, scheme: str) -> None:
    answer = await ask(client, "POST", EXCHANGE, f"{scheme} staging.demo")

    assert (answer.status, answer.json["patient_id"]) == (201, "demo")


async def test_who_asks_is_settled_before_the_body_is_looked_at(client: Client) -> None:
    answer = await client.request("POST", EXCHANGE, body=b"not JSON")

    assert_refused(answer, 401, "unauthenticated")


async def test_longest_patient_id_is_a_patient(client: Client) -> None:
    assert await connections_of(client, "x" * 255) == []


async def test_patient_sees_their_own_connections_only(client: Client) -> None:
    await exchange(client, "link-test-connected")

    assert len(await connections_of(client, "demo")) == 1
    assert await connections_of(client, "ben") == []


async def test_another_patients_connection_is_no_different_from_none(client: Client) -> None:
    connection = (await exchange(client, "link-test-connected")).json

    others = await client.get(f"{CONNECTIONS}/{connection['id']}", patient="ben")
    unknown = await client.get(f"{CONNECTIONS}/{uuid4()}", patient="ben")

    assert_refused(others, 404, "not_found")
    assert (others.status, others.body) == (unknown.status, unknown.body)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json"])
async def test_probes_and_the_document_need_no_token(client: Client, path: str) -> None:
    assert (await ask(client, "GET", path)).status == 200


async def ask(client: Client, method: str, path: str, *authorization: str) -> Answer:
    headers = [JSON, *(("authorization", value) for value in authorization)]
    return await client.request(method, path, headers=headers, body=BODY)
