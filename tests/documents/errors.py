"""The table of docs/errors.md: every error that an answer can have, as the code has it."""

from collections.abc import Iterator
from typing import Final

from domain.errors import InsufficientScope, LinkingError, ValidationError
from entrypoints.http.advice import ADVICE
from entrypoints.http.errors import status_of

_HEAD: Final = """\
| status | `error` | `message` | what to do |
| --- | --- | --- | --- |
"""


def render() -> str:
    return _HEAD + "\n".join(_rows())


def _rows() -> Iterator[str]:
    for kind in sorted(ADVICE, key=status_of):
        error = _made(kind)
        cells = (str(status_of(kind)), f"`{error.code}`", str(error), ADVICE[kind])
        yield f"| {' | '.join(cells)} |"


def _made(kind: type[LinkingError]) -> LinkingError:
    if kind is InsufficientScope:
        return InsufficientScope("manage:wearables")
    return ValidationError("link_token", "…") if kind is ValidationError else kind()
