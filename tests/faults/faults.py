"""Every way to fail that the matrix has a row for, by name."""

import asyncio
import gzip
import ssl
from typing import Final

from tests.adapters.upstream import Behaviour, drip, hang, reply, reset
from tests.faults.names import Names
from tests.faults.proxy import Fault, FaultProxy, Spoilt, Unheard, Withheld

NAME_LOST: Final = "DNS failure"
TLS: Final = {"TLS: the port speaks plain HTTP", "TLS: self-signed certificate"}

HANGING: Final = {
    "hang at connect",
    "hang, the request not passed on",
    "hang at the header",
    "hang at the body",
    "drip",
}
"""Those that last for as long as anyone waits."""

_LARGEST: Final = 1 << 20


def all_faults(*, names: Names, self_signed: ssl.SSLContext) -> dict[str, Fault]:
    """By name; a `Spoilt` one is met after the upstream did what it was asked to."""
    return {
        "none": Spoilt(lambda answer: answer),
        "refused connection": Unheard(_refuse),
        "hang at connect": Unheard(lambda proxy: proxy.port.leave_hanging()),
        NAME_LOST: Unheard(names.forget),
        "TLS: the port speaks plain HTTP": Unheard(lambda proxy: proxy.port.serve(_misunderstand)),
        "TLS: self-signed certificate": Unheard(
            lambda proxy: proxy.port.serve(proxy.pass_on, self_signed)
        ),
        "reset before the request": Unheard(lambda proxy: proxy.port.serve(reset)),
        "hang, the request not passed on": Withheld(hang),
        "drip": Withheld(drip),
        "garbage": Withheld(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        "200 with HTML": Withheld(_html(200)),
        "307 to another host": Withheld(_redirect),
        "401": Withheld(reply(401, {"detail": "Invalid API key"})),
        "403": Withheld(reply(403, b"Forbidden")),
        "404": Withheld(reply(404, {"detail": "Not found"})),
        "409": Withheld(reply(409, {"detail": "Client user id already exists."})),
        "422, a string": Withheld(reply(422, {"detail": "Invalid format"})),
        "422, a list": Withheld(reply(422, {"detail": [{"loc": ["body"], "msg": "Required"}]})),
        "422, an object": Withheld(reply(422, {"detail": {"error_type": "INVALID_REQUEST"}})),
        "429": Withheld(reply(429, {"detail": "Too many requests"})),
        "429, Retry-After: 7": Withheld(reply(429, b"", "Retry-After: 7")),
        "500": Withheld(reply(500, b"Internal Server Error")),
        "502": Withheld(_html(502)),
        "503": Withheld(_html(503)),
        "503, Retry-After: 7": Withheld(reply(503, b"", "Retry-After: 7")),
        "504 after the request": Spoilt(lambda answer: _anew(answer, status=504)),
        "reset after the request": Spoilt(lambda _: reset),
        "hang at the header": Spoilt(lambda _: hang),
        "hang at the body": Spoilt(_hang_at_the_body),
        "cut in the body": Spoilt(_half),
        "wrong content type": Spoilt(lambda answer: _anew(answer, "Content-Type: text/html")),
        "body too large": Spoilt(lambda answer: _anew(answer, most=_LARGEST + 1)),
        "gzip nobody asked for": Spoilt(_compressed),
    }


async def _refuse(proxy: FaultProxy) -> None:
    proxy.port.refuse()


async def _misunderstand(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What a server of plain HTTP says to the first bytes of TLS."""
    writer.write(reply(400, b"Bad Request"))


async def _redirect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """To the same port by another name, where the proxy will know of it."""
    _, port = writer.get_extra_info("sockname")
    writer.write(reply(307, b"", f"Location: http://localhost:{port}/elsewhere"))


def _html(status: int) -> bytes:
    return reply(status, b"<!doctype html><title>Sorry</title>", "Content-Type: text/html")


def _anew(answer: bytes, *headers: str, status: int | None = None, most: int = 0) -> bytes:
    """The same body, padded to `most` bytes at least, under another head."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return reply(status or int(head.split()[1]), body.ljust(most), *headers)


def _compressed(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    return reply(int(head.split()[1]), gzip.compress(body), "Content-Encoding: gzip")


def _half(answer: bytes) -> bytes:
    """All of the head and half of the body."""
    _, _, body = answer.partition(b"\r\n\r\n")
    return answer[: len(answer) - len(body) // 2]


def _hang_at_the_body(answer: bytes) -> Behaviour:
    async def hang_at_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_half(answer))
        await hang(reader, writer)

    return hang_at_the_body
