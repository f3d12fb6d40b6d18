"""Where the records are kept."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from dependency_injector import providers

from adapters.persistence.audit_queue import QueuedAuditTrail
from adapters.persistence.engine import Engine
from adapters.persistence.in_memory import (
    InMemoryConnectionRepository,
    InMemoryJunctionUserDirectory,
    InMemoryLinkTokenLedger,
    InMemoryRetention,
    InMemoryStorage,
)
from adapters.persistence.repositories import (
    SqlConnectionRepository,
    SqlJunctionUserDirectory,
    SqlLinkTokenLedger,
    SqlRetention,
)
from adapters.persistence.storage import SqlStorage
from entrypoints.wiring.foundation import Foundation
from entrypoints.wiring.late import late
from ports.audit import AuditTrail
from ports.figures import StorageFigures
from ports.repositories import ConnectionRepository, JunctionUserDirectory, LinkTokenLedger
from ports.retention import Retention
from ports.storage import Storage

if TYPE_CHECKING:
    from ports.examination import Examiner  # for commands only

_settings: Final = Foundation.settings.provided


@late
def _prepare_sqlite() -> Callable[..., None]:
    from adapters.persistence.sqlite_schema import prepare_sqlite

    return prepare_sqlite


@late
def _check_postgresql() -> Callable[..., None]:
    from adapters.persistence.postgresql_schema import check_postgresql

    return check_postgresql


@late
def _sqlite_examiner() -> "Callable[..., Examiner]":
    from adapters.persistence.sqlite_examination import SqliteExaminer

    return SqliteExaminer


@late
def _postgresql_examiner() -> "Callable[..., Examiner]":
    from adapters.persistence.postgresql_examination import PostgresqlExaminer

    return PostgresqlExaminer


@late
def _sqlite() -> Callable[..., Engine]:
    from adapters.persistence.sqlite import SqliteEngine

    return SqliteEngine


@late
def _postgresql() -> Callable[..., Engine]:
    from adapters.persistence.postgresql import PostgresqlEngine

    return PostgresqlEngine


def _figures_of(storage: SqlStorage) -> StorageFigures:
    """Of one that is open."""
    return storage.figures


class StorageWiring(Foundation):
    """A file, a server, or this process's memory."""

    prepare_storage: providers.Provider[None] = providers.Selector(
        _settings.database.kind,
        sqlite=providers.Callable(
            _prepare_sqlite,
            _settings.database.path,
            staging=_settings.staging,
        ),
        postgresql=providers.Callable(
            _check_postgresql,
            _settings.database.url,
            staging=_settings.staging,
        ),
        in_memory=providers.Object(None),
    )
    examiner: "providers.Provider[Examiner]" = providers.Selector(
        _settings.database.kind,
        sqlite=providers.Factory(
            _sqlite_examiner, _settings.database.path, staging=_settings.staging
        ),
        postgresql=providers.Factory(
            _postgresql_examiner, _settings.database.url, staging=_settings.staging
        ),
    )
    engine: providers.Provider[Engine] = providers.Selector(
        _settings.database.kind,
        sqlite=providers.Singleton(_sqlite, _settings.database.path, clock=Foundation.clock),
        postgresql=providers.Singleton(
            _postgresql,
            _settings.database.url,
            deadline=_settings.storage_deadline_seconds,
            statement_cache_size=_settings.database.statement_cache_size,
        ),
    )
    sql_storage: providers.Provider[Storage] = providers.Singleton(
        SqlStorage,
        engine,
        clock=Foundation.clock,
        deadline=_settings.storage_deadline_seconds,
    )
    sql_ledger: providers.Provider[LinkTokenLedger] = providers.Singleton(
        SqlLinkTokenLedger, sql_storage
    )
    sql_connections: providers.Provider[ConnectionRepository] = providers.Singleton(
        SqlConnectionRepository, sql_storage
    )
    sql_users: providers.Provider[JunctionUserDirectory] = providers.Singleton(
        SqlJunctionUserDirectory, sql_storage
    )
    sql_retention: providers.Provider[Retention] = providers.Singleton(SqlRetention, sql_storage)
    in_memory_storage: providers.Provider[Storage] = providers.Singleton(
        InMemoryStorage, Foundation.clock
    )
    in_memory_ledger: providers.Provider[LinkTokenLedger] = providers.Singleton(
        InMemoryLinkTokenLedger, in_memory_storage
    )
    in_memory_connections: providers.Provider[ConnectionRepository] = providers.Singleton(
        InMemoryConnectionRepository, in_memory_storage
    )
    in_memory_users: providers.Provider[JunctionUserDirectory] = providers.Singleton(
        InMemoryJunctionUserDirectory, in_memory_storage
    )
    in_memory_retention: providers.Provider[Retention] = providers.Singleton(
        InMemoryRetention, in_memory_storage
    )
    storage: providers.Provider[Storage] = providers.Selector(
        _settings.database.storage, sql=sql_storage, in_memory=in_memory_storage
    )
    storage_figures: providers.Provider[StorageFigures | None] = providers.Selector(
        _settings.database.storage,
        sql=providers.Callable(_figures_of, sql_storage),
        in_memory=providers.Object(None),
    )
    ledger: providers.Provider[LinkTokenLedger] = providers.Selector(
        _settings.database.storage, sql=sql_ledger, in_memory=in_memory_ledger
    )
    connections: providers.Provider[ConnectionRepository] = providers.Selector(
        _settings.database.storage,
        sql=sql_connections,
        in_memory=in_memory_connections,
    )
    users: providers.Provider[JunctionUserDirectory] = providers.Selector(
        _settings.database.storage, sql=sql_users, in_memory=in_memory_users
    )
    retention: providers.Provider[Retention] = providers.Selector(
        _settings.database.storage, sql=sql_retention, in_memory=in_memory_retention
    )

    audit_trail: providers.Provider[AuditTrail] = providers.Singleton(
        QueuedAuditTrail, storage.provided.write, clock=Foundation.clock
    )
