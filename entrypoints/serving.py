"""From settings to servers that run, in this process or in several."""

import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from domain.secret import Secret
from entrypoints.container import create_container, create_junction_simulator
from entrypoints.http.app import create_app
from entrypoints.server import Stopping, serve
from entrypoints.settings import Settings
from entrypoints.supervisor import Supervisor

_MORE: Final = 2.0  # seconds, for a worker to end once it has decided to


def serve_api(
    settings: Settings, listeners: list[socket.socket], *, workers: int, greeting: str
) -> None:
    """Serve on `listeners` until told to stop. The storage must have been prepared."""
    grace = settings.shutdown_grace_seconds

    def work(worker: int) -> None:
        container = create_container(settings if workers == 1 else settings_of(worker, settings))
        serve(
            create_app(container),
            listeners=listeners,
            greeting=greeting if worker == 0 else None,
            stopping=Stopping(tell=container.admission().close, requests=grace),
        )

    if workers == 1:
        work(0)
        return
    # A worker leaves by itself when its time is up; who cannot even do that is waited for no more.
    patience = Stopping(requests=grace).seconds + _MORE
    supervisor = Supervisor(work, workers=workers, listeners=listeners, patience=patience)
    sys.exit(supervisor.run())


def settings_of(worker: int, settings: Settings) -> Settings:
    """One of several is enough to reconcile: each would ask about the same rows."""
    reconcile_every = settings.reconcile_seconds if worker == 0 else None
    return replace(settings, worker=worker, reconcile_seconds=reconcile_every)


def serve_simulator(
    state: Path,
    listeners: list[socket.socket],
    *,
    url: str,
    webhooks_url: str | None,
    webhook_secret: Secret,
) -> None:
    """Serve a simulated Junction, which remembers in the file `state`."""
    simulator = create_junction_simulator(
        state, base_url=url, webhooks_url=webhooks_url, webhook_secret=webhook_secret
    )
    serve(
        simulator,
        listeners=listeners,
        greeting=f"Junction, simulated, on {url}\nServe with JUNCTION_BASE_URL={url}",
    )
