"""`make crash`, as long as there is time for in CI: what was answered 201 outlives kill -9."""

from pathlib import Path

import pytest

from tests.crash.crash import Order, crash
from tests.crash.plan import SEED_OF_CI
from tests.crash.postgresql_tables import PostgresqlTables
from tests.crash.tables import SqliteTables, Tables
from tests.postgresql import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def tables(request: pytest.FixtureRequest, tmp_path: Path, databases: Databases) -> Tables:
    if request.param == "sqlite":
        return SqliteTables(tmp_path / "staging.db")
    return PostgresqlTables(databases.empty())


@pytest.mark.timeout(900)
async def test_no_acknowledged_exchange_is_lost_when_the_service_is_killed(
    tmp_path: Path, tables: Tables
) -> None:
    """The seed, and the command that goes through the same again, are in what is printed."""
    count = 25 if isinstance(tables, SqliteTables) else 10  # cycles; of these each takes longer
    order = Order(seed=SEED_OF_CI, count=count, workers=12)

    findings = await crash(order, tables, folder=tmp_path, say=print)

    assert findings == []
