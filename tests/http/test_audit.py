"""The history is appended to, and never changed, whatever is asked of the service."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.asgi import Client, running
from tests.http.calls import CONNECTIONS, exchange, mint

WELL_KNOWN = ("connected", "pending", "error", "expired", "foreign")


@pytest.fixture
def path(container: Container) -> Path:
    path = container.settings().database.path
    assert path is not None
    return path


@pytest.fixture
def guarded(path: Path) -> Path:
    """The file lets no line of the history be changed or removed."""
    for change in ("UPDATE", "DELETE"):
        execute(
            path,
            f"CREATE TRIGGER no_{change} BEFORE {change} ON connection_events "
            "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END",
        )
    return path


@pytest.fixture
async def client(container: Container, guarded: Path) -> AsyncIterator[Client]:
    async with running(create_app(container)) as client:
        yield client


@pytest.mark.parametrize(
    "change", ["UPDATE connection_events SET outcome = ''", "DELETE FROM connection_events"]
)
def test_guard_notices_a_change(guarded: Path, change: str) -> None:
    execute(
        guarded,
        "INSERT INTO connection_events "
        "VALUES ('e', 1, 'anna', NULL, NULL, 'read', 'not_found', NULL, 'r')",
    )

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        execute(guarded, change)


async def test_history_only_grows(client: Client, path: Path) -> None:
    seen: list[tuple[Any, ...]] = []
    for _ in range(2):
        for name in WELL_KNOWN:
            answer = await exchange(client, f"link-test-{name}")
            assert answer.status in {201, 400}
            seen = grown(seen, path)
    connection = (await exchange(client, "link-test-connected")).json
    for patient in ("anna", "ben"):
        answer = await client.get(f"{CONNECTIONS}/{connection['id']}", patient=patient)
        assert answer.status == 404
        seen = grown(seen, path)


async def test_refusals_are_on_disk_once_the_service_has_stopped(
    container: Container, path: Path
) -> None:
    async with running(create_app(container)) as client:
        token = await mint(client, patient="anna")
        connection = (await exchange(client, "link-test-connected")).json
        await exchange(client, token, patient="ben")
        await exchange(client, "unknown", patient="ben")
        await client.get(f"{CONNECTIONS}/{connection['id']}", patient="ben")
        unknown = str(uuid4())
        await client.get(f"{CONNECTIONS}/{unknown}", patient="ben")

    refused = execute(
        path,
        "SELECT patient_id, connection_id, provider, cause, outcome "
        "FROM connection_events WHERE patient_id = 'ben' ORDER BY id",
    )
    assert refused == [
        ("ben", None, None, "exchange", "invalid_link_token"),
        ("ben", None, None, "exchange", "invalid_link_token"),
        ("ben", connection["id"], None, "read", "not_found"),
        ("ben", unknown, None, "read", "not_found"),
    ]


def grown(before: list[tuple[Any, ...]], path: Path) -> list[tuple[Any, ...]]:
    """All lines now: those from before, unchanged, and what was added."""
    now = execute(path, "SELECT * FROM connection_events ORDER BY id")
    assert now[: len(before)] == before
    return now


def execute(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()
