"""Clients that hang up, and what the service holds before and after."""

import asyncio
import socket
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import psutil

from tests.adapters.sqlite_files import counted, execute
from tests.http.edge import Peer
from tests.http.gated import Linking, request

ENDINGS: Final = ("FIN", "RST")
_IN_TIME: Final = 20.0  # seconds


def a_mint(patient: str) -> bytes:
    return request("link/token", patient, b'{"provider": "oura"}')


async def hang_up(peer: Peer, ending: str) -> None:
    if ending == "RST":
        # Closing with a linger time of none sends RST instead of FIN.
        linger = struct.pack("ii", 1, 0)
        peer.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger
        )
    peer.writer.close()


async def send_and_hang_up(service: Linking, sent: bytes, ending: str) -> None:
    async with service.edge.peer() as peer:
        await peer.send(sent)
        await hang_up(peer, ending)


async def is_left(service: Linking, *, but: int = 0) -> None:
    """Once the server knows that the clients have gone, `but` for so many."""
    async with asyncio.timeout(_IN_TIME):
        while len(service.edge.server.server_state.connections) > but:  # noqa: ASYNC110  (uvicorn keeps a set, no event)
            await asyncio.sleep(0.001)


async def is_at_rest(service: Linking) -> None:
    """Once every client has left, every request is done, and so is every call of Junction's."""
    async with asyncio.timeout(_IN_TIME):
        await service.edge.is_left_by_all()
        while service.gate.under_way:  # noqa: ASYNC110  (a test that fails in time)
            await asyncio.sleep(0.01)


@contextmanager
def a_commit_that_waits(path: Path) -> Iterator[None]:
    """The file is locked by another: a transaction may begin once this is over."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def held(service: Linking) -> dict[str, int]:
    """What is kept while nobody asks anything."""
    await is_at_rest(service)
    # SQLite keeps descriptors of a file that its process has locked for the next to open it
    # (sqlite.org, lockingv3): those of the tests themselves are among what is held.
    with a_commit_that_waits(service.path):
        counted(service.path)
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "descriptors": psutil.Process().num_fds(),
    }


async def is_let_go(service: Linking, before: dict[str, int]) -> None:
    """Once no more is held than before."""
    async with asyncio.timeout(_IN_TIME):
        while any(now > before[what] for what, now in (await held(service)).items()):  # noqa: ASYNC110  (nor does the system)
            await asyncio.sleep(0.01)


def tokens_of(path: Path, patient: str) -> int:
    [(count,)] = execute(path, f"SELECT count(*) FROM link_tokens WHERE patient_id = '{patient}'")  # noqa: S608
    return int(count)
