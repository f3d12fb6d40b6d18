"""The line that each request leaves."""

from typing import Any

import pytest
from dependency_injector import providers
from starlette.types import Message

from domain.identifiers import PatientId
from domain.junction_errors import JunctionUnavailable
from entrypoints import log
from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.asgi import Client, running
from tests.http.calls import AS_DEMO, CONNECTIONS, EXCHANGE, JSON, assert_refused, exchange
from tests.http.edge import GET, edge
from tests.logged import Logged

NAMED = ("x-request-id", "caller-1")


@pytest.fixture(autouse=True)
def as_it_runs(canary: object, logged: Logged) -> None:
    log.configure(logged)


async def test_request_is_a_line(client: Client, logged: Logged) -> None:
    body = b'{"link_token": "link-test-connected"}'

    await client.request("POST", f"{EXCHANGE}?a=b", headers=[AS_DEMO, JSON, NAMED], body=body)

    assert logged.lines == [
        {
            "event": "request",
            "level": "info",
            "request_id": "caller-1",
            "method": "POST",
            "route": EXCHANGE,
            "status": 201,
        }
    ]
    assert b'"milliseconds":' in logged.getvalue()


async def test_route_is_the_template_and_never_the_path(client: Client, logged: Logged) -> None:
    await client.get(f"{CONNECTIONS}/01a20536-5306-788b-8971-fd6028972fbc")
    await client.get("/patients/anna")

    assert [(line.get("route"), line["error"]) for line in logged.lines] == [
        (f"{CONNECTIONS}/{{id:uuid}}", "not_found"),
        (None, "not_found"),
    ]


async def test_refusal_is_told_by_its_code(client: Client, logged: Logged) -> None:
    await exchange(client, "link-test-foreign")
    await client.request("GET", CONNECTIONS)
    await client.request("PATCH", CONNECTIONS)
    await client.request("ANNA", CONNECTIONS)

    assert [(line["method"], line["status"], line["error"]) for line in logged.lines] == [
        ("POST", 400, "invalid_link_token"),
        ("GET", 401, "unauthenticated"),
        ("PATCH", 405, "method_not_allowed"),
        ("another", 405, "method_not_allowed"),
    ]
    assert all("cause" not in line for line in logged.lines)


async def test_failure_that_is_ours_to_mend_has_its_cause(client: Client, logged: Logged) -> None:
    await exchange(client, "link-test-junction-down")

    [line] = logged.lines
    assert (line["level"], line["status"], line["error"]) == ("error", 502, "junction_unavailable")
    assert line["cause"][0]["type"] == f"{JunctionUnavailable.__module__}.JunctionUnavailable"


class BrokenJunction:
    async def find_or_create_user(self, patient_id: PatientId, **_: object) -> Any:
        raise RuntimeError(f"canary of {patient_id}")


async def test_defect_is_one_line_with_its_cause_and_goes_no_further(
    container: Container, logged: Logged
) -> None:
    container.junction.override(providers.Object(BrokenJunction()))
    async with running(create_app(container)) as client:
        answer = await client.post("/v1/wearables/link/token", {})

    assert_refused(answer, 500, "internal_error")
    [line] = logged.lines
    assert (line["status"], line["error"]) == (500, "internal_error")
    assert line["cause"][1]["type"] == "RuntimeError"
    assert "canary" not in logged.text


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_probe_that_goes_well_leaves_no_line(
    client: Client, logged: Logged, path: str
) -> None:
    assert (await client.request("GET", path)).status == 200
    assert logged.lines == []

    assert (await client.request("POST", path)).status == 405
    assert len(logged.lines) == 1


async def test_request_that_the_server_refused_leaves_a_line(
    container: Container, logged: Logged
) -> None:
    async with edge(create_app(container)) as server:
        await server.ask(b"anna is no HTTP\r\n\r\n")
        await server.ask(GET[:-2] + b"a: " + b"x" * 17_000 + b"\r\n\r\n")

    assert [(line["status"], line["error"]) for line in logged.lines] == [
        (400, "validation_error"),
        (431, "headers_too_large"),
    ]


async def test_error_that_nobody_answered_for_is_the_servers(client: Client) -> None:
    async def gone(_: Message) -> None:
        raise ConnectionResetError

    scope = client._scope("GET", CONNECTIONS, [])  # noqa: SLF001  (a request without its answer)

    with pytest.raises(ConnectionResetError):
        await client.app(scope, gone, gone)  # type: ignore[arg-type]  # it receives nothing
