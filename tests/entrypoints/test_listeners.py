"""Sockets to serve on: each address of a host, or none."""

import socket

import pytest

from entrypoints.listeners import listen
from tests.e2e.processes import a_free_port


def addresses_of(listeners: list[socket.socket]) -> set[str]:
    return {listener.getsockname()[0] for listener in listeners}


def test_connection_is_taken_before_anybody_serves() -> None:
    [listener] = listen("127.0.0.1", a_free_port())
    with listener, socket.create_connection(listener.getsockname(), timeout=5):
        accepted, _ = listener.accept()
        accepted.close()


def test_each_address_of_a_host_is_listened_on() -> None:
    found = socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)
    listeners = listen("localhost", a_free_port())

    assert addresses_of(listeners) == {str(each[4][0]) for each in found}
    assert len(listeners) == len(addresses_of(listeners))
    for listener in listeners:
        listener.close()


def test_answers_do_not_wait_for_more() -> None:
    """Asyncio turns off Nagle's algorithm only where it can tell that this is TCP."""
    [listener] = listen("127.0.0.1", a_free_port())
    with listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_address_that_is_not_this_machines_is_an_error(host: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011  (whichever the system gives)
        listen(host, a_free_port())


def test_address_that_is_taken_is_an_error_and_nothing_stays_open() -> None:
    [taken] = listen("127.0.0.1", a_free_port())
    with taken, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", taken.getsockname()[1])
