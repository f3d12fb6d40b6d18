"""What callers of the simulator send, decoded."""

from typing import TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class Undecodable(Exception):
    """Not JSON, or not what was expected."""


def decode(body: bytes, expected: type[T]) -> T:
    """Raises Undecodable, in each of the ways in which msgspec fails."""
    try:
        return msgspec.json.decode(body, type=expected)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(str(error)) from error
