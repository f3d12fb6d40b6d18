"""`python -m bench.peers.check`: does every candidate do the work that it is measured by?

To be run in the peers' own environment. Says of each `ok`, or what differs.
"""

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp
from aiohttp import web

from bench.peers import common, filled, questions
from bench.peers.asker import SECRET, Asker
from bench.peers.served import CANDIDATES, Candidate

_PATIENCE: Final = 30  # seconds for a server to start, or to answer
_ROOT: Final = Path(__file__).parents[2]


async def check_all(names: list[str], postgresql: str | None) -> int:
    red = 0
    async with upstream() as (url, called):
        for candidate in CANDIDATES:
            if names and candidate.name not in names:
                continue
            if candidate.database == "postgresql" and postgresql is None:
                print(f"{candidate.name}: not checked, for want of --postgresql")
                continue
            called.clear()
            with TemporaryDirectory(prefix="peers-") as folder:
                try:
                    told = await check(candidate, Path(folder), url, called, postgresql)
                except (aiohttp.ClientError, TimeoutError) as error:
                    told = [f"no answer: {error!r}"]
            red += bool(told)
            print(f"{candidate.name}: {'; '.join(told) or 'ok'}", flush=True)
    return 1 if red else 0


async def check(
    candidate: Candidate, folder: Path, url: str, called: list[str], postgresql: str | None
) -> list[str]:
    rows = filled.token_rows(common.digest)
    database, opened = str(folder / "peer.db"), filled.sqlite_file(folder / "peer.db", rows)
    if candidate.database == "postgresql":
        assert postgresql is not None
        database, opened = postgresql, filled.postgresql(postgresql, rows)
    settings = {"DATABASE": database, "JUNCTION_URL": url, "WEBHOOK_SECRET": SECRET}
    async with (
        opened as ask,
        served(candidate, settings) as address,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as session,
    ):
        asker = Asker(session, address)
        if candidate.database == "none":
            return [each async for each in questions.constant(asker)]
        told = await questions.exchanges(asker, ask, called)
        if candidate.does_all:
            told += [each async for each in questions.all_else(asker, ask)]
        return told


@asynccontextmanager
async def served(candidate: Candidate, settings: dict[str, str]) -> AsyncIterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *candidate.command(port),
        cwd=_ROOT,
        env=os.environ | settings,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            while not await _listens(port):
                if process.returncode is not None:
                    raise SystemExit(f"{candidate.name} does not start")
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def upstream() -> AsyncIterator[tuple[str, list[str]]]:
    """A Junction that lists the same of every user; and whose it was asked for."""
    called: list[str] = []

    async def providers(request: web.Request) -> web.Response:
        user_id = request.match_info["user_id"]
        called.append(user_id)
        if request.headers.get("x-vital-api-key") != common.JUNCTION_HEADERS["x-vital-api-key"]:
            return web.Response(status=401)
        if user_id == questions.BROKEN_USER:
            return web.Response(status=500)
        return web.json_response({"providers": questions.LISTED})

    app = web.Application()
    app.router.add_get("/v2/user/providers/{user_id}", providers)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", called
    finally:
        await runner.cleanup()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="candidates, all if none")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    options = parser.parse_args()
    return asyncio.run(check_all(options.names, options.postgresql))


if __name__ == "__main__":
    sys.exit(main())
