"""A PostgreSQL database's schema: made by `migrate`, once however many try, and held to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.persistence.metadata import metadata
from adapters.persistence.migrate import HEAD, WrongDatabase, upgrade
from adapters.persistence.postgresql_schema import check_postgresql, migrate_postgresql
from domain.secret import Secret
from tests.adapters import older_rows
from tests.postgresql import Databases, execute


@pytest.fixture
def empty(databases: Databases) -> str:
    return databases.empty()


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in asyncio.run(execute(url, statement))]


async def run_at(url: str, work: Callable[[Connection], None]) -> None:
    engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


async def insert_older_rows(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.copy_records_to_table("connections", records=older_rows.ROWS)
    await connection.close()


def add_a_patient(url: str) -> None:
    ask(url, "INSERT INTO junction_users VALUES ('user', 'anna', NULL, 0)")


def test_empty_database_is_brought_to_head(empty: str) -> None:
    migrate_postgresql(Secret(empty), staging=False)

    assert ask(empty, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    check_postgresql(Secret(empty), staging=False)


def test_migrated_schema_is_the_one_that_statements_are_made_from(postgresql: str) -> None:
    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)

    async def compared() -> object:
        engine = create_async_engine(postgresql.replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.connect() as connection:
            found = await connection.run_sync(differences)
        await engine.dispose()
        return found

    assert asyncio.run(compared()) == []


CONSTRAINTS_AND_INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND tablename <> 'alembic_version' ORDER BY 2
"""
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public'
    AND table_name <> 'alembic_version' ORDER BY 1, 2
"""


@pytest.mark.parametrize(
    "question", [CONSTRAINTS_AND_INDEXES, COLUMNS], ids=["indexes", "columns"]
)
def test_migrated_schema_is_the_described_one_to_the_letter(
    postgresql: str, empty: str, question: str
) -> None:
    """Alembic's comparison sees no defaults, and not which rows an index leaves out."""
    asyncio.run(run_at(empty, metadata.create_all))

    assert ask(postgresql, question) == ask(empty, question) != []


def test_rows_of_before_keep_all_and_are_found_by_a_status(empty: str) -> None:
    asyncio.run(run_at(empty, lambda connection: upgrade(connection, "0002")))
    asyncio.run(insert_older_rows(empty))

    migrate_postgresql(Secret(empty), staging=False)

    after = ask(empty, "SELECT * FROM connections ORDER BY id")
    assert [row[:-1] for row in after] == older_rows.ROWS
    assert {row[0]: row[-1] for row in after} == older_rows.STATUS_AFTER
    assert {row[0]: older_rows.status_read(row) for row in after} == older_rows.STATUS_READ


def test_migrating_again_changes_nothing(postgresql: str) -> None:
    add_a_patient(postgresql)

    migrate_postgresql(Secret(postgresql), staging=False)

    assert ask(postgresql, "SELECT patient_id FROM junction_users") == [("anna",)]


def test_of_those_who_migrate_at_once_one_does_and_the_others_wait(empty: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        attempts = [
            threads.submit(migrate_postgresql, Secret(empty), staging=False) for _ in range(4)
        ]

    assert [attempt.exception() for attempt in attempts] == [None] * 4
    assert ask(empty, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_database_that_was_not_migrated_is_refused_where_patients_are_served(empty: str) -> None:
    with pytest.raises(WrongDatabase, match="run `wearable-link migrate`"):
        check_postgresql(Secret(empty), staging=False)

    assert ask(empty, "SELECT to_regclass('connections')") == [(None,)]


def test_staging_brings_its_own_database_to_head(empty: str) -> None:
    check_postgresql(Secret(empty), staging=True)

    assert ask(empty, "SELECT mark FROM database_marks") == [("staging",)]
    check_postgresql(Secret(empty), staging=True)


def test_staging_refuses_data_that_are_not_its_own(postgresql: str) -> None:
    add_a_patient(postgresql)

    with pytest.raises(WrongDatabase, match="not staging's"):
        check_postgresql(Secret(postgresql), staging=True)
    assert ask(postgresql, "SELECT mark FROM database_marks") == []


def test_database_of_staging_is_refused_where_patients_are_served(empty: str) -> None:
    migrate_postgresql(Secret(empty), staging=True)

    for prepare in (check_postgresql, migrate_postgresql):
        with pytest.raises(WrongDatabase, match="made by staging"):
            prepare(Secret(empty), staging=False)


def test_tables_of_another_program_by_our_names_are_refused(empty: str) -> None:
    ask(empty, "CREATE TABLE connections (name text)")

    with pytest.raises(WrongDatabase, match="another program"):
        migrate_postgresql(Secret(empty), staging=False)
    assert ask(empty, "SELECT to_regclass('alembic_version')") == [(None,)]


def test_tables_of_another_program_by_other_names_are_left_alone(empty: str) -> None:
    ask(empty, "CREATE TABLE payroll (name text)")

    migrate_postgresql(Secret(empty), staging=False)

    assert ask(empty, "SELECT count(*) FROM payroll") == [(0,)]


def test_database_of_a_newer_version_is_refused(postgresql: str) -> None:
    ask(postgresql, "UPDATE alembic_version SET version_num = '9999'")

    for prepare in (check_postgresql, migrate_postgresql):
        with pytest.raises(WrongDatabase, match="newer version"):
            prepare(Secret(postgresql), staging=False)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://test@127.0.0.1:1/none",
        "postgresql://test@127.0.0.1:port/none",
        "postgresql://database.invalid/none",
    ],
    ids=["nobody listens", "no port", "no host"],
)
def test_server_that_cannot_be_reached_is_refused(url: str) -> None:
    with pytest.raises(WrongDatabase, match="cannot be opened"):
        migrate_postgresql(Secret(url), staging=False)


def test_database_that_is_not_there_is_refused(postgresql: str) -> None:
    with pytest.raises(WrongDatabase, match="InvalidCatalogNameError"):
        check_postgresql(Secret(f"{postgresql}_not_there"), staging=False)
