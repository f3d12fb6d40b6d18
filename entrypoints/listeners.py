"""Sockets that take connections before anybody is there to serve them."""

import socket
from contextlib import ExitStack
from typing import Final

_BACKLOG: Final = 2048  # connections that wait to be accepted; uvicorn's own number


def listen(host: str, port: int) -> list[socket.socket]:
    """One for each address that `host` stands for.

    Raises:
        OSError: there is none, or one of them is taken, or not this machine's.

    """
    # With the protocol named asyncio sets TCP_NODELAY; without, each answer may wait for 40 ms.
    found = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )
    with ExitStack() as opening:
        listeners = [
            opening.enter_context(_listener(family, address))
            for family, address in dict.fromkeys((each[0], each[4]) for each in found)
        ]
        opening.pop_all()
    return listeners


def _listener(family: socket.AddressFamily, address: object) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:  # else it would take the port of the other family too
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)  # type: ignore[arg-type]  # as the system gave it
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
