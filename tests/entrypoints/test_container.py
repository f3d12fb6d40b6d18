"""The composition root: each choice is a setting, and no two applications share anything."""

from pathlib import Path

import pytest

from adapters.identity.staging import StagingIdentity
from adapters.junction.http import HttpJunctionGateway
from adapters.junction.in_memory import InMemoryJunctionGateway
from adapters.persistence.in_memory import (
    InMemoryConnectionRepository,
    InMemoryLinkTokenLedger,
    InMemoryStorage,
)
from adapters.persistence.postgresql import PostgresqlEngine
from adapters.persistence.repositories import (
    SqlConnectionRepository,
    SqlLinkTokenLedger,
)
from adapters.persistence.sqlite import SqliteEngine
from adapters.persistence.storage import SqlStorage
from domain.link_token import LinkToken
from domain.secret import Secret
from entrypoints.container import Container, create_container, create_junction_simulator
from entrypoints.database_settings import DatabaseSettings
from entrypoints.http.app import create_app
from entrypoints.identity_settings import IdentitySettings
from entrypoints.settings import Settings, load_settings
from entrypoints.webhook_settings import STAGING_SECRET
from tests.asgi import Answer, Client, running


def wired(**environ: str) -> Container:
    settings = load_settings(environ, staging=True, public_url="http://127.0.0.1:8000")
    return create_container(settings)


async def exchange(client: Client) -> Answer:
    body = {"link_token": "link-test-connected"}
    return await client.post("/v1/wearables/link/exchange", body)


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def connections_of_demo(client: Client) -> object:
    return (await client.get("/v1/wearables/connections")).json["connections"]


def test_file_in_the_settings_chooses_sqlite() -> None:
    container = wired(DATABASE_URL="sqlite:///link.db")

    assert isinstance(container.storage(), SqlStorage)
    assert isinstance(container.engine(), SqliteEngine)
    assert isinstance(container.ledger(), SqlLinkTokenLedger)
    assert isinstance(container.connections(), SqlConnectionRepository)


def test_server_in_the_settings_chooses_postgresql() -> None:
    container = wired(DATABASE_URL="postgresql://db.example/link")

    assert isinstance(container.storage(), SqlStorage)
    assert isinstance(container.engine(), PostgresqlEngine)
    assert isinstance(container.ledger(), SqlLinkTokenLedger)
    assert isinstance(container.connections(), SqlConnectionRepository)


def test_memory_in_the_settings_chooses_dictionaries() -> None:
    container = wired(DATABASE_URL="memory:")

    assert isinstance(container.storage(), InMemoryStorage)
    assert isinstance(container.ledger(), InMemoryLinkTokenLedger)
    assert isinstance(container.connections(), InMemoryConnectionRepository)


def test_no_address_of_junction_chooses_the_simulated_one() -> None:
    container = wired(DATABASE_URL="memory:")

    assert isinstance(container.junction(), InMemoryJunctionGateway)
    assert container.junction_simulator() is not None


async def test_address_of_junction_chooses_http_and_mounts_no_simulator() -> None:
    container = wired(DATABASE_URL="memory:", JUNCTION_BASE_URL="http://127.0.0.1:1")

    async with container.junction_session():
        assert isinstance(container.junction(), HttpJunctionGateway)
    assert container.junction_simulator() is None


def test_staging_chooses_the_identity_that_proves_nothing() -> None:
    assert isinstance(wired().identity(), StagingIdentity)


@pytest.mark.parametrize("member", ["storage", "ledger", "connections", "junction", "linking"])
def test_whoever_asks_twice_gets_the_same(member: str) -> None:
    provider = getattr(wired(DATABASE_URL="memory:"), member)

    assert provider() is provider()


async def test_memory_serves_and_leaves_no_file(tmp_path: Path) -> None:
    container = wired(DATABASE_URL="memory:")
    container.prepare_storage()

    async with running(create_app(container)) as client:
        answer = await exchange(client)

        assert (answer.status, answer.json["status"]) == (201, "connected")
        assert await connections_of_demo(client) == [answer.json]
        assert (await client.get("/readyz")).status == 200
    assert names_in(tmp_path) == []


async def test_file_keeps_connections_and_the_simulated_junction_over_a_restart() -> None:
    async def once() -> bytes:
        container = wired(DATABASE_URL="sqlite:///link.db")
        container.prepare_storage()
        async with running(create_app(container)) as client:
            return (await exchange(client)).body

    assert await once() == await once()


@pytest.mark.parametrize("name", ["a#b.db", "a%20b.db"])
async def test_any_name_of_a_file_will_do(tmp_path: Path, name: str) -> None:
    container = wired(DATABASE_URL=f"sqlite:///{tmp_path}/{name}")
    container.prepare_storage()

    async with container.storage():
        assert await container.ledger().find(LinkToken("unknown").digest) is None
    assert names_in(tmp_path) == [name]


async def test_two_containers_share_nothing() -> None:
    one, other = wired(DATABASE_URL="memory:"), wired(DATABASE_URL="memory:")

    async with running(create_app(one)) as first, running(create_app(other)) as second:
        assert (await exchange(first)).status == 201
        assert await connections_of_demo(second) == []
    assert one.junction_model() is not other.junction_model()
    assert one.storage() is not other.storage()


async def test_outside_staging_no_well_known_token_is_known() -> None:
    settings = Settings(
        staging=False,
        public_url="",
        database=DatabaseSettings(kind="in_memory"),
        identity=IdentitySettings(kind="staging", patient_claim="sub", required_scope=None),
        trusts_caller=False,
        junction_base_url=None,
        junction_api_key=Secret(""),
        junction_deadline_seconds=1.0,
        storage_deadline_seconds=1.0,
    )

    async with running(create_app(create_container(settings))) as client:
        answer = await exchange(client)

    assert (answer.status, answer.json["error"]) == (400, "invalid_link_token")


async def test_simulator_of_its_own_opens_link_at_its_own_address(tmp_path: Path) -> None:
    simulator = create_junction_simulator(
        tmp_path / "junction.jsonl",
        base_url="http://sim:1",
        webhooks_url=None,
        webhook_secret=Secret(STAGING_SECRET),
    )

    async with running(simulator) as junction:
        key = [("x-vital-api-key", "sk_us_simulator")]
        demo = await junction.request("GET", "/v2/user/resolve/demo", headers=key)
        body = b'{"user_id": "%s"}' % demo.json["user_id"].encode()
        minted = await junction.request("POST", "/v2/link/token", headers=key, body=body)

    assert minted.json["link_web_url"].startswith("http://sim:1/link?token=")
