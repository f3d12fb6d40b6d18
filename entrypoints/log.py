"""The log: on standard error, a line an event, whose fields hold nothing of a patient's.

A line is a JSON object; on a terminal it is for the eye.

What is not named here is not written, whoever logs it. Of what other libraries say only the place
is kept: their messages hold the values bound to a statement, and addresses (docs/adr/0007).
"""

import logging
import sys
import threading
import warnings
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, BinaryIO, Final

import msgspec
import structlog

from entrypoints.cause import cause_of, reason_of

# Words of ours, numbers, places in code, and the name of a request.
FIELDS: Final[Mapping[str, type]] = {
    "event": str,
    "level": str,
    "at": str,
    "logger": str,
    "place": str,
    "request_id": str,
    "method": str,
    "route": str,
    "status": int,
    "error": str,
    "milliseconds": float,
    "count": int,
    "exit_code": int,
    "ending": str,
    "users": int,
    "unanswered": int,
    "changed": int,
    "cause": list,
}

# A server's own sentences about itself; what varies in them is never filled in.
_SPOKEN_FOR: Final = {"uvicorn", "uvicorn.error"}

_LONGEST: Final = 200  # characters of a text

_encoder: Final = msgspec.json.Encoder()


def configure(file: BinaryIO | None = None, *, level: int = logging.INFO) -> None:
    """Let everything in this process that logs write to `file`."""
    file = file or sys.stderr.buffer
    structlog.configure(
        processors=[
            _explain,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _allow,
            _for_the_eye() if file.isatty() else _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(file),
        cache_logger_on_first_use=False,
    )
    # Of others only what is wrong; all of it where a test wants to see what could be said.
    logging.basicConfig(
        handlers=[OthersHandler()],
        level=logging.WARNING if level > logging.DEBUG else level,
        force=True,
    )


def take_warnings() -> None:
    """Let warnings, and errors that nobody can catch, be logged too: Python would quote them."""
    warnings.showwarning = _on_warning  # type: ignore[assignment]  # the rest may be anything
    sys.unraisablehook = _on_unraisable
    threading.excepthook = _on_thread_exception


class OthersHandler(logging.Handler):
    """Takes what other libraries log, and says where, how grave, and which exception."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno,
            _sentence(record),
            logger=record.name,
            place=f"{record.module}:{record.lineno} in {record.funcName}",
            exc_info=record.exc_info[1] if record.exc_info else None,
        )


def _sentence(record: logging.LogRecord) -> str:
    if record.name not in _SPOKEN_FOR:
        return "logged"
    if isinstance(record.msg, BaseException):
        return reason_of(record.msg) or type(record.msg).__name__
    return str(record.msg).partition("\n")[0]


def _explain(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["cause"] = cause_of(error)
    return event


def _allow(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {
        name: value[:_LONGEST] if type(value) is str else value
        for name, value in event.items()
        if type(value) is FIELDS.get(name)
    }


def _as_json(_: object, __: str, event: MutableMapping[str, Any]) -> bytes:
    return _encoder.encode(event)


def _for_the_eye() -> Callable[[object, str, MutableMapping[str, Any]], bytes]:
    from structlog.dev import ConsoleRenderer  # noqa: PLC0415  (a service has no terminal)

    render = ConsoleRenderer(timestamp_key="at")
    return lambda logger, name, event: render(logger, name, event).encode()


def _on_warning(
    _: Warning | str, category: type[Warning], filename: str, lineno: int, *__: object
) -> None:
    place = f"{filename.rpartition('/')[2]}:{lineno}"
    structlog.get_logger().warning("warned", cause=[{"type": category.__name__}], place=place)


def _on_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    structlog.get_logger().error("unraisable", exc_info=unraisable.exc_value)


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    structlog.get_logger().error("thread_ended", exc_info=args.exc_value)
