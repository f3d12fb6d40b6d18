"""The API document: valid, complete, and true of what the API answers."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from adapters.junction.faults import Fault
from domain.provider import Slug
from entrypoints.cli import main
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.openapi import document
from entrypoints.http.routes import ROUTES
from tests.asgi import Answer, Client, running
from tests.http.calls import AS_DEMO, CONNECTIONS, EXCHANGE, JSON, MINT, exchange, mint, send
from tests.http.hooked import DEMO, Sender, with_secrets
from tests.signing import WEBHOOK

READERS = {"/openapi.json", "/docs", "/docs/{name}"}


@pytest.fixture
def api() -> Any:
    return msgspec.json.decode(document())


def test_document_is_valid_openapi(api: Any) -> None:
    assert api["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(api).validate()


def test_every_route_is_documented_and_nothing_else(api: Any) -> None:
    documented = {
        (path, method.upper())
        for path, operations in api["paths"].items()
        for method in operations
    }

    assert documented == {
        (route.path.replace(":uuid", ""), method)
        for route in ROUTES
        for method in (route.methods or set()) - {"HEAD"}
        if route.path not in READERS
    }


def test_operations_have_names_of_their_own(api: Any) -> None:
    names = [
        operation["operationId"]
        for operations in api["paths"].values()
        for operation in operations.values()
    ]

    assert len(names) == len(set(names))


async def test_api_and_command_give_the_same_document(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/openapi.json")

    main(["openapi"])

    assert answer.headers["content-type"] == "application/json"
    assert answer.json == msgspec.json.decode(capsys.readouterr().out)


@pytest.mark.parametrize(
    "token",
    [
        "link-test-connected",
        "link-test-pending",
        "link-test-error",
        "link-test-expired",
        "link-test-junction-down",
        "unknown",
        "",
    ],
)
async def test_exchange_answers_as_documented(client: Client, api: Any, token: str) -> None:
    assert_documented(api, "post", EXCHANGE, await exchange(client, token))


async def test_exchange_of_a_provider_outside_the_eight_answers_as_documented(
    client: Client, container: Container, api: Any
) -> None:
    token = await mint(client)
    container.junction_model().link(token, Slug("fitbit"))

    assert_documented(api, "post", EXCHANGE, await exchange(client, token))


async def test_mint_answers_as_documented(client: Client, container: Container, api: Any) -> None:
    assert_documented(api, "post", MINT, await client.post(MINT, {"provider": "garmin"}))
    assert_documented(api, "post", MINT, await client.post(MINT, {"provider": None}))
    container.junction_model().faults.order(Fault.GARBAGE)
    assert_documented(api, "post", MINT, await client.post(MINT, {}))


@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_refused_bodies_are_answered_as_documented(
    client: Client, api: Any, path: str
) -> None:
    unauthenticated = await client.request("POST", path, headers=[JSON], body=b"{}")
    unsupported = await client.request("POST", path, headers=[AS_DEMO], body=b"a=b")
    too_large = await send(client, path, b" " * 70_000)

    for answer in (unauthenticated, unsupported, too_large):
        assert_documented(api, "post", path, answer)


async def test_webhooks_are_answered_as_documented(
    client: Client, container: Container, api: Any
) -> None:
    sender = Sender(client)
    await exchange(client, "link-test-connected")
    about = {"user_id": DEMO, "client_user_id": "demo", "data": {"provider": "oura"}}
    event = {"event_type": "provider.connection.error"} | about

    heard = await sender.send_now(event)
    container.junction_model().faults.order(Fault.GARBAGE)
    unread = await sender.send_now(event, "msg_2")
    unsigned = await sender.put([])
    no_event = await sender.send_now({})
    too_large = await sender.send_now({"event_type": "a", "data": "x" * 600_000})
    await container.storage().__aexit__(None, None, None)
    lost = await sender.send_now(event, "msg_3")

    answers = (heard, unread, unsigned, no_event, too_large, lost)
    assert [answer.status for answer in answers] == [200, 502, 401, 400, 413, 503]
    for answer in answers:
        assert_documented(api, "post", WEBHOOK, answer)


async def test_service_without_a_secret_answers_as_documented(
    container: Container, api: Any
) -> None:
    async with running(create_app(with_secrets(container))) as client:
        assert_documented(api, "post", WEBHOOK, await Sender(client).put([]))


async def test_metrics_are_answered_as_documented(client: Client, api: Any) -> None:
    answer = await client.get("/metrics")

    documented = api["paths"]["/metrics"]["get"]["responses"][str(answer.status)]["content"]
    assert answer.headers["content-type"].partition(";")[0] in documented


def test_webhooks_need_no_bearer_token(api: Any) -> None:
    operation = api["paths"][WEBHOOK]["post"]

    assert [set(alternative) for alternative in operation["security"]] == [
        {"svix-id", "svix-timestamp", "svix-signature"},
        {"webhook-id", "webhook-timestamp", "webhook-signature"},
    ]
    for scheme in set().union(*operation["security"]):
        declared = api["components"]["securitySchemes"][scheme]
        assert (declared["type"], declared["in"], declared["name"]) == ("apiKey", "header", scheme)


def test_every_operation_says_what_it_asks_of_its_caller(api: Any) -> None:
    schemes = {
        operation["operationId"]: [set(alternative) for alternative in operation["security"]]
        for operations in api["paths"].values()
        for operation in operations.values()
    }

    assert schemes.pop("receiveJunctionWebhook")
    assert [schemes.pop(probe) for probe in ("livez", "readyz", "metrics")] == [[], [], []]
    assert all(asked == [{"bearer"}] for asked in schemes.values())


def test_every_operation_is_under_a_heading_and_described(api: Any) -> None:
    headings = {tag["name"] for tag in api["tags"] if tag["description"]}

    for operations in api["paths"].values():
        for operation in operations.values():
            assert set(operation["tags"]) <= headings
            assert operation["summary"]
            assert operation["description"].endswith(".")


async def test_connections_are_answered_as_documented(client: Client, api: Any) -> None:
    assert_documented(api, "get", CONNECTIONS, await client.get(CONNECTIONS))
    connection = (await exchange(client, "link-test-connected")).json

    found = await client.get(f"{CONNECTIONS}/{connection['id']}")
    unknown = await client.get(f"{CONNECTIONS}/{uuid4()}")

    assert_documented(api, "get", CONNECTIONS, await client.get(CONNECTIONS))
    assert_documented(api, "get", f"{CONNECTIONS}/{{id}}", found)
    assert_documented(api, "get", f"{CONNECTIONS}/{{id}}", unknown)


async def test_lost_storage_is_answered_as_documented(
    client: Client, container: Container, api: Any
) -> None:
    await container.storage().__aexit__(None, None, None)

    assert_documented(api, "get", "/livez", await client.get("/livez"))
    assert_documented(api, "get", "/readyz", await client.get("/readyz"))
    assert_documented(api, "get", CONNECTIONS, await client.get(CONNECTIONS))
    assert_documented(api, "post", MINT, await client.post(MINT, {}))
    assert_documented(api, "post", EXCHANGE, await exchange(client, "link-test-connected"))


def assert_documented(api: Any, method: str, path: str, answer: Answer) -> None:
    """The operation documents the status, the body fits its schema, and has no other member."""
    content = api["paths"][path][method]["responses"][str(answer.status)]["content"]
    schema = content[answer.headers["content-type"]]["schema"]
    OAS31Validator({**schema, "components": api["components"]}).validate(answer.json)
    documented = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    assert answer.json.keys() <= documented.keys()
