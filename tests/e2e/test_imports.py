"""What a service that serves an SQLite file in staging has imported, and what it has not."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.processes import COMMAND, SAY_IMPORTS, a_free_port, running
from tests.e2e.requests import call

# Each costs whoever starts or keeps a service; what for it would be needed, were it needed.
UNNEEDED: Final = {
    "adapters.identity.introspection": "to ask an authority about a token",
    "adapters.identity.jwks": "to fetch the keys that tokens are signed with",
    "adapters.junction.simulator.app": "to play Junction",
    "adapters.persistence.postgresql": "to keep the records on a server",
    "alembic": "to migrate; to see that there is nothing to migrate needs none of it",
    "asyncpg": "to speak with PostgreSQL",
    "cryptography": "to verify signed tokens",
    "databases": "to open connections to PostgreSQL",
    "entrypoints.http.openapi": "to print the API document",
    "flask": "for the package that has Swagger UI's files",
    "flask_swagger_ui": "for nothing: its files are found without it",
    "jwt": "to read signed tokens",
    "mako": "for Alembic",
    "opentelemetry": "to tell a collector what happened",
    "sqlalchemy": "for Alembic, and for databases",
    "tqdm": "to show how far a command is",
}


def imported_while_serving(folder: Path) -> set[str]:
    """Of a service with a migrated file that has linked a wearable, by name."""
    port, junction = a_free_port(), a_free_port()
    subprocess.run([COMMAND, "migrate", "--staging"], cwd=folder, env={}, check=True)
    environ = {"JUNCTION_BASE_URL": f"http://127.0.0.1:{junction}", **SAY_IMPORTS}
    with (
        running("simulate-junction", "--port", str(junction), folder=folder),
        running("serve", "--staging", "--port", str(port), folder=folder, environ=environ) as it,
    ):
        linked = call(
            "POST",
            f"http://127.0.0.1:{port}/v1/wearables/link/exchange",
            patient="demo",
            json_body={"link_token": "link-test-connected"},
        )
        assert linked.status == 201
        return it.imported


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return imported_while_serving(tmp_path_factory.mktemp("serving"))


def test_what_serves_is_imported(imported: set[str]) -> None:
    needed = {"adapters.junction.http", "adapters.persistence.sqlite", "aiohttp", "uvicorn"}

    assert needed <= imported


@pytest.mark.parametrize("name", UNNEEDED, ids=UNNEEDED.get)
def test_what_nobody_needs_to_serve_is_not_imported(imported: set[str], name: str) -> None:
    assert name not in imported
