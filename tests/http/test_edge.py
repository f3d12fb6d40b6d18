"""What is not HTTP, or too much of it, on real sockets: it is answered, and goes no further."""

import asyncio
import logging

import pytest

from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.limits import Limits
from tests.http.calls import assert_refused
from tests.http.edge import BODY, CHUNKED, GET, POST, edge, posted

LIMIT = 16 * 1024
TOO_LARGE = "The request line and the headers are larger than 16 KiB."


def padded(size: int) -> bytes:
    """A good request whose head is exactly `size` bytes."""
    return GET[:-2] + b"P: " + b"x" * (size - len(GET) - 5) + b"\r\n\r\n"


HOSTILE = [
    ("no HTTP", b"nonsense\r\n\r\n", 400, "request: the request line has no HTTP method"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01", 400, "request: the request line has no HTTP method"),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "request: not valid HTTP/1.1"),
    ("version", b"GET / HTTP/9.9\r\n\r\n", 400, "request: not valid HTTP/1.1"),
    ("bare LF", b"GET / HTTP/1.1\nHost: a\n\n", 400, "request: not valid HTTP/1.1"),
    ("target", b"GET http:// HTTP/1.1\r\n\r\n", 400, "request: not valid HTTP/1.1"),
    ("CONNECT", b"CONNECT a:1 HTTP/1.1\r\n\r\n", 400, "request: CONNECT is for proxies"),
    ("space", GET[:-2] + b"A : b\r\n\r\n", 400, "request: a header is malformed"),
    ("folded", GET[:-2] + b"A: b\r\n c\r\n\r\n", 400, "request: a header is malformed"),
    ("NUL", GET[:-2] + b"A: \0\r\n\r\n", 400, "request: a header is malformed"),
    ("bare CR", GET[:-2] + b"A: b\rc\r\n\r\n", 400, "request: a header is malformed"),
    (
        "two lengths",
        POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        400,
        "request: more than one Content-Length",
    ),
    (
        "length, then coding",
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "request: both Content-Length and Transfer-Encoding",
    ),
    (
        "coding, then length",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
        400,
        "request: both Content-Length and Transfer-Encoding",
    ),
    *(
        (
            f"length {length!r}",
            POST + b"Content-Length: " + length + b"\r\n\r\n{}",
            400,
            "request: the Content-Length is not a number of bytes",
        )
        for length in (b"+2", b"-2", b"2, 2", b"0x2", b"9" * 30, b"")
    ),
    *(
        (
            f"coding {coding!r}",
            POST + b"Transfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n",
            400,
            "request: the only Transfer-Encoding understood is chunked",
        )
        for coding in (b"gzip", b"chunked, chunked", b"chunked, gzip", b"xchunked")
    ),
    *(
        (
            f"chunk {chunk!r}",
            CHUNKED + chunk,
            400,
            "request: the body is not well-formed chunks",
        )
        for chunk in (b"zz\r\n", b"1\r\nab\r\n", b"f" * 20 + b"\r\n", b"-1\r\n")
    ),
    ("large head", padded(LIMIT + 1), 431, TOO_LARGE),
    ("large target", b"GET /" + b"a" * LIMIT + b" HTTP/1.1\r\n\r\n", 431, TOO_LARGE),
    ("large name", GET[:-2] + b"a" * LIMIT + b": b\r\n\r\n", 431, TOO_LARGE),
    ("many headers", GET[:-2] + b"a: b\r\n" * 3000 + b"\r\n", 431, TOO_LARGE),
    ("empty lines", b"\r\n" * LIMIT + GET, 431, TOO_LARGE),
]
ERRORS = {400: "validation_error", 431: "headers_too_large"}


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [row[1:] for row in HOSTILE],
    ids=[row[0] for row in HOSTILE],
)
async def test_hostile_request_is_answered_and_the_connection_ends(
    container: Container,
    caplog: pytest.LogCaptureFixture,
    request_: bytes,
    status: int,
    message: str,
) -> None:
    caplog.set_level(logging.WARNING)
    async with edge(create_app(container)) as server:
        answer = await server.ask(request_)

    assert (answer.status, answer.json) == (status, {"error": ERRORS[status], "message": message})
    assert answer.headers.pop("date")
    assert len(answer.headers.pop("x-request-id")) == 32
    assert answer.headers == {
        "cache-control": "no-store",
        "connection": "close",
        "content-length": str(len(answer.body)),
        "content-type": "application/json",
    }
    assert caplog.messages == []


async def test_hostile_request_byte_by_byte_is_answered_the_same(container: Container) -> None:
    request = POST + b"Content-Length: 2\r\nContent-Length: 2\r\n"
    async with edge(create_app(container)) as server:
        answer = await server.ask(*(request[at : at + 1] for at in range(len(request))))

    assert answer.json["message"] == "request: more than one Content-Length"


async def test_head_of_16_kib_is_taken(container: Container) -> None:
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.send(padded(LIMIT))

        assert (await peer.answer()).status == 200


async def test_later_head_is_counted_from_its_own_start(container: Container) -> None:
    async with edge(create_app(container)) as server, server.peer() as peer:
        for _ in range(3):
            await peer.send(padded(LIMIT))
            assert (await peer.answer()).status == 200
        await peer.send(padded(LIMIT + 1))

        assert_refused(await peer.last_answer(), 431, "headers_too_large")


@pytest.mark.parametrize(
    ("endless", "status", "error"),
    [
        (GET[:-2] + b"A: ", 431, "headers_too_large"),
        (CHUNKED + b"1\r\nx\r\n0\r\nA: ", 413, "payload_too_large"),
        (CHUNKED + b"1;x=", 413, "payload_too_large"),
    ],
    ids=["header", "trailer", "chunk extension"],
)
async def test_endless_header_is_cut_off_early(
    container: Container, endless: bytes, status: int, error: str
) -> None:
    """Of 20 MB hardly more is taken than the limits and the sockets' own buffers hold."""
    limits = Limits(linger_seconds=0.5)
    async with edge(create_app(container), limits) as server, server.peer() as peer:
        answering = asyncio.create_task(peer.answer())
        await peer.send(endless)
        sent = await peer.send_until_cut_off(b"x" * 20_000_000)
        answer = await answering

    assert_refused(answer, status, error)
    assert sent < 5_000_000


async def test_name_of_the_caller_is_on_a_refusal(container: Container) -> None:
    async with edge(create_app(container)) as server:
        answer = await server.ask(GET[:-2] + b"X-Request-Id: caller-1\r\nA: " + b"x" * LIMIT)

    assert answer.status == 431
    assert answer.headers["x-request-id"] == "caller-1"


async def test_offer_to_upgrade_is_declined_and_the_body_kept(container: Container) -> None:
    offer = posted(BODY, b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"A: b")
    async with edge(create_app(container)) as server, server.peer() as peer:
        for parts in ([offer], [offer[at : at + 1] for at in range(len(offer))], [offer]):
            await peer.send(*parts)
            assert (await peer.answer()).status == 201
