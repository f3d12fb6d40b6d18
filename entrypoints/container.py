"""The composition root: with its parts in `wiring`, the only place that names adapters.

Each choice between real and fake is a setting. The annotations are what mypy checks: an adapter
that breaks its port does not fit its `Provider[Port]`. What only some settings need is imported
where they choose it.
"""

from pathlib import Path
from typing import Any, Final

from dependency_injector import providers
from starlette.applications import Starlette

from adapters.clock import SystemClock
from adapters.junction import well_known
from adapters.persistence.migrate import WrongDatabase
from domain.forgetting import ForgettingService
from domain.lifecycle import LifecycleService
from domain.linking import LinkingService
from domain.reconciling import ReconcilingService
from domain.secret import Secret
from domain.webhooks import WebhookService
from entrypoints.admission import Admission
from entrypoints.database_settings import DatabaseSettings
from entrypoints.http.metrics import Metrics
from entrypoints.http.request_figures import RequestFigures
from entrypoints.http.webhook_figures import WebhookFigures
from entrypoints.settings import Settings
from entrypoints.wiring.foundation import Foundation
from entrypoints.wiring.tracing import TracingWiring

__all__ = [
    "Container",
    "WrongDatabase",
    "create_container",
    "create_junction_simulator",
    "migrate",
]

_ASKING_JUNCTION: Final[Any] = {
    "junction": TracingWiring.junction,
    "clock": Foundation.clock,
    "patience": Foundation.settings.provided.junction_deadline_seconds,
}


class Container(TracingWiring):
    """One for each application; resources among its members are opened by the lifespan."""

    admission = providers.Singleton(Admission, Foundation.settings.provided.max_in_flight)
    request_figures = providers.Singleton(RequestFigures)
    webhook_figures = providers.Singleton(WebhookFigures)
    metrics = providers.Factory(
        Metrics,
        requests=request_figures,
        admission=admission,
        webhooks=webhook_figures,
        junction=TracingWiring.junction_figures,
        storage=TracingWiring.storage_figures,
        worker=Foundation.settings.provided.worker,
    )
    linking = providers.Singleton(
        LinkingService,
        **_ASKING_JUNCTION,
        ledger=TracingWiring.ledger,
        connections=TracingWiring.connections,
        trail=TracingWiring.audit_trail,
        trusts_caller=Foundation.settings.provided.trusts_caller,
    )
    lifecycle = providers.Singleton(
        LifecycleService,
        **_ASKING_JUNCTION,
        users=TracingWiring.users,
        connections=TracingWiring.connections,
        trail=TracingWiring.audit_trail,
    )
    webhooks = providers.Singleton(
        WebhookService,
        junction=TracingWiring.junction,
        clock=Foundation.clock,
        patience=Foundation.settings.provided.webhook_deadline_seconds,
        users=TracingWiring.users,
        connections=TracingWiring.connections,
        trail=TracingWiring.audit_trail,
    )
    reconciling = providers.Singleton(
        ReconcilingService,
        **_ASKING_JUNCTION,
        users=TracingWiring.users,
        connections=TracingWiring.connections,
    )
    forgetting = providers.Singleton(
        ForgettingService,
        **_ASKING_JUNCTION,
        users=TracingWiring.users,
        retention=TracingWiring.retention,
    )


def create_container(settings: Settings) -> Container:
    """Everything wired as `settings` say; nothing is opened yet."""
    return Container(settings=providers.Object(settings))


def migrate(database: DatabaseSettings, *, staging: bool) -> None:
    """Bring the database to this version.

    Raises:
        WrongDatabase: it is not for this use.

    """
    if database.kind == "postgresql":
        from adapters.persistence.postgresql_schema import migrate_postgresql

        migrate_postgresql(database.url, staging=staging)
    elif database.path is not None:
        from adapters.persistence.sqlite_schema import prepare_sqlite

        prepare_sqlite(database.path, staging=staging)


def create_junction_simulator(
    journal_path: Path | None,
    *,
    base_url: str,
    webhooks_url: str | None,
    webhook_secret: Secret,
) -> Starlette:
    """Junction simulated as a server of its own, at `base_url`.

    Without an address its webhooks go nowhere, until it is told where.
    """
    from adapters.junction.simulator.app import create_simulator
    from adapters.junction.simulator.webhooks import Endpoint, Webhooks

    clock = SystemClock()
    model = well_known.simulated_junction(clock, journal_path)
    endpoint = Endpoint(url=webhooks_url, secret=webhook_secret)
    webhooks = Webhooks(model, clock=clock, endpoint=endpoint)
    return create_simulator(model, link_page=f"{base_url}/link", webhooks=webhooks)
