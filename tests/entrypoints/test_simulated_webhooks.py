"""Webhooks of a Junction that is simulated: to staging itself, or to where it is told."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from svix.webhooks import Webhook

from adapters.junction.simulated_user import user_id_of
from adapters.junction.well_known import DEMO
from domain.provider import Slug
from domain.secret import Secret
from entrypoints.cli import main
from entrypoints.container import Container, create_container, create_junction_simulator
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from entrypoints.webhook_settings import STAGING_SECRET
from tests.adapters.upstream import Received, Upstream, hang, reply, upstream
from tests.asgi import Client, running

TAKEN = reply(200, {"received": True})
OTHERS = "whsec_YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg==,whsec_dGhlIG9sZCBzZWNyZXQgb2Ygd2ViaG9va3M="


def staging_at(url: str, **environ: str) -> Container:
    environ = {"DATABASE_URL": "memory:"} | environ
    return create_container(load_settings(environ, staging=True, public_url=url))


@asynccontextmanager
async def served(container: Container) -> AsyncIterator[Client]:
    container.prepare_storage()
    async with running(create_app(container)) as client:
        yield client


async def connect_garmin(client: Client, prefix: str = "") -> None:
    path = f"{prefix}/_simulator/users/demo/providers/garmin"
    said = await client.request("PUT", path, body=b'{"status": "connected"}')
    assert said.status == 204
    turned = await client.post(f"{prefix}/_simulator/clock", {"advance": 0})
    assert turned.status == 204


def only(receiver: Upstream) -> Received:
    [message] = receiver.received
    return message


@pytest.mark.parametrize("secrets", [STAGING_SECRET, OTHERS])
async def test_staging_sends_to_itself_signed_with_the_first_of_its_secrets(secrets: str) -> None:
    async with upstream(TAKEN) as receiver:
        container = staging_at(receiver.url, JUNCTION_WEBHOOK_SECRETS=secrets)
        async with served(container) as client:
            await connect_garmin(client, "/junction")
        message = only(receiver)

    assert (message.method, message.target) == ("POST", "/webhooks/junction-link")
    Webhook(secrets.partition(",")[0]).verify(message.body, message.headers)


async def test_staging_with_no_secret_of_its_own_uses_the_published_one() -> None:
    async with upstream(TAKEN) as receiver:
        async with served(staging_at(receiver.url)) as client:
            await connect_garmin(client, "/junction")
        message = only(receiver)

    Webhook(STAGING_SECRET).verify(message.body, message.headers)


async def test_what_the_tokens_need_is_arranged_without_a_word() -> None:
    async with upstream(TAKEN) as receiver:
        async with served(staging_at(receiver.url)) as client:
            await client.post("/junction/_simulator/clock", {"advance": 0})

        assert receiver.received == []


async def test_staging_stops_in_good_order_with_a_message_under_way() -> None:
    under_way = asyncio.Event()

    async def hang_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        under_way.set()
        await hang(reader, writer)

    async with upstream(hang_on) as receiver:
        container = staging_at(receiver.url)
        async with asyncio.timeout(10), served(container):
            for slug in ("garmin", "google_fit"):
                container.junction_model().list_provider(user_id_of(DEMO), Slug(slug))
            await under_way.wait()

    assert len(receiver.received) == 1


async def test_simulator_of_its_own_sends_where_it_is_told() -> None:
    async with upstream(TAKEN) as receiver:
        simulator = create_junction_simulator(
            None,
            base_url="http://sim:1",
            webhooks_url=f"{receiver.url}/hooks",
            webhook_secret=Secret(STAGING_SECRET),
        )
        async with running(simulator) as client:
            await connect_garmin(client)
        message = only(receiver)

    assert message.target == "/hooks"
    Webhook(STAGING_SECRET).verify(message.body, message.headers)


@pytest.mark.parametrize("url", ["", "here", "ftp://127.0.0.1/", "http://", "http://a b/"])
def test_address_that_nothing_can_be_sent_to_is_refused(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["simulate-junction", "--webhooks", url])

    assert end.value.code == 2
    assert "--webhooks" in capsys.readouterr().err


def test_secret_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNCTION_WEBHOOK_SECRETS", "open sesame")

    with socket.socket() as taken:  # were the secret accepted, this would stop the command
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit) as end:
            main(["simulate-junction", "--port", str(taken.getsockname()[1])])

    said = capsys.readouterr().err
    assert end.value.code == 2
    assert said.startswith("JUNCTION_WEBHOOK_SECRETS: expected whsec_")
    assert "sesame" not in said
