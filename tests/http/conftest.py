import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import FixedClock
from adapters.persistence.sqlite_schema import prepare_sqlite
from entrypoints import log
from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Answer, Client, running
from tests.canary import Canary
from tests.documented import assert_documented
from tests.http.gated import Linking, linking
from tests.http.hooked import Sender, at_noon
from tests.logged import Logged


@pytest.fixture(autouse=True)
def canary(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    """Every test here is one of what is logged as well, by all libraries and at DEBUG.

    And one of the API document: no operation refuses with what it does not say.
    """
    log.configure(logged, level=logging.DEBUG)
    canary = Canary(logged)
    request = Client.request

    async def heard(self: Client, method: str, path: str, **what: Any) -> Answer:
        answer = await request(self, method, path, **what)
        body = what.get("body", b"")
        whole = body if isinstance(body, bytes) else b"".join(body)
        canary.watch(self.state.get("metrics"))
        canary.hear(what.get("headers", ()), whole, answer)
        assert_documented(method, path, answer)
        return answer

    monkeypatch.setattr(Client, "request", heard)
    yield canary
    canary.check()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied: to migrate takes longer than most of these tests."""
    path = tmp_path_factory.mktemp("empty") / "staging.db"
    prepare_sqlite(path, staging=True)
    return path


@pytest.fixture
def container(empty_database: Path, tmp_path: Path) -> Container:
    """Staging, wired as `serve --staging` wires it, on a file of its own."""
    shutil.copy(empty_database, tmp_path / "staging.db")
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/staging.db",
        "JUNCTION_DEADLINE_SECONDS": "0.2",
    }
    settings = load_settings(environ, staging=True, public_url="http://127.0.0.1:8000")
    container = create_container(settings)
    container.prepare_storage()
    return container


@pytest.fixture
async def client(container: Container) -> AsyncIterator[Client]:
    async with running(create_app(container)) as client:
        yield client


@pytest.fixture
def clock(container: Container) -> FixedClock:
    """The service's, where a test asks for it or for a `sender`."""
    return at_noon(container)


@pytest.fixture
async def sender(container: Container, clock: FixedClock) -> AsyncIterator[Sender]:
    async with running(create_app(container)) as client:
        yield Sender(client)


@pytest.fixture
async def service(empty_database: Path, tmp_path: Path) -> AsyncIterator[Linking]:
    """On a socket, with a gate before its Junction."""
    shutil.copy(empty_database, tmp_path / "staging.db")
    async with linking(tmp_path / "staging.db") as service:
        yield service
