"""`wearable-link doctor`: secrets of webhooks, and a message signed with one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from entrypoints.doctor import webhooks
from entrypoints.http import svix
from entrypoints.webhook_settings import STAGING_SECRET
from tests.adapters.upstream import reply, upstream
from tests.e2e.processes import a_free_port, running
from tests.entrypoints.diagnosed import SECRET, diagnose

RIGHT: Final = {"JUNCTION_WEBHOOK_SECRETS": SECRET}
BAD: Final = {"JUNCTION_WEBHOOK_SECRETS": "whsec_short"}


@pytest.mark.parametrize(
    ("environ", "staging", "state", "says"),
    [
        (RIGHT, False, "green", "1 of the right shape"),
        ({}, True, "green", "published"),
        ({}, False, "yellow", "none is set"),
        (BAD, False, "red", "expected whsec_"),
        ({"JUNCTION_WEBHOOK_SECRETS": "whsec_***"}, False, "red", "expected whsec_"),
        ({"JUNCTION_WEBHOOK_SECRETS": SECRET[6:]}, False, "red", "expected whsec_"),
        (
            {"JUNCTION_WEBHOOK_SECRETS": f"{SECRET},{STAGING_SECRET}"},
            False,
            "red",
            "staging's secret",
        ),
    ],
)
async def test_shape_of_secrets(
    environ: dict[str, str],
    staging: bool,  # noqa: FBT001  (a column)
    state: str,
    says: str,
) -> None:
    finding = await diagnose("webhook-secrets", environ, staging=staging)

    assert finding.state == state
    assert says in finding.says


async def test_message_of_our_own_is_believed() -> None:
    assert (await diagnose("webhook-self-test", RIGHT)).state == "green"


@pytest.mark.parametrize("check", ["webhook-self-test", "webhook-delivery"])
@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "not looked at: there is no secret to sign with"),
        (BAD, "not looked at: JUNCTION_WEBHOOK_SECRETS is wrong"),
    ],
)
async def test_nothing_is_signed_without_a_secret(
    check: str, environ: dict[str, str], says: str
) -> None:
    finding = await diagnose(check, environ, url="http://127.0.0.1:1")

    assert (finding.state, finding.says) == ("yellow", says)


async def test_verification_that_is_broken_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svix, "_sign", lambda *_: b"v1,none")

    assert (await diagnose("webhook-self-test", RIGHT)).state == "red"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A running one with that secret, and its database."""
    folder = tmp_path_factory.mktemp("service")
    port = a_free_port()
    serve = ("serve", "--staging", "--port", str(port))
    with running(*serve, folder=folder, environ=RIGHT):
        yield f"http://127.0.0.1:{port}", folder / "var" / "staging.db"


def rows(file: Path) -> list[int]:
    tables = ("connections", "connection_events", "link_tokens", "webhook_deliveries")
    with closing(sqlite3.connect(file)) as database:
        return [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in tables
        ]


async def test_running_service_believes_it_and_nothing_comes_of_it(
    service: tuple[str, Path],
) -> None:
    url, file = service
    before = rows(file)

    finding = await diagnose("webhook-delivery", RIGHT, url=url)

    assert finding.state == "green"
    assert "believed" in finding.says
    assert rows(file) == before


async def test_running_service_with_another_secret_refuses_it(service: tuple[str, Path]) -> None:
    url, _ = service
    other = {"JUNCTION_WEBHOOK_SECRETS": STAGING_SECRET}

    finding = await diagnose("webhook-delivery", other, url=url)

    assert (finding.state, finding.says) == ("red", "the service refuses the signature")


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (reply(500, {"error": "webhooks_not_configured"}), "red", "has no secret"),
        (reply(503, {"error": "overloaded"}), "yellow", "503"),
        (reply(200, b"<h1>Welcome</h1>"), "red", "not this service"),
        (reply(307, b"", "Location: /"), "red", "not this service"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "red", "does not answer"),
    ],
)
async def test_each_answer_has_its_colour(answer: bytes, state: str, says: str) -> None:
    async with upstream(answer) as other:
        finding = await diagnose("webhook-delivery", RIGHT, url=other.url)

    assert finding.state == state
    assert says in finding.says


async def test_service_that_does_not_run_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_SECONDS", 1.0)

    finding = await diagnose("webhook-delivery", RIGHT, url=f"http://127.0.0.1:{a_free_port()}")

    assert (finding.state, finding.says) == ("red", "the service does not answer")


async def test_without_an_address_nothing_is_sent() -> None:
    assert (await diagnose("webhook-delivery", RIGHT)).state == "green"
