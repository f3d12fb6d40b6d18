import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.persistence.migrate import prepare_sqlite
from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Client, running


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
