"""Whether the process answers, and whether requests can be served."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.asgi import Client, running
from tests.http.calls import assert_refused, exchange


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_healthy_service_is_live_and_ready(client: Client, path: str) -> None:
    answer = await client.request("GET", path)

    assert (answer.status, answer.json) == (200, {"status": "ok"})


async def test_service_that_lost_its_storage_is_live_but_not_ready(
    client: Client, container: Container
) -> None:
    await container.storage().__aexit__(None, None, None)

    assert (await client.request("GET", "/livez")).status == 200
    ready = await client.request("GET", "/readyz")
    assert_refused(ready, 503, "storage_unavailable")
    assert int(ready.headers["retry-after"]) > 0


async def test_exchange_on_a_lost_storage_asks_to_come_back(
    client: Client, container: Container
) -> None:
    await container.storage().__aexit__(None, None, None)

    answer = await exchange(client, "link-test-connected")

    assert_refused(answer, 503, "storage_unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_service_whose_database_was_overwritten_is_not_ready(
    container: Container, tmp_path: Path
) -> None:
    async with running(create_app(container)) as client:
        overwrite(tmp_path)

        assert_refused(await client.request("GET", "/readyz"), 503, "storage_unavailable")


async def test_service_whose_database_is_of_an_older_version_is_not_ready(
    client: Client, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "staging.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")

    assert_refused(await client.request("GET", "/readyz"), 503, "storage_outdated")
    assert (await client.request("GET", "/livez")).status == 200


async def test_storage_that_does_not_answer_at_once_is_not_waited_for(
    client: Client, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: str) -> None:
        await asyncio.Event().wait()

    storage: Any = container.storage()
    monkeypatch.setattr(storage._engine, "read", hang)  # noqa: SLF001  (as a disk may)
    async with asyncio.timeout(container.settings().storage_deadline_seconds / 2):
        ready = await client.request("GET", "/readyz")

    assert_refused(ready, 503, "storage_unavailable")


def overwrite(folder: Path) -> None:
    for file in folder.glob("staging.db*"):
        file.write_bytes(b"no database" * 1000)
