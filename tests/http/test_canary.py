"""The canary that watches every test of this folder is alive: it sees, and it falls silent."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

import msgspec
import pytest
import structlog

from entrypoints import log
from entrypoints.webhook_settings import STAGING_SECRET
from tests.asgi import Answer, Client
from tests.canary import Canary
from tests.http.calls import CONNECTIONS, EXCHANGE, exchange, mint
from tests.logged import Logged
from tests.signing import WEBHOOK, signed

SECRET = "link-secret-of-anna"


def said_by_another_library(secret: str) -> None:
    logging.getLogger("databases").debug("query %s with %s", "SELECT ?", secret)


def written_into_its_sentence(secret: str) -> None:
    logging.getLogger("aiosqlite").error(f"could not bind {secret}")  # noqa: G004  (as they do)


def passed_as_an_extra(secret: str) -> None:
    logging.getLogger("aiohttp.client").warning(
        "slow", extra={"url": secret, "request_id": secret}
    )


def in_the_name_of_a_task(secret: str) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <%s>", secret)


def in_an_error(secret: str) -> None:
    try:
        dict[str, str]()[secret]
    except KeyError:
        logging.getLogger("anyone").exception("failed")


def in_an_error_of_ours(secret: str) -> None:
    structlog.get_logger().error("failed", exc_info=ValueError(secret))


def in_a_field_that_is_not_allowed(secret: str) -> None:
    structlog.get_logger().info("request", patient_id=secret)


def in_a_field_of_another_type(secret: str) -> None:
    structlog.get_logger().info("request", status=secret, cause={"type": secret})


LEAKS = [
    said_by_another_library,
    written_into_its_sentence,
    passed_as_an_extra,
    in_the_name_of_a_task,
    in_an_error,
    in_an_error_of_ours,
    in_a_field_that_is_not_allowed,
    in_a_field_of_another_type,
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_nothing_leaks_whoever_tries(
    canary: Canary, logged: Logged, leak: Callable[[str], None]
) -> None:
    canary.kept.add(SECRET)

    leak(SECRET)

    assert logged.lines
    canary.check()


@contextmanager
def untamed(logged: Logged) -> Iterator[None]:
    """As structlog and logging are where nobody cares."""
    text = TextIOWrapper(logged, write_through=True)
    plain = logging.StreamHandler(text)
    plain.setFormatter(logging.Formatter("%(message)s %(url)s", defaults={"url": ""}))
    logging.basicConfig(handlers=[plain], level=logging.DEBUG, force=True)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(text),
    )
    yield
    text.detach()


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_canary_hears_each_of_them_where_nothing_is_tamed(
    logged: Logged, leak: Callable[[str], None]
) -> None:
    canary = Canary(logged, {SECRET})
    with untamed(logged):
        leak(SECRET)

    with pytest.raises(AssertionError):
        canary.check()
    logged.truncate(0)


async def test_canary_sees_what_is_counted(client: Client) -> None:
    mute = Canary(Logged(), {SECRET})
    client.state["request_figures"].count((SECRET, "GET", 200), 0.1)

    mute.watch(client.state["metrics"])

    with pytest.raises(AssertionError):
        mute.check()


async def test_canary_looks_at_what_is_counted_in_every_test_here(
    client: Client, canary: Canary
) -> None:
    await exchange(client, "link-test-connected")

    [counted] = canary.scraped.values()
    assert f'route="{EXCHANGE}",status="201"' in counted


async def test_canary_learns_what_must_not_show(client: Client, canary: Canary) -> None:
    token = await mint(client, patient="patient-of-canary")
    connection = (await exchange(client, "link-test-connected")).json
    await client.get(CONNECTIONS, patient="ben")

    assert {
        token,
        "patient-of-canary",
        "staging.patient-of-canary",
        "link-test-connected",
        connection["junction_user_id"],
        "demo",
        "ben",
    } <= canary.kept


async def test_canary_learns_what_must_not_show_of_a_webhook(
    client: Client, canary: Canary
) -> None:
    about = {"user_id": "user-of-canary", "client_user_id": "patient-of-canary"}
    body = msgspec.json.encode({"event_type": "a", "data": about})
    headers = signed(body, timestamp=1)

    await client.request("POST", WEBHOOK, headers=headers, body=body)

    signature = headers[2][1].removeprefix("v1,")
    assert {"user-of-canary", "patient-of-canary", signature} <= canary.kept


@pytest.mark.parametrize("secret", ["whsec_of_any", STAGING_SECRET.removeprefix("whsec_")])
def test_canary_knows_the_secret_of_webhooks(logged: Logged, secret: str) -> None:
    canary = Canary(logged)
    with untamed(logged):
        written_into_its_sentence(secret)

    with pytest.raises(AssertionError):
        canary.check()
    logged.truncate(0)


async def test_canary_hears_what_a_refusal_tells(canary: Canary) -> None:
    told = Answer(400, {}, b'{"error": "invalid_link_token", "message": "It belongs to ben."}')
    mute = Canary(canary.logged, {"ben"})

    mute.hear([], b"", told)

    with pytest.raises(AssertionError):
        mute.check()


async def test_other_libraries_are_heard_at_all(client: Client, logged: Logged) -> None:
    await exchange(client, "link-test-connected")

    loggers = {line.get("logger") for line in logged.lines}
    assert "aiosqlite" in loggers
    assert {"event", "level", "logger", "place"} == {
        name for line in logged.lines if "logger" in line for name in line
    }


async def test_service_as_it_runs_says_less(client: Client, logged: Logged) -> None:
    log.configure(logged)
    logged.truncate(0)
    logged.seek(0)
    answer: Any = await exchange(client, "link-test-connected")

    assert answer.status == 201
    assert [line for line in logged.lines if "logger" in line] == []
