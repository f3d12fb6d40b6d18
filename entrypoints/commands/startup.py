"""What commands do before their work: read the settings, prepare the database, or refuse."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

from entrypoints.database_settings import DatabaseSettings
from entrypoints.environment import SettingsError
from entrypoints.settings import Settings, load_settings

if TYPE_CHECKING:
    from entrypoints.container import Container

REFUSED: Final = 2


def settings_of(*, staging: bool, public_url: str) -> Settings:
    """The settings, or the end of the command with all that is wrong with them."""
    try:
        return load_settings(os.environ, staging=staging, public_url=public_url)
    except SettingsError as error:
        refuse(*error.problems)


def prepare(prepare_storage: Callable[[], None]) -> None:
    """Prepare the database, or end the command with what is wrong with it."""
    from entrypoints.container import WrongDatabase

    try:
        prepare_storage()
    except WrongDatabase as error:
        refuse(f"DATABASE_URL: {error}")


def try_tracing(try_out: Callable[[], None]) -> None:
    """Let OpenTelemetry read what is its own, or end the command with what it says of that."""
    try:
        try_out()
    except (ValueError, RuntimeError) as error:
        refuse(f"OTEL_...: {error}")


def refuse(*reasons: str) -> NoReturn:
    """End the command, saying why."""
    for reason in reasons:
        print(reason, file=sys.stderr)
    sys.exit(REFUSED)


def wired(*, staging: bool) -> "Container":
    """The container of a command that works beside the service, on the service's database.

    That is brought to this version, but not made: who names another by mistake would be told that
    all is well.
    """
    from entrypoints import log
    from entrypoints.container import create_container

    # Spans are of requests; a command has none.
    settings = replace(settings_of(staging=staging, public_url=""), traces="off")
    _expect(settings.database)
    log.configure()
    log.take_warnings()
    container = create_container(settings)
    prepare(container.prepare_storage)
    return container


def _expect(database: DatabaseSettings) -> None:
    if database.kind == "in_memory":
        refuse("DATABASE_URL: only the service itself reaches its memory")
    if database.path is not None and not database.path.exists():
        refuse(f"DATABASE_URL: {database.path} is not there; the service makes it")


@asynccontextmanager
async def opened(container: "Container") -> AsyncIterator[None]:
    """With the storage and the session to Junction open."""
    async with container.storage(), container.junction_session():
        yield
