"""What an answer of 200 MB costs us."""

import asyncio
import gc
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from domain.junction_errors import JunctionBadResponse
from tests.adapters.upstream import BY, head, junction
from tests.builders import ANNAS_USER

MEBIBYTE: Final = 1 << 20
SIZE: Final = 200 * MEBIBYTE
MOST: Final = 30 * MEBIBYTE

Parts = Callable[[], Iterator[bytes]]


def plain() -> Iterator[bytes]:
    for _ in range(SIZE // MEBIBYTE):
        yield b" " * MEBIBYTE


def bomb() -> Iterator[bytes]:
    """200 MB of spaces, in 200 kB."""
    deflate = zlib.compressobj(level=9, wbits=31)
    for part in plain():
        yield deflate.compress(part)
    yield deflate.flush()


def told(parts: Parts) -> bytes:
    return head(200, f"Content-Length: {sum(map(len, parts()))}")


def told_and_compressed(parts: Parts) -> bytes:
    size = sum(map(len, parts()))
    return head(200, f"Content-Length: {size}", "Content-Encoding: gzip")


def untold(_: Parts) -> bytes:
    return head(200)


@pytest.mark.parametrize(
    ("parts", "begin"),
    [(plain, told), (plain, untold), (bomb, told_and_compressed)],
    ids=["plain", "plain, of unknown length", "gzip bomb"],
)
async def test_answer_of_200_mb_is_refused_within_30_mib(
    parts: Parts, begin: Callable[[Parts], bytes]
) -> None:
    beginning = begin(parts)

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        for part in parts():
            writer.write(part)
            await writer.drain()

    async with junction(answer) as (gateway, served):
        gc.collect()
        tracemalloc.start()
        try:
            with pytest.raises(JunctionBadResponse):
                await gateway.list_providers(ANNAS_USER, by=BY)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < MOST
    assert len(served.received) == 1
