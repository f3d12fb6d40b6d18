"""`wearable-link doctor`: a PostgreSQL database, which stays as it is."""

import asyncio
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest

from adapters.persistence.migrate import HEAD, REVISIONS
from entrypoints.doctor import postgresql
from entrypoints.doctor.finding import Finding
from ports.examination import PostgresqlFacts
from tests.entrypoints.diagnosed import PASSWORD, diagnose
from tests.postgresql import Databases, a_free_port, a_server, execute_script

CHECKS: Final = ("database", "database-schema", "database-durability", "database-access")


@pytest.fixture(scope="module")
def careful() -> Iterator[Databases]:
    """Of a server that forgets nothing, unlike the one that other tests share."""
    with a_server() as server:
        yield Databases(server.url())


@pytest.fixture
def database(careful: Databases) -> Iterator[str]:
    url = careful.migrated()
    yield url
    careful.drop(url)


async def look(url: str, *, staging: bool = False) -> dict[str, Finding]:
    environ = {"DATABASE_URL": url}
    return {name: await diagnose(name, environ, staging=staging) for name in CHECKS}


def states(found: dict[str, Finding]) -> list[str]:
    return [found[name].state for name in CHECKS]


def name_in(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


async def test_database_that_was_migrated_is_as_it_should_be(database: str) -> None:
    found = await look(database)

    assert states(found) == ["green"] * 4, found
    assert HEAD in found["database-schema"].says


async def test_server_that_is_away_is_red_and_its_password_stays_here() -> None:
    found = await look(f"postgresql://anna:{PASSWORD}@127.0.0.1:{a_free_port()}/link")

    assert states(found) == ["red", "yellow", "yellow", "yellow"]
    assert found["database"].says.startswith("cannot be read: ")


@pytest.mark.parametrize(
    ("staging", "state"), [(False, "red"), (True, "yellow")], ids=["real", "staging"]
)
async def test_schema_one_revision_behind(database: str, staging: bool, state: str) -> None:  # noqa: FBT001  (a column)
    await execute_script(database, f"UPDATE alembic_version SET version_num = '{REVISIONS[-2]}'")  # noqa: S608

    found = await look(database, staging=staging)

    assert found["database-schema"].state == state
    assert "wearable-link migrate" in found["database-schema"].advice


async def test_database_of_nothing_has_to_be_migrated(careful: Databases) -> None:
    url = await asyncio.to_thread(careful.empty)

    found = await look(url)

    assert (found["database"].state, found["database-schema"].state) == ("green", "red")


async def test_database_for_another_use(database: str) -> None:
    await execute_script(database, "INSERT INTO database_marks VALUES ('staging')")

    found = await look(database)

    assert found["database"].state == "red"
    assert "was made by staging" in found["database"].says


async def test_server_that_forgets_in_a_power_cut(database: str) -> None:
    await execute_script(
        database, f"ALTER DATABASE {name_in(database)} SET synchronous_commit = off"
    )

    finding = (await look(database))["database-durability"]

    assert finding.state == "red"
    assert finding.says.startswith("synchronous_commit is off: ")


async def test_database_that_is_read_only(database: str) -> None:
    await execute_script(
        database, f"ALTER DATABASE {name_in(database)} SET default_transaction_read_only = on"
    )

    finding = (await look(database))["database-access"]

    assert (finding.state, finding.says) == ("red", "nothing can be written there")


async def test_role_that_may_not_write(database: str) -> None:
    await execute_script(
        database,
        "CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;"
        "GRANT INSERT, UPDATE ON junction_users TO reader",
    )
    try:
        found = await look(database.replace("//test@", "//reader@"))
    finally:
        await execute_script(database, "DROP OWNED BY reader; DROP ROLE reader")

    assert found["database-access"].state == "red"
    assert found["database-access"].says.startswith("this role may not DELETE on junction_users, ")


@pytest.mark.parametrize(("version", "state"), [(14, "yellow"), (15, "green"), (18, "green")])
def test_server_that_is_mended_no_more(version: int, state: str) -> None:
    facts = PostgresqlFacts(
        objection=None,
        revision=HEAD,
        head=HEAD,
        version=version,
        is_read_only=False,
        careless=(),
        missing=(),
    )

    assert postgresql.version(facts).state == state
