"""The composition root: the only place that names adapters.

Each choice between real and fake is a setting. The annotations are what mypy checks: an adapter
that breaks its port does not fit its `Provider[Port]`.
"""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from dependency_injector import containers, providers
from starlette.applications import Starlette

from adapters.clock import SystemClock
from adapters.identity import introspection, jwks
from adapters.identity.jwt import JwtIdentity
from adapters.identity.staging import StagingIdentity
from adapters.junction import well_known
from adapters.junction.http import HttpJunctionGateway, open_session
from adapters.junction.in_memory import InMemoryJunctionGateway
from adapters.junction.simulator.app import create_simulator
from adapters.persistence.audit_queue import QueuedAuditTrail
from adapters.persistence.engine import Engine
from adapters.persistence.in_memory import (
    InMemoryConnectionRepository,
    InMemoryLinkTokenLedger,
    InMemoryStorage,
)
from adapters.persistence.migrate import WrongDatabase
from adapters.persistence.postgresql import PostgresqlEngine
from adapters.persistence.postgresql_schema import check_postgresql, migrate_postgresql
from adapters.persistence.repositories import SqlConnectionRepository, SqlLinkTokenLedger
from adapters.persistence.sqlite import SqliteEngine
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.storage import SqlStorage
from domain.lifecycle import LifecycleService
from domain.link_token import Mint
from domain.linking import LinkingService
from entrypoints.admission import Admission
from entrypoints.database_settings import DatabaseSettings
from entrypoints.settings import Settings
from ports.audit import AuditTrail
from ports.clock import Clock
from ports.identity import Identity
from ports.junction_gateway import JunctionGateway
from ports.repositories import ConnectionRepository, LinkTokenLedger
from ports.storage import Storage

__all__ = [
    "Container",
    "WrongDatabase",
    "create_container",
    "create_junction_simulator",
    "migrate",
]


