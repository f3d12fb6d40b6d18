"""A PostgreSQL database, looked at in a transaction that may not write."""

import asyncio
from typing import Final

import asyncpg

from adapters.persistence.migrate import HEAD, WrongDatabase, examine
from adapters.persistence.postgresql_connection import OF_THE_CONNECTION, Raw
from adapters.persistence.postgresql_schema import contents_of, name_of
from domain.errors import StorageUnavailable
from domain.secret import Secret
from ports.examination import PostgresqlFacts

_DEADLINE: Final = 3.0  # seconds, for all of it

# What the service and its commands do to each table, and so what their role has to be granted.
_NEEDED: Final = {
    "junction_users": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "link_tokens": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "connections": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "connection_events": ("SELECT", "INSERT", "UPDATE"),
    "webhook_deliveries": ("SELECT", "INSERT", "UPDATE", "DELETE"),
}

# A table that is not there is not missed here: the revision says so.
_MAY_NOT: Final = """\
SELECT privilege || ' on ' || name
FROM unnest($1::text[], $2::text[]) AS needed (name, privilege)
WHERE NOT has_table_privilege(to_regclass(name)::oid, privilege)"""

# PostgreSQL manual, 19.5: without these a commit that was acknowledged may be lost.
_CARELESS: Final = """\
SELECT name FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
ORDER BY name"""


_READ_ONLY: Final = (
    "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'"
)


class PostgresqlExaminer:
    """`deadline` is in seconds."""

    def __init__(self, url: Secret, *, staging: bool, deadline: float = _DEADLINE) -> None:
        self._url = url
        self._staging = staging
        self._deadline = deadline

    async def examine(self) -> PostgresqlFacts:
        try:
            async with asyncio.timeout(self._deadline):
                connection = await asyncpg.connect(dsn=self._url.reveal(), statement_cache_size=0)
                try:
                    async with connection.transaction(readonly=True):
                        return await self._facts(connection)
                finally:
                    connection.terminate()  # which waits for nobody
        except (ValueError, TimeoutError, *OF_THE_CONNECTION) as error:
            raise StorageUnavailable from error

    async def _facts(self, connection: Raw) -> PostgresqlFacts:
        revision, objection = await self._schema(connection)
        names, privileges = zip(
            *((name, each) for name, needed in _NEEDED.items() for each in needed), strict=True
        )
        return PostgresqlFacts(
            objection=objection,
            revision=revision,
            head=HEAD,
            version=connection.get_server_version().major,
            is_read_only=await connection.fetchval(_READ_ONLY),
            careless=tuple(row[0] for row in await connection.fetch(_CARELESS)),
            missing=tuple(row[0] for row in await connection.fetch(_MAY_NOT, names, privileges)),
        )

    async def _schema(self, connection: Raw) -> tuple[str | None, str | None]:
        contents = await contents_of(connection)
        if contents is None:
            return None, None
        try:
            examine(contents, name=await name_of(connection), staging=self._staging)
        except WrongDatabase as objection:
            return contents.revision, str(objection)
        return contents.revision, None
