"""PostgresqlEngine behind PgBouncer in transaction mode, where a connection is lent for each."""

import asyncio
from collections.abc import Iterator

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
    replicas = [Replica.at(pooled, statement_cache_size=100) for _ in range(10)]
    for replica in replicas:
        await replica.__aenter__()
    outcomes = await asyncio.gather(
        *(link(replica, f"{n}-{m}") for n, replica in enumerate(replicas) for m in range(30)),
        return_exceptions=True,
    )
    for replica in replicas:
        await replica.__aexit__(None, None, None)

    assert {type(outcome) for outcome in outcomes} - {type(None)} == {StorageUnavailable}


def test_schema_is_made_through_the_pooler(databases: Databases) -> None:
    with pooling(databases.empty()) as url:
        migrate_postgresql(Secret(url), staging=False)
        check_postgresql(Secret(url), staging=False)
