"""PostgresqlEngine behind PgBouncer in transaction mode, where a connection is lent for each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from adapters.persistence.postgresql_schema import check_postgresql, migrate_postgresql
from domain.errors import StorageUnavailable
from domain.secret import Secret
from tests.adapters.replicas import Replica
from tests.builders import a_digest, a_listing, a_mint, a_report
from tests.pgbouncer import pooling
from tests.postgresql import Databases


@pytest.fixture
def pooled(postgresql: str) -> Iterator[str]:
    with pooling(postgresql) as url:
        yield url


async def link(replica: Replica, name: str) -> None:
    digest, user = a_digest(name), f"user of {name}"
    mint = a_mint(digest=digest, patient_id=name, junction_user_id=user)
    report = a_report(a_listing(), token=digest, patient_id=name, junction_user_id=user)
    await replica.ledger.enter(mint)
    assert await replica.ledger.find(digest) is not None
    recorded = await replica.connections.record(report)
    assert await replica.connections.list_for(recorded.patient_id) == [recorded]


async def test_ten_replicas_share_the_pool_where_no_statement_is_kept(pooled: str) -> None:
    replicas = [Replica.at(pooled, statement_cache_size=0) for _ in range(10)]
    for replica in replicas:
        await replica.__aenter__()
    await asyncio.gather(
        *(link(replica, f"{n}-{m}") for n, replica in enumerate(replicas) for m in range(30))
    )
    for replica in replicas:
        await replica.__aexit__(None, None, None)


async def test_kept_statements_are_not_to_be_had_from_another_connection(pooled: str) -> None:
    """Which is why there is a setting; what fails, fails as storage does, and loses nothing."""
    async with Replica.at(pooled, statement_cache_size=100) as replica:
        await link(replica, "first")
        async with the_last_one_lent(pooled):
            with pytest.raises(StorageUnavailable):
                await link(replica, "second")


@asynccontextmanager
async def the_last_one_lent(pooled: str) -> AsyncIterator[None]:
    """Keep what PgBouncer lends next to itself, which is what it was given back last."""
    connection = await asyncpg.connect(pooled, statement_cache_size=0)
    async with connection.transaction():
        await connection.execute("SELECT 1")
        yield
    await connection.close()


def test_schema_is_made_through_the_pooler(databases: Databases) -> None:
    with pooling(databases.empty()) as url:
        migrate_postgresql(Secret(url), staging=False)
        check_postgresql(Secret(url), staging=False)
