"""JunctionProbe over HTTP: one request, as the gateway sends its own, and no second attempt."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp
import msgspec
from yarl import URL

from adapters.upstream_http import UNREADABLE, BodyTooLarge, read_bounded
from domain.junction_errors import JunctionBadResponse, JunctionTimeout, JunctionUnavailable
from ports.junction_probe import ProbeAnswer

_DEADLINE: Final = 3.0  # seconds
_MAX_BODY: Final = 64 * 1024

# Nobody's: the answer of a Junction that takes the key is 404.
_NOBODY: Final = "/v2/user/resolve/wearable-link-doctor"

_ABSENT: Final = msgspec.Raw(b"null")


class _Body(msgspec.Struct):
    """What a user and every refusal of Junction's has at least one of."""

    detail: msgspec.Raw = _ABSENT
    user_id: str | None = None


_body: Final = msgspec.json.Decoder(_Body)


class HttpJunctionProbe:
    """`session` bears our key; `deadline` is in seconds."""

    def __init__(
        self, session: aiohttp.ClientSession, *, base_url: str, deadline: float = _DEADLINE
    ) -> None:
        self._session = session
        base = URL(base_url, encoded=True)
        self._url = base.with_path(base.raw_path.rstrip("/") + _NOBODY, encoded=True)
        self._deadline = deadline

    async def ask(self) -> ProbeAnswer:
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._session.get(self._url, allow_redirects=False) as response,
            ):
                body = await read_bounded(response, _MAX_BODY)
        except TimeoutError as error:
            raise JunctionTimeout from error
        except (aiohttp.ClientResponseError, BodyTooLarge) as error:
            raise JunctionBadResponse from error
        except aiohttp.ClientError as error:
            raise JunctionUnavailable from error
        return ProbeAnswer(
            status=response.status,
            is_junctions=_is_junctions(body),
            date=_date(response.headers.get("Date")),
        )


def _is_junctions(body: bytes) -> bool:
    try:
        read = _body.decode(body)
    except UNREADABLE:
        return False
    return read.detail != _ABSENT or read.user_id is not None


def _date(text: str | None) -> datetime | None:
    """RFC 9110, 5.6.7; None where it is none."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
