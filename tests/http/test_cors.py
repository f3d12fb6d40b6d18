"""CORS as a browser goes about it: first it asks, then it sends, then it looks who may read."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from dependency_injector import providers

from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Answer, Client, running
from tests.http.calls import AS_DEMO, CONNECTIONS, EXCHANGE, JSON, MINT, assert_refused

APP: Final = "https://app.example"
OTHER: Final = "https://evil.example"
BODY: Final = b'{"link_token": "link-test-connected"}'


@pytest.fixture
def letting_in(tmp_path: Path) -> Container:
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/staging.db",
        "CORS_ALLOWED_ORIGINS": f"{APP},http://localhost:5173",
    }
    container = create_container(load_settings(environ, staging=True, public_url=""))
    container.prepare_storage()
    return container


@pytest.fixture
async def client(letting_in: Container) -> AsyncIterator[Client]:
    async with running(create_app(letting_in)) as client:
        yield client


async def preflight(
    client: Client, path: str, method: str, headers: str, *, origin: str = APP
) -> Answer:
    return await client.request(
        "OPTIONS",
        path,
        headers=[
            ("accept", "*/*"),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
            ("origin", origin),
            ("sec-fetch-mode", "cors"),
        ],
    )


def may_read(answer: Answer, origin: str) -> bool:
    """Fetch standard, 4.10, the CORS check, for a request without credentials."""
    return answer.headers.get("access-control-allow-origin") in {"*", origin}


def listed(answer: Answer, header: str) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get(header, "").split(",")}


@pytest.mark.parametrize("origin", [APP, "http://localhost:5173"])
@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_page_that_is_let_in_asks_sends_and_reads(
    client: Client, path: str, origin: str
) -> None:
    headers = "authorization,content-type,idempotency-key"
    asked = await preflight(client, path, "POST", headers, origin=origin)

    assert asked.status == 200
    assert may_read(asked, origin)
    assert "post" in listed(asked, "access-control-allow-methods")
    assert {"authorization", "content-type", "idempotency-key"} <= listed(
        asked, "access-control-allow-headers"
    )
    assert "access-control-allow-credentials" not in asked.headers

    body = BODY if path == EXCHANGE else b"{}"
    answer = await client.request(
        "POST", path, headers=[AS_DEMO, JSON, ("origin", origin)], body=body
    )

    assert answer.status == 201
    assert may_read(answer, origin)
    assert {"origin"} <= listed(answer, "vary")
    assert {"x-request-id", "retry-after", "www-authenticate"} == listed(
        answer, "access-control-expose-headers"
    )


async def test_page_that_is_let_in_reads_refusals_too(client: Client) -> None:
    asked = await preflight(client, CONNECTIONS, "GET", "authorization,x-request-id")
    unauthenticated = await client.request("GET", CONNECTIONS, headers=[("origin", APP)])
    nowhere = await client.request("GET", "/nowhere", headers=[("origin", APP)])

    assert asked.status == 200
    assert_refused(unauthenticated, 401, "unauthenticated")
    assert_refused(nowhere, 404, "not_found")
    assert may_read(unauthenticated, APP)
    assert may_read(nowhere, APP)


async def test_page_that_is_let_in_reads_the_answer_to_a_defect(letting_in: Container) -> None:
    letting_in.junction.override(providers.Object(None))
    async with running(create_app(letting_in)) as client:
        answer = await client.request(
            "POST", MINT, headers=[AS_DEMO, JSON, ("origin", APP)], body=b"{}"
        )

    assert_refused(answer, 500, "internal_error")
    assert may_read(answer, APP)


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        (OTHER, "POST", "authorization"),
        ("null", "POST", "authorization"),
        (f"{APP}.evil.example", "POST", "authorization"),
        ("https://app.exampl", "POST", "authorization"),
        ("http://app.example", "POST", "authorization"),
        (APP.upper(), "POST", "authorization"),
        (APP, "TRACE", "authorization"),
        (APP, "POST", "x-anything"),
    ],
)
async def test_question_that_is_refused_is_refused_in_our_body(
    client: Client, origin: str, method: str, headers: str
) -> None:
    answer = await preflight(client, EXCHANGE, method, headers, origin=origin)

    assert_refused(answer, 400, "validation_error")
    assert may_read(answer, origin) == (origin == APP)
    assert "origin" in listed(answer, "vary")
    assert "x-request-id" in answer.headers


async def test_page_that_is_not_let_in_cannot_read(client: Client) -> None:
    answer = await client.request(
        "POST", EXCHANGE, headers=[AS_DEMO, JSON, ("origin", OTHER)], body=BODY
    )

    assert answer.status == 201  # what is no page may send any Origin: the bearer token decides
    assert not may_read(answer, OTHER)
    assert "origin" in listed(answer, "vary")


async def test_caller_that_is_no_page_is_answered_as_ever(client: Client) -> None:
    answer = await client.request("POST", EXCHANGE, headers=[AS_DEMO, JSON], body=BODY)

    assert answer.status == 201
    assert "access-control-allow-origin" not in answer.headers


async def test_options_without_a_question_is_no_method_of_ours(client: Client) -> None:
    answer = await client.request("OPTIONS", EXCHANGE, headers=[("origin", APP)])

    assert_refused(answer, 405, "method_not_allowed")


async def test_by_default_no_page_is_let_in(container: Container) -> None:
    async with running(create_app(container)) as client:
        asked = await preflight(client, EXCHANGE, "POST", "authorization,content-type")
        answer = await client.request(
            "POST", EXCHANGE, headers=[AS_DEMO, JSON, ("origin", APP)], body=BODY
        )

    assert_refused(asked, 405, "method_not_allowed")
    assert answer.status == 201
    assert not [name for name in (*asked.headers, *answer.headers) if name.startswith("access-")]
