"""The command line.

Exit codes: 0 done; 1 `doctor` or `demo` found that something is not as it should be; 2 wrong
usage, settings or database; 3 the server could not start; 4 it left before all was done, as it was
told to, or was out of time; `reconcile` and `forget` name more of their own. A command imports
what it needs when it runs, so that help and bad settings answer at once.
"""

import argparse
import os
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from domain.secret import Secret
from entrypoints.commands import demo, doctor, forget, reconcile
from entrypoints.commands.startup import prepare, refuse, settings_of, try_tracing
from entrypoints.database_settings import load_database_settings
from entrypoints.environment import Environment, SettingsError
from entrypoints.settings import Settings
from entrypoints.signals import leaving_when_told
from entrypoints.webhook_settings import STAGING_SECRET, webhook_secrets

_CANNOT_START: Final = 3
_LAST_PORT: Final = 65535

_GREETING: Final = """\
Wearable Link, staging, on {url}
Junction: {junction}. Anyone is the patient they say: Bearer staging.<patient_id>.

Link a wearable, in a browser at {url}/ or by hand:

curl -sS {url}/v1/wearables/link/exchange \\
  -H 'Authorization: Bearer staging.demo' \\
  -H 'Content-Type: application/json' \\
  -d '{{"link_token": "link-test-connected"}}'
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command."""
    options = _parser().parse_args(arguments)
    options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wearable-link", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser(
        "serve",
        help="serve the API",
        epilog="Everything else is an environment variable: docs/configuration.md",
    )
    serve.add_argument("--staging", action="store_true", help="with no account: all simulated")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", default=8000, type=_port, help="port to listen on (%(default)s)")
    serve.add_argument("--workers", default=1, type=int, help="processes (%(default)s)")
    serve.set_defaults(run=_serve)

    simulate = commands.add_parser("simulate-junction", help="serve a simulated Junction")
    simulate.add_argument("--port", default=8001, type=_port, help="on 127.0.0.1 (%(default)s)")
    simulate.add_argument(
        "--state",
        type=Path,
        default=Path("var/simulate-junction.jsonl"),
        help="file that remembers its users and links (%(default)s)",
    )
    simulate.add_argument(
        "--webhooks",
        type=_url_to_send_to,
        metavar="URL",
        help="where to send its webhooks, signed with the first of JUNCTION_WEBHOOK_SECRETS",
    )
    simulate.set_defaults(run=_simulate_junction)

    migrate = commands.add_parser("migrate", help="create or upgrade the database")
    migrate.add_argument("--staging", action="store_true", help="staging's database")
    migrate.set_defaults(run=_migrate)

    reconcile.add_to(commands)
    forget.add_to(commands)
    doctor.add_to(commands)
    demo.add_to(commands)

    openapi = commands.add_parser("openapi", help="print the API document")
    openapi.set_defaults(run=_openapi)
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port <= _LAST_PORT:
        raise argparse.ArgumentTypeError("expected 1 to 65535")
    return port


def _url_to_send_to(text: str) -> str:
    if not re.fullmatch(r"https?://[!-~]+", text):
        raise argparse.ArgumentTypeError("expected http://... or https://...")
    return text


@leaving_when_told()
def _serve(options: argparse.Namespace) -> None:
    url = _url(options.host, options.port)
    settings = settings_of(staging=options.staging, public_url=url)
    _check_workers(options.workers, settings)

    from entrypoints import log
    from entrypoints.container import create_container
    from entrypoints.serving import serve_api

    log.configure()
    log.take_warnings()
    container = create_container(settings)
    try_tracing(container.try_tracing)
    prepare(container.prepare_storage)
    greeting = f"Wearable Link on {url}"
    if settings.staging:
        junction = settings.junction_base_url or "simulated in this process"
        greeting = _GREETING.format(url=url, junction=junction)
    listeners = _listen(options.host, options.port)
    serve_api(settings, listeners, workers=options.workers, greeting=greeting)


def _check_workers(workers: int, settings: Settings) -> None:
    if workers < 1:
        refuse("--workers: expected 1 or more")
    if workers > 1 and settings.database.serves_one_process:
        refuse("--workers: SQLite serves one process; more need PostgreSQL")
    if workers > 1 and settings.staging:
        refuse("--workers: staging serves one process")
    if workers > 1 and not hasattr(os, "fork"):
        refuse("--workers: this system cannot fork; start as many processes yourself")


@leaving_when_told()
def _simulate_junction(options: argparse.Namespace) -> None:
    secret = _webhook_secret()

    from entrypoints import log
    from entrypoints.serving import serve_simulator

    log.configure()
    log.take_warnings()
    listeners = _listen("127.0.0.1", options.port)
    serve_simulator(
        options.state,
        listeners,
        url=_url("127.0.0.1", options.port),
        webhooks_url=options.webhooks,
        webhook_secret=secret,
    )


def _webhook_secret() -> Secret:
    """What a simulator signs with; where none is set, what staging knows."""
    env = Environment(os.environ)
    secret, *_ = webhook_secrets(env, staging=True) or (Secret(STAGING_SECRET),)
    if env.problems:
        refuse(*env.problems)
    return secret


def _listen(host: str, port: int) -> list[socket.socket]:
    from entrypoints.listeners import listen

    try:
        return listen(host, port)
    except OSError as error:
        print(f"{host}:{port}: {error.strerror}", file=sys.stderr)
        sys.exit(_CANNOT_START)


def _migrate(options: argparse.Namespace) -> None:
    try:
        database = load_database_settings(os.environ, staging=options.staging)
    except SettingsError as error:
        refuse(*error.problems)

    from entrypoints.container import migrate

    prepare(lambda: migrate(database, staging=options.staging))


def _openapi(_: argparse.Namespace) -> None:
    from entrypoints.http.openapi import document

    print(document().decode())


def _url(host: str, port: int) -> str:
    """Where this machine finds a server that listens there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104  (where to send, not where to listen)
    return f"http://{reachable}:{port}"
