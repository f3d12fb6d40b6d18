"""Bodies over 64 KiB on real sockets: the client sees the answer, though it is still sending."""

import pytest

from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.http.calls import assert_refused
from tests.http.edge import BODY, CHUNKED, POST, edge, posted

SIZE = 1_000_000


def in_chunks(size: int) -> list[bytes]:
    return [b"2710\r\n" + b" " * 10_000 + b"\r\n"] * (size // 10_000)


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"], ids=["keep-alive", "close"])
@pytest.mark.parametrize(
    "head",
    [
        POST + b"Content-Length: %d\r\n" % SIZE,
        POST + b"Content-Length: %d\r\nExpect: 100-continue\r\n" % SIZE,
    ],
    ids=["plain", "expect"],
)
async def test_large_body_is_refused_while_it_is_sent(
    container: Container, head: bytes, close: bytes
) -> None:
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.send(head + close + b"\r\n")
        if b"Expect" in head:
            assert await peer.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await peer.send(b" " * 100_000)

        assert_refused(await peer.answer(), 413, "payload_too_large")
        await peer.send(b" " * (SIZE - 100_000))


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"], ids=["keep-alive", "close"])
async def test_large_chunked_body_is_refused_while_it_is_sent(
    container: Container, close: bytes
) -> None:
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.send(POST + close + b"Transfer-Encoding: chunked\r\n\r\n", *in_chunks(100_000))

        assert_refused(await peer.answer(), 413, "payload_too_large")
        await peer.send(*in_chunks(SIZE))


@pytest.mark.parametrize(
    ("close", "size"),
    [(b"", SIZE), (b"", 10 * SIZE), (b"Connection: close", SIZE)],
    ids=["keep-alive", "very large", "close"],
)
async def test_client_that_reads_only_when_all_is_sent_sees_the_answer(
    container: Container, close: bytes, size: int
) -> None:
    request = posted(b" " * size, close or b"A: b")
    async with edge(create_app(container)) as server, server.peer() as peer:
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await peer.send(request)
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]

        answer = await (peer.last_answer() if close else peer.answer())

    assert_refused(answer, 413, "payload_too_large")


async def test_connection_serves_on_after_a_large_body(container: Container) -> None:
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.send(CHUNKED, *in_chunks(SIZE), b"0\r\n\r\n", posted(BODY))

        assert (await peer.answer()).status == 413
        assert (await peer.answer()).status == 201
