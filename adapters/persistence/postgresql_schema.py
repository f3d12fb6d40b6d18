"""A PostgreSQL database's schema: brought to this version by `migrate`, and only by that.

Staging's is brought there by whoever opens it.
"""

import asyncio
from typing import Final
from uuid import uuid4

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from adapters.persistence.migrate import (
    FIND_MARK,
    FIND_PATIENT,
    FIND_REVISION,
    HEAD,
    Contents,
    WrongDatabase,
    examine,
    upgrade,
)
from adapters.persistence.postgresql_connection import OF_THE_CONNECTION, Raw
from adapters.persistence.tables import TABLES
from domain.secret import Secret

_SECONDS: Final = 10.0  # for a server to answer

# Any number will do that no other program takes its lock by: "wearable", as bytes.
_LOCK: Final = int.from_bytes(b"wearable") >> 1


def migrate_postgresql(url: Secret, *, staging: bool) -> None:
    """Create or upgrade the tables. Of processes that do this at once all but one wait.

    Raises:
        WrongDatabase: it cannot be reached, or `examine` objects. It is left as it was.

    """
    asyncio.run(_prepare(url, staging=staging, may_upgrade=True))


def check_postgresql(url: Secret, *, staging: bool) -> None:
    """See that the tables are there, as this version has them.

    Raises:
        WrongDatabase: they are not; `migrate_postgresql` could not do its work; or its errors.

    """
    asyncio.run(_prepare(url, staging=staging, may_upgrade=staging))


async def _prepare(url: Secret, *, staging: bool, may_upgrade: bool) -> None:
    try:
        async with asyncio.timeout(_SECONDS):
            connection = await asyncpg.connect(dsn=url.reveal(), statement_cache_size=0)
        try:
            if may_upgrade:
                async with connection.transaction():
                    # Held to the end; who waited here finds nothing left to do.
                    await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
                    await _migrate(connection, url, staging=staging)
            else:
                async with asyncio.timeout(_SECONDS):
                    await _check(connection, staging=staging)
        finally:
            connection.terminate()  # which waits for nobody
    except (ValueError, *OF_THE_CONNECTION) as error:
        raise WrongDatabase(f"the database cannot be opened: {type(error).__name__}") from error
    except SQLAlchemyError as error:
        raise WrongDatabase(f"the database cannot be migrated: {type(error).__name__}") from error


async def _migrate(connection: Raw, url: Secret, *, staging: bool) -> None:
    # The upgrade has a connection of its own: what was read here must leave no lock in its way,
    # and a savepoint that is gone back to takes those along (PostgreSQL manual, 13.3).
    examining = connection.transaction()
    await examining.start()
    contents = await _examined(connection, staging=staging)
    await examining.rollback()
    if contents is None or contents.revision != HEAD:
        await _upgrade(url)
    if staging:
        await connection.execute(
            "INSERT INTO database_marks VALUES ('staging') ON CONFLICT DO NOTHING"
        )


async def _check(connection: Raw, *, staging: bool) -> None:
    contents = await _examined(connection, staging=staging)
    if contents is None or contents.revision != HEAD:
        name = await name_of(connection)
        raise WrongDatabase(f"{name} has to be migrated: run `wearable-link migrate`")


async def _examined(connection: Raw, *, staging: bool) -> Contents | None:
    contents = await contents_of(connection)
    if contents is not None:
        examine(contents, name=await name_of(connection), staging=staging)
    return contents


async def name_of(connection: Raw) -> str:
    return f"database {await connection.fetchval('SELECT current_database()')}"


async def contents_of(connection: Raw) -> Contents | None:
    """None where none of our tables is there; what else there may be is not ours to judge."""
    ours = [*(table.name for table in TABLES), "alembic_version"]
    found = await connection.fetch(
        "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL", ours
    )
    if not found:
        return None
    made_here = {"alembic_version", "database_marks"} <= {row["name"] for row in found}
    return Contents(
        revision=await connection.fetchval(FIND_REVISION) if made_here else None,
        marked=made_here and await connection.fetchval(FIND_MARK) is not None,
        has_patients=made_here and await connection.fetchval(FIND_PATIENT) is not None,
    )


async def _upgrade(url: Secret) -> None:
    from sqlalchemy import NullPool  # noqa: PLC0415  (for Alembic; see `migrate`)
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  (the same)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(dsn=url.reveal(), statement_cache_size=0),
        # Behind a pooler the server's session, with the names given in it, outlives ours.
        connect_args={
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"migration_{uuid4().hex}",
        },
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