class Container(containers.DeclarativeContainer):
    """One for each application; resources among its members are opened by the lifespan."""

    settings = providers.Dependency(instance_of=Settings)

    admission = providers.Singleton(Admission, settings.provided.max_in_flight)
    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)

    # Identity
    identity_session: providers.Provider[AbstractAsyncContextManager[object]] = providers.Selector(
        settings.provided.identity.kind,
        introspection=providers.Singleton(
            introspection.open_session,
            settings.provided.identity.client_id,
            settings.provided.identity.client_secret.reveal.call(),
        ),
        jwt=providers.Singleton(jwks.open_session),
        staging=providers.Singleton(nullcontext),
    )
    introspection_identity: providers.Provider[Identity] = providers.Singleton(
        introspection.IntrospectionIdentity,
        identity_session,
        url=settings.provided.identity.introspection_url,
        patient_claim=settings.provided.identity.patient_claim,
        clock=clock,
    )
    jwt_identity: providers.Provider[Identity] = providers.Singleton(
        JwtIdentity,
        providers.Singleton(
            jwks.JsonWebKeySet,
            identity_session,
            url=settings.provided.identity.jwks_url,
            clock=clock,
        ),
        issuer=settings.provided.identity.issuer,
        audience=settings.provided.identity.audience,
        patient_claim=settings.provided.identity.patient_claim,
        clock=clock,
    )
    staging_identity: providers.Provider[Identity] = providers.Singleton(StagingIdentity)
    identity: providers.Provider[Identity] = providers.Selector(
        settings.provided.identity.kind,
        introspection=introspection_identity,
        jwt=jwt_identity,
        staging=staging_identity,
    )

    # Storage
    prepare_storage: providers.Provider[None] = providers.Selector(
        settings.provided.database.kind,
        sqlite=providers.Callable(
            prepare_sqlite, settings.provided.database.path, staging=settings.provided.staging
        ),
        postgresql=providers.Callable(
            check_postgresql, settings.provided.database.url, staging=settings.provided.staging
        ),
        in_memory=providers.Object(None),
    )
    engine: providers.Provider[Engine] = providers.Selector(
        settings.provided.database.kind,
        sqlite=providers.Singleton(SqliteEngine, settings.provided.database.path, clock=clock),
        postgresql=providers.Singleton(
            PostgresqlEngine,
            settings.provided.database.url,
            deadline=settings.provided.storage_deadline_seconds,
            statement_cache_size=settings.provided.database.statement_cache_size,
        ),
    )
    sql_storage: providers.Provider[Storage] = providers.Singleton(
        SqlStorage, engine, clock=clock, deadline=settings.provided.storage_deadline_seconds
    )
    sql_ledger: providers.Provider[LinkTokenLedger] = providers.Singleton(
        SqlLinkTokenLedger, sql_storage
    )
    sql_connections: providers.Provider[ConnectionRepository] = providers.Singleton(
        SqlConnectionRepository, sql_storage
    )
    in_memory_storage: providers.Provider[Storage] = providers.Singleton(InMemoryStorage, clock)
    in_memory_ledger: providers.Provider[LinkTokenLedger] = providers.Singleton(
        InMemoryLinkTokenLedger, in_memory_storage
    )
    in_memory_connections: providers.Provider[ConnectionRepository] = providers.Singleton(
        InMemoryConnectionRepository, in_memory_storage
    )
    storage: providers.Provider[Storage] = providers.Selector(
        settings.provided.database.storage, sql=sql_storage, in_memory=in_memory_storage
    )
    ledger: providers.Provider[LinkTokenLedger] = providers.Selector(
        settings.provided.database.storage, sql=sql_ledger, in_memory=in_memory_ledger
    )
    connections: providers.Provider[ConnectionRepository] = providers.Selector(
        settings.provided.database.storage, sql=sql_connections, in_memory=in_memory_connections
    )

    audit_trail: providers.Provider[AuditTrail] = providers.Singleton(
        QueuedAuditTrail, storage.provided.write, clock=clock
    )

    # Junction
    junction_session: providers.Provider[AbstractAsyncContextManager[object]] = providers.Selector(
        settings.provided.junction,
        http=providers.Singleton(open_session, settings.provided.junction_api_key.reveal.call()),
        in_memory=providers.Singleton(nullcontext),
    )
    http_junction: providers.Provider[JunctionGateway] = providers.Singleton(
        HttpJunctionGateway,
        junction_session,
        base_url=settings.provided.junction_base_url,
        clock=clock,
    )
    junction_model = providers.Singleton(
        well_known.simulated_junction, clock, settings.provided.database.journal_path
    )
    in_memory_junction: providers.Provider[JunctionGateway] = providers.Singleton(
        InMemoryJunctionGateway,
        junction_model,
        link_page=settings.provided.link_page,
        clock=clock,
    )
    junction: providers.Provider[JunctionGateway] = providers.Selector(
        settings.provided.junction, http=http_junction, in_memory=in_memory_junction
    )
    junction_simulator: providers.Provider[Starlette | None] = providers.Selector(
        settings.provided.junction,
        http=providers.Object(None),
        in_memory=providers.Singleton(
            create_simulator, junction_model, link_page=settings.provided.link_page
        ),
    )
    well_known_mints: providers.Provider[Iterable[Mint]] = providers.Callable(
        well_known.mints, clock.provided.monotonic.call()
    )

    # Use cases
    linking = providers.Singleton(
        LinkingService,
        junction=junction,
        ledger=ledger,
        connections=connections,
        trail=audit_trail,
        clock=clock,
        patience=settings.provided.junction_deadline_seconds,
        trusts_caller=settings.provided.trusts_caller,
    )
    lifecycle = providers.Singleton(LifecycleService, connections=connections, trail=audit_trail)


def create_container(settings: Settings) -> Container:
    """Everything wired as `settings` say; nothing is opened yet."""
    return Container(settings=providers.Object(settings))


def migrate(database: DatabaseSettings, *, staging: bool) -> None:
    """Bring the database to this version.

    Raises:
        WrongDatabase: it is not for this use.

    """
    if database.kind == "postgresql":
        migrate_postgresql(database.url, staging=staging)
    elif database.path is not None:
        prepare_sqlite(database.path, staging=staging)


def create_junction_simulator(journal_path: Path | None, *, base_url: str) -> Starlette:
    """Junction simulated as a server of its own, at `base_url`."""
    model = well_known.simulated_junction(SystemClock(), journal_path)
    return create_simulator(model, link_page=f"{base_url}/link")
