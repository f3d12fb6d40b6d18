"""What is still to come of a request."""

from enum import Enum, auto


class Awaited(Enum):
    """`REQUEST`: all of it, as nothing has come yet."""

    REQUEST = auto()
    REST_OF_HEAD = auto()
    REST_OF_BODY = auto()
