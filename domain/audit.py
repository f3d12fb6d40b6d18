"""Refused attempts are written down, whoever made them and whatever they were after."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from domain.errors import (
    ConnectionNotFound,
    InvalidLinkToken,
    LinkTokenExpired,
    ProviderMismatch,
)
from domain.history import Cause
from domain.identifiers import Caller, ConnectionId
from ports.audit import AuditTrail

# Not `ProviderUndetermined`: that is "not yet", and well-behaved callers hear it again and again.
_REFUSALS: Final = (InvalidLinkToken, LinkTokenExpired, ProviderMismatch, ConnectionNotFound)


@contextmanager
def audited(
    trail: AuditTrail, caller: Caller, cause: Cause, connection_id: ConnectionId | None = None
) -> Iterator[None]:
    """Hand a refusal inside to `trail`, unknown and foreign alike, and let it go on its way."""
    try:
        yield
    except _REFUSALS as refusal:
        trail.refused(caller, cause, refusal.code, connection_id)
        raise
