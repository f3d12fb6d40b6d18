"""What a request, and the reading of its answer, may take: bytes and seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds count from the first byte of a request, for a connection's first from its start."""

    header_bytes: int = 16 * 1024
    header_seconds: float = 10.0
    body_bytes: int = 1024 * 1024
    """With chunk headers and trailers, which the 64 or 512 KiB of a body do not count."""
    request_seconds: float = 20.0
    linger_bytes: int = 1024 * 1024
    linger_seconds: float = 2.0
    unread_seconds: float = 20.0
    """For a client to take what waits of an answer in our memory, not in the system's."""
