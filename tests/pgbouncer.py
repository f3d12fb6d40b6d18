"""PgBouncer in front of a PostgreSQL: each transaction may get another of its connections."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests import needed
from tests.postgresql import a_free_port, execute, unprivileged_user

_CONFIGURATION = """\
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
"""


@contextmanager
def pooling(url: str) -> Iterator[str]:
    """The address at which the database of `url` is to be had through the pooler."""
    server, port = urlsplit(url), a_free_port()
    folder = Path(tempfile.mkdtemp(prefix="wearable-link-pgbouncer-"))
    user = unprivileged_user()
    if user is not None:
        os.chown(folder, user, -1)
    path = folder / "pgbouncer.ini"
    path.write_text(
        _CONFIGURATION.format(
            host=server.hostname, port=server.port, user=server.username, listen_port=port
        )
    )
    path.chmod(0o644)
    process = subprocess.Popen(
        [needed.program("pgbouncer"), "-q", str(path)],
        user=user,
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        pooled = server._replace(netloc=f"{server.username}@127.0.0.1:{port}").geturl()
        asyncio.run(_until_it_answers(pooled))
        yield pooled
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


async def _until_it_answers(url: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await execute(url, "SELECT 1")
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return
