"""Any bytes at all to the server's socket: whole answers of ours, or none, and then silence.

`HYPOTHESIS_PROFILE=deep` looks longer.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import httptools
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrypoints.container import create_container
from entrypoints.http.app import create_app
from entrypoints.http.limits import Limits
from entrypoints.settings import load_settings
from tests.http.edge import BODY, CHUNKED, GET, Edge, edge, posted
from tests.logged import Logged

STATUSES: Final = {100, 200, 201, 400, 401, 404, 405, 408, 413, 415, 431}
QUICK: Final = Limits(
    header_bytes=2048,
    body_bytes=4096,
    header_seconds=0.05,
    request_seconds=0.1,
    linger_seconds=0.05,
    unread_seconds=0.5,
)

RIGHT: Final = (
    GET,
    posted(BODY),
    CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY),
    b"GET /v1/wearables/connections HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
)
WRONG: Final = (
    b"\r\n",
    b"\x00",
    b"\r\n\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
    b"Connection: close\r\n",
    b"CONNECT a:443 HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01",
    b"a" * 3000,
    b"ffffffffffffffff\r\n",
)


def planted(right: bytes, wrong: bytes, at: int, over: int) -> bytes:
    """A request with something in it that does not belong there, or without what did."""
    at %= len(right) + 1
    return right[:at] + wrong + right[at + over :]


requests = st.builds(
    planted,
    st.sampled_from(RIGHT),
    st.sampled_from(WRONG) | st.binary(max_size=20) | st.just(b""),
    st.integers(min_value=0),
    st.integers(0, 20),
)
# The last request says that it is, so that nobody waits for another one.
LAST: Final = GET[:-2] + b"Connection: close\r\n\r\n"
streams = st.lists(st.sampled_from(RIGHT) | requests, min_size=1, max_size=4).map(
    lambda parts: b"".join(parts) + LAST
)


def torn(stream: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted(cut % (len(stream) + 1) for cut in cuts)
    return [stream[a:b] for a, b in zip([0, *ends], [*ends, len(stream)], strict=True)]


fragments = st.builds(torn, streams, st.lists(st.integers(min_value=0), max_size=4))


@pytest.fixture
async def server(tmp_path: Path, logged: Logged) -> AsyncIterator[Edge]:
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/staging.db"}
    container = create_container(load_settings(environ, staging=True, public_url=""))
    container.prepare_storage()
    async with edge(create_app(container), QUICK, keep_alive=1) as server:
        yield server
        assert (await server.ask(GET)).status == 200
    assert {line["level"] for line in logged.lines} <= {"info"}  # no defect, and no complaint


@given(sent=fragments)
@settings(
    max_examples=5 * settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_is_sent_gets_whole_answers_and_then_the_end(
    server: Edge, sent: list[bytes]
) -> None:
    async with asyncio.timeout(20), server.peer() as peer:
        sending = asyncio.create_task(send(peer.writer, sent))
        received, to_its_end = await read(peer.reader)
        await sending

    answers = Answers(received)
    assert not to_its_end or (answers.read and answers.whole)
    for status, body in answers.read:
        assert status in STATUSES
        if status >= 400:
            assert msgspec.json.decode(body).keys() == {"error", "message"}


async def read(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """Everything, and whether that was all: who sends on after the last request is cut off."""
    received = b""
    try:
        while part := await reader.read(65_536):
            received += part
    except ConnectionError:
        return received, False
    return received, True


async def send(writer: asyncio.StreamWriter, parts: Sequence[bytes]) -> None:
    with suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)


class Answers:
    """What a client makes of the bytes; llhttp raises at what is no answer."""

    def __init__(self, received: bytes) -> None:
        self._body = b""
        self.read: list[tuple[int, bytes]] = []
        self.whole = True
        self._parser = httptools.HttpResponseParser(self)
        self._parser.feed_data(received)

    def on_message_begin(self) -> None:
        self._body = b""
        self.whole = False

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.read.append((self._parser.get_status_code(), self._body))
        self.whole = True
