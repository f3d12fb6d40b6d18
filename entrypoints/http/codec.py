"""JSON in and out: the one place that knows every way in which a body can fail."""

import re
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import ValidationError
from entrypoints.http.failures import PayloadTooLarge, UnsupportedMediaType

T = TypeVar("T")

_MAX_BODY: Final = 64 * 1024

_encoder: Final = msgspec.json.Encoder()

# msgspec tells the first failure only, in one string that ends with the path, if it has one.
_LOCATED: Final = re.compile(r"(?P<reason>.+) - at `\$\.?(?P<path>.*)`", re.DOTALL)
_NAMED: Final = re.compile(r"Object (?P<reason>missing required field) `(?P<path>\w+)`")

# Patients' data and live tokens: for the one who asked, and nobody's cache.
_HEADERS: Final = {"Cache-Control": "no-store"}


def json(content: msgspec.Struct, status: int = 200) -> Response:
    return Response(
        _encoder.encode(content), status, headers=_HEADERS, media_type="application/json"
    )


def nothing() -> Response:
    return Response(status_code=204, headers=_HEADERS)


def given(value: T | msgspec.UnsetType) -> T | None:
    """What was sent, or None for what was not: where None itself cannot be sent."""
    return None if value is msgspec.UNSET else value


def read_query(request: Request[Any], expected: type[T]) -> T:
    """The query; of a parameter that was sent twice the last.

    Raises:
        ValidationError: it is not what `expected` says.

    """
    try:
        return msgspec.convert(dict(request.query_params), expected, strict=False)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None


async def read_json(request: Request[Any], decoder: msgspec.json.Decoder[T]) -> T:
    """The body, decoded.

    Raises:
        UnsupportedMediaType: it does not say that it is JSON.
        PayloadTooLarge: it is larger than 64 KiB, whatever its Content-Length says.
        ValidationError: it is not JSON, or not what `decoder` expects.

    """
    _require_json(request)
    return decode(await read_body(request, most=_MAX_BODY), decoder)


async def read_optional_json(request: Request[Any], decoder: msgspec.json.Decoder[T]) -> T:
    """The same, where no body means an empty object."""
    body = await read_body(request, most=_MAX_BODY)
    if not body:
        return decoder.decode(b"{}")
    _require_json(request)
    return decode(body, decoder)


def _require_json(request: Request[Any]) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise UnsupportedMediaType


async def read_body(request: Request[Any], *, most: int) -> bytes:
    """The body as it was sent.

    Raises:
        PayloadTooLarge: it has more than `most` bytes, whatever its Content-Length says.

    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise PayloadTooLarge
    return bytes(body)


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Raises ValidationError: it is not JSON, or not what `decoder` expects."""
    try:
        if not body.isascii():
            body.decode()  # msgspec skips over members it does not know, whatever is in them
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValidationError("body", "not valid JSON") from None


def _explained(message: str) -> ValidationError:
    """Which field, and what is wrong with it; of the value nothing is repeated."""
    located = _LOCATED.fullmatch(message) or _NAMED.fullmatch(message)
    if located is None:
        return ValidationError("body", _plain(message))
    return ValidationError(located["path"] or "body", _plain(located["reason"]))


def _plain(reason: str) -> str:
    if reason.startswith("Invalid enum value"):  # the rest repeats the value
        return "not one of the allowed values"
    if "matching regex" in reason:
        return "not in the allowed form"
    return reason.replace("`", "").replace("Expected", "expected")
