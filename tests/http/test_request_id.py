"""X-Request-Id comes in, if it is well formed, and goes out on every answer."""

from contextlib import suppress

import pytest
from dependency_injector import providers
from starlette.types import Receive, Scope, Send

from domain.identifiers import JunctionUserId
from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.asgi import Answer, Client, running
from tests.http.calls import (
    AS_DEMO,
    CONNECTIONS,
    EXCHANGE,
    JSON,
    MINT,
    assert_refused,
)

BODY = b'{"link_token": "link-test-connected"}'


class BrokenJunction:
    """Has a defect that nobody foresaw."""

    async def list_providers(self, _: JunctionUserId, **__: object) -> None:
        raise RuntimeError("canary: the cause")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", EXCHANGE, BODY, 201),
        ("GET", CONNECTIONS, b"", 200),
        ("GET", "/livez", b"", 200),
        ("GET", "/openapi.json", b"", 200),
        ("POST", EXCHANGE, b"", 400),
        ("GET", "/nowhere", b"", 404),
        ("GET", EXCHANGE, b"", 405),
        ("POST", EXCHANGE, b" " * (64 * 1024 + 1), 413),
        ("GET", "/junction/v2/user/resolve/demo", b"", 401),
    ],
)
async def test_callers_own_name_is_on_every_answer(
    client: Client, method: str, path: str, body: bytes, status: int
) -> None:
    headers = [AS_DEMO, JSON, ("x-request-id", "a-name/of:the+caller")]

    answer = await client.request(method, path, headers=headers, body=body)

    assert answer.status == status
    assert answer.headers["x-request-id"] == "a-name/of:the+caller"


async def test_callers_own_name_is_on_a_refused_identity_and_media_type(client: Client) -> None:
    name = ("x-request-id", "caller-1")

    unauthenticated = await client.request("POST", MINT, headers=[name])
    unsupported = await client.request("POST", MINT, headers=[name, AS_DEMO], body=b"a=b")

    assert (unauthenticated.status, unsupported.status) == (401, 415)
    assert unauthenticated.headers["x-request-id"] == "caller-1"
    assert unsupported.headers["x-request-id"] == "caller-1"


async def test_defect_answers_internal_error_with_the_name_and_nothing_of_the_cause(
    container: Container,
) -> None:
    container.junction.override(providers.Object(BrokenJunction()))
    async with running(create_app(container)) as client:
        answer = await despite_the_defect(client, ("x-request-id", "caller-1"))

    assert_refused(answer, 500, "internal_error")
    assert answer.headers["x-request-id"] == "caller-1"
    assert b"canary" not in answer.body
    assert b"RuntimeError" not in answer.body


@pytest.mark.parametrize("name", ["a", "caller-1", "A.b_c:d/e+f=g@h", "x" * 128])
async def test_well_formed_name_is_kept(client: Client, name: str) -> None:
    assert await named(client, name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "two words", "tab\there", "x" * 129, "naïve", "semi;colon", "<b>", '"quoted"'],
)
async def test_malformed_name_is_replaced(client: Client, name: str) -> None:
    given = await named(client, name)

    assert given
    assert given != name
    assert given.isalnum()


async def test_two_names_are_none(client: Client) -> None:
    assert await named(client, "caller-1", "caller-2") not in {"caller-1", "caller-2"}


async def test_nameless_request_is_given_a_name_of_its_own(client: Client) -> None:
    names = {await named(client) for _ in range(20)}

    assert len(names) == 20


async def named(client: Client, *names: str) -> str:
    headers = [("x-request-id", name) for name in names]
    return (await client.request("GET", "/livez", headers=headers)).headers["x-request-id"]


async def despite_the_defect(client: Client, *headers: tuple[str, str]) -> Answer:
    """The answer to an exchange; a server would now log what is raised after it."""

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(RuntimeError):
            await client.app(scope, receive, send)

    return await Client(server, client.state).request(
        "POST", EXCHANGE, headers=[AS_DEMO, JSON, *headers], body=BODY
    )
