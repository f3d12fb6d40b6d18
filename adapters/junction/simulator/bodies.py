"""What callers of the simulator send, decoded."""

from typing import TypeVar

import msgspec

from adapters.upstream_http import UNREADABLE

T = TypeVar("T", bound=msgspec.Struct)


class Undecodable(Exception):
    """Not JSON, or not what was expected."""


def decode(body: bytes, expected: type[T]) -> T:
    """Raises Undecodable."""
    try:
        return msgspec.json.decode(body, type=expected)
    except UNREADABLE as error:
        raise Undecodable(str(error)) from error
