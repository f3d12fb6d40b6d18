"""A service whose spans are collected, with a Junction that says what it is told to."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.adapters.upstream import Upstream, reply, upstream
from tests.asgi import Answer, Client, running
from tests.collector import Collector
from tests.http.calls import EXCHANGE

NOTHING = reply(200, {"providers": []})


@dataclass(frozen=True)
class Traced:
    """Junction says `NOTHING` of a user unless told otherwise; all is collected at the end."""

    container: Container
    client: Client
    junction: Upstream

    async def exchange(self, *headers: tuple[str, str], of: str = "connected") -> Answer:
        return await self.client.request(
            "POST",
            EXCHANGE,
            headers=[
                ("authorization", "Bearer staging.demo"),
                ("content-type", "application/json"),
                *headers,
            ],
            body=f'{{"link_token": "link-test-{of}"}}'.encode(),
        )

    def heard(self) -> str:
        """The span that Junction was told it works for, and whether that is recorded."""
        return self.junction.received[-1].headers["traceparent"]


Tracing = Callable[..., AbstractAsyncContextManager[Traced]]


def tracing(collector: Collector, database: Path, folder: Path) -> Tracing:
    """Over a copy of `database`; what more is said is its environment."""
    shutil.copy(database, folder / "staging.db")

    @asynccontextmanager
    async def traced(answer: bytes = NOTHING, **more: str) -> AsyncIterator[Traced]:
        async with upstream(answer) as junction:
            environ = {
                "DATABASE_URL": f"sqlite:///{folder}/staging.db",
                "JUNCTION_BASE_URL": junction.url,
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                **more,
            }
            container = create_container(load_settings(environ, staging=True, public_url=""))
            container.prepare_storage()
            async with running(create_app(container)) as client:
                yield Traced(container, client, junction)

    return traced
