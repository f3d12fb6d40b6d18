"""The ASGI application: routes over use cases, opened and closed with the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from entrypoints.container import Container
from entrypoints.housekeeping import housekeeping
from entrypoints.http.cors import Cors
from entrypoints.http.errors import HANDLERS
from entrypoints.http.gate import Gate
from entrypoints.http.request_id import RequestIds
from entrypoints.http.request_log import RequestLog
from entrypoints.http.routes import ROUTES
from entrypoints.http.state import Services
from entrypoints.settings import SIMULATOR_PATH


def create_app(container: Container) -> ASGIApp:
    """The service as `container` wires it. Its storage must have been prepared before."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Services]:
        async with (
            container.tracing(),
            container.storage() as storage,
            container.audit_trail(),
            container.identity_session(),
            container.junction_session(),
            container.junction_webhooks(),
            housekeeping(
                container.retention(),
                container.reconciling(),
                reconcile_every=container.settings().reconcile_seconds,
            ),
        ):
            if container.settings().staging:
                await _enter_well_known_tokens(container)
            yield Services(
                admission=container.admission(),
                clock=container.clock(),
                identity=container.identity(),
                required_scope=container.settings().identity.required_scope,
                linking=container.linking(),
                lifecycle=container.lifecycle(),
                webhooks=container.webhooks(),
                webhook_secrets=container.settings().junction_webhook_secrets,
                storage=storage,
                request_figures=container.request_figures(),
                webhook_figures=container.webhook_figures(),
                metrics=container.metrics(),
            )

    routes: list[BaseRoute] = [*ROUTES]
    if container.settings().staging:
        routes += _staging_routes(container.settings().junction_base_url)
    if simulator := container.junction_simulator():
        routes.append(Mount(SIMULATOR_PATH, simulator))
    app = Starlette(routes=routes, exception_handlers=HANDLERS, lifespan=lifespan)
    app.router.redirect_slashes = False
    gate = Gate(app, container.admission())
    origins = container.settings().cors_allowed_origins
    logged = RequestLog(Cors(gate, origins=origins) if origins else gate)
    traced = container.settings().traces != "off"
    return RequestIds(_with_spans(logged, container) if traced else logged)


def _with_spans(app: ASGIApp, container: Container) -> ASGIApp:
    from entrypoints.http.request_spans import RequestSpans  # noqa: PLC0415  (an extra's)

    return RequestSpans(app, container.tracer())


def _staging_routes(junction_base_url: str | None) -> list[Route]:
    # Where patients are served this is not even imported.
    from entrypoints.staging.routes import staging_routes  # noqa: PLC0415

    return staging_routes(junction_base_url)


async def _enter_well_known_tokens(container: Container) -> None:
    for mint in container.well_known_mints():
        await container.ledger().enter(mint)
