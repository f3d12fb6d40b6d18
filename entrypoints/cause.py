"""Why something failed, in what cannot be about a patient: types, and places in code."""

import sqlite3
from traceback import walk_tb
from typing import Final

_OURS: Final = ("domain.", "ports.", "adapters.", "entrypoints.")
_MOST: Final = 8  # errors of a chain


def cause_of(error: BaseException) -> list[dict[str, str]]:
    """The chain of errors that led to `error`, itself first."""
    chain: list[dict[str, str]] = []
    link: BaseException | None = error
    while link is not None and len(chain) < _MOST:
        chain.append(_described(link))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return chain


def reason_of(error: BaseException) -> str | None:
    """What an error says of itself, where that is the system's word or SQLite's.

    The system names no more than a peer's address. SQLite names tables and columns; what is bound
    to a statement it never sees as text.
    """
    if isinstance(error, OSError):
        return error.strerror
    if isinstance(error, sqlite3.Error):
        return str(error)
    return None


def _described(error: BaseException) -> dict[str, str]:
    kind = type(error)
    described = {"type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    if reason := reason_of(error):
        described["reason"] = reason
    if place := _place(error):
        described["place"] = place
    return described


def _place(error: BaseException) -> str | None:
    """The innermost place in our own code; in anybody's, where it never came by ours."""
    places = [
        (frame.f_globals.get("__name__", ""), line, frame.f_code.co_name)
        for frame, line in walk_tb(error.__traceback__)
    ]
    ours = [place for place in places if place[0].startswith(_OURS)]
    for module, line, function in reversed(ours or places):
        return f"{module}:{line} in {function}"
    return None
