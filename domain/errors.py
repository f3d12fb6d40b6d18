"""Every way a request can fail, by name.

LinkingError
├── ValidationError, ConnectionNotFound, StillConnected, StorageUnavailable, StorageOutdated
├── LinkTokenError: InvalidLinkToken, LinkTokenExpired, ProviderMismatch, ProviderUndetermined
├── IdentityError: Unauthenticated, InvalidToken
├── AccessError: InsufficientScope, PatientRequired
├── IdentityUnavailable
└── JunctionError: see `junction_errors`

`code` and the message are public and say nothing of the cause: that stays in `__cause__`.
"""

from typing import ClassVar


class LinkingError(Exception):
    """Root of all of them; raised only as one of its leaves."""

    code: ClassVar[str]
    message: ClassVar[str]
    retry_after: float | None = None
    """Seconds to wait before the same request may do better, where that is known."""

    def __str__(self) -> str:
        return self.message


class ValidationError(LinkingError):
    """The request breaks a rule that its sender can read in the API document."""

    code = "validation_error"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class LinkTokenError(LinkingError):
    """The link token does not make a connection for this caller, now."""


class InvalidLinkToken(LinkTokenError):
    """Unknown, another patient's, or of a Junction user who is gone: one answer for all three."""

    code = "invalid_link_token"
    message = "This link token is not valid. Ask for a new one and link again."


class LinkTokenExpired(LinkTokenError):
    code = "link_token_expired"
    message = "This link token has expired. Ask for a new one and link again."


class ProviderMismatch(LinkTokenError):
    code = "provider_mismatch"
    message = "This link token belongs to another provider. Leave `provider` out, or send its own."


class ProviderUndetermined(LinkTokenError):
    code = "provider_undetermined"
    message = (
        "Junction lists no new link for this token. Try again once the Link widget reports "
        "success, or name the provider, as where a link was renewed."
    )


class IdentityError(LinkingError):
    """Who is asking cannot be told from the request."""


class Unauthenticated(IdentityError):
    code = "unauthenticated"
    message = "Send `Authorization: Bearer <token>`."


class InvalidToken(IdentityError):
    code = "invalid_token"
    message = "The bearer token is not valid."


class AccessError(LinkingError):
    """Who is asking is known, and may not."""


class InsufficientScope(AccessError):
    code = "insufficient_scope"
    message = "The bearer token does not have the scope that this service requires."

    def __init__(self, required: str) -> None:
        super().__init__(required)
        self.required = required


class PatientRequired(AccessError):
    code = "patient_required"
    message = "The bearer token is not a patient's."


class IdentityUnavailable(LinkingError):
    """Whether the bearer token is valid cannot be told now: it is neither believed nor refused."""

    code = "identity_unavailable"
    message = "The service cannot check bearer tokens. Try again."
    retry_after = 1.0


class ConnectionNotFound(LinkingError):
    """No such connection of this patient; another patient's is no different from none."""

    code = "not_found"
    message = "There is no such connection."


class StillConnected(LinkingError):
    """Junction was told to end the connection, and lists it as connected all the same."""

    code = "still_connected"
    message = (
        "Junction still lists this connection as connected. Where an app on the phone keeps it, "
        "as with Apple Health, it has to be ended there."
    )


class StorageUnavailable(LinkingError):
    """Nothing can be read or stored now; what was not acknowledged may not have happened."""

    code = "storage_unavailable"
    message = "The service cannot reach its storage. Try again."
    retry_after = 1.0


class StorageOutdated(LinkingError):
    """The schema is of an older version: a backup was put back, or a migration left out."""

    code = "storage_outdated"
    message = "The service's storage is of an older version than the service."
    retry_after = 60.0  # somebody has to migrate it
