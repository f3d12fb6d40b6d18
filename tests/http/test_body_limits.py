"""How much a body may hold, what it must say it is, and a client that leaves in the middle."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.asgi import Client
from tests.http.calls import (
    AS_DEMO,
    EXCHANGE,
    JSON,
    MINT,
    assert_refused,
    connections_of,
    send,
)

LIMIT = 64 * 1024
BODY = b'{"link_token": "link-test-connected"}'


def padded(size: int) -> bytes:
    """A good body of exactly `size` bytes."""
    start, end = b'{"link_token": "link-test-connected", "padding": "', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


async def test_body_of_64_kib_is_taken(client: Client) -> None:
    assert (await send(client, EXCHANGE, padded(LIMIT))).status == 201


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + 1024, 4 * LIMIT])
@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_larger_body_is_refused(client: Client, path: str, size: int) -> None:
    body = padded(size)
    headers = [AS_DEMO, JSON, ("content-length", str(size))]

    answer = await client.request("POST", path, headers=headers, body=body)

    assert_refused(answer, 413, "payload_too_large")
    assert await connections_of(client) == []


async def test_larger_body_in_chunks_is_refused(client: Client) -> None:
    body = padded(LIMIT + 1024)
    chunks = [body[at : at + 1000] for at in range(0, len(body), 1000)]

    assert_refused(await send(client, EXCHANGE, chunks), 413, "payload_too_large")


async def test_larger_body_is_not_read_to_its_end(client: Client) -> None:
    received = 0

    async def endless(scope: Scope, _: Receive, send: Send) -> None:
        async def receive() -> Message:
            nonlocal received
            received += 1000
            return {"type": "http.request", "body": b" " * 1000, "more_body": True}

        await client.app(scope, receive, send)

    answer = await Client(endless, client.state).request("POST", EXCHANGE, headers=[AS_DEMO, JSON])

    assert_refused(answer, 413, "payload_too_large")
    assert received < LIMIT + 2000


async def test_body_may_come_byte_by_byte(client: Client) -> None:
    answer = await send(client, EXCHANGE, [BODY[at : at + 1] for at in range(len(BODY))])

    assert answer.status == 201


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=utf-8;a=b",
        "APPLICATION/JSON",
        " application/json ; charset=utf-8",
    ],
)
async def test_json_is_taken_with_any_parameters_and_in_any_case(
    client: Client, media_type: str
) -> None:
    headers = [AS_DEMO, ("content-type", media_type)]

    answer = await client.request("POST", EXCHANGE, headers=headers, body=BODY)

    assert answer.status == 201


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "application/jsonx",
        "application/json-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "text/plain; application/json",
    ],
)
@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_any_other_media_type_is_refused(client: Client, path: str, media_type: str) -> None:
    headers = [AS_DEMO, ("content-type", media_type)]

    answer = await client.request("POST", path, headers=headers, body=BODY)

    assert_refused(answer, 415, "unsupported_media_type")
    assert await connections_of(client) == []


@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_body_of_no_media_type_is_refused(client: Client, path: str) -> None:
    answer = await client.request("POST", path, headers=[AS_DEMO], body=BODY)

    assert_refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_client_that_leaves_in_the_middle_of_its_body_is_no_defect(
    client: Client, path: str
) -> None:
    async def hung_up(scope: Scope, _: Receive, send: Send) -> None:
        heard: list[Message] = [
            {"type": "http.request", "body": BODY[:10], "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive() -> Message:
            return heard.pop(0)

        await client.app(scope, receive, send)

    answer = await Client(hung_up, client.state).request("POST", path, headers=[AS_DEMO, JSON])

    assert answer.status == 400
    assert await connections_of(client) == []
