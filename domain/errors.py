"""Every way a request can fail, by name.

LinkingError
├── ValidationError
├── LinkTokenError
│   ├── InvalidLinkToken
│   ├── LinkTokenExpired
│   ├── ProviderMismatch
│   └── ProviderUndetermined
├── IdentityError
│   ├── Unauthenticated
│   └── InvalidToken
├── ConnectionNotFound
├── JunctionError
│   ├── JunctionUnavailable
│   ├── JunctionTimeout
│   ├── JunctionRateLimited
│   ├── JunctionRejectedCredentials
│   └── JunctionBadResponse
│       └── JunctionContradiction
└── StorageUnavailable

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
        "Junction lists nothing new for this link token. Name the provider, "
        "or try again once the Link widget reports success."
    )


class IdentityError(LinkingError):
    """Who is asking cannot be told from the request."""


class Unauthenticated(IdentityError):
    code = "unauthenticated"
    message = "Send `Authorization: Bearer <token>`."


class InvalidToken(IdentityError):
    code = "invalid_token"
    message = "The bearer token is not valid."


class ConnectionNotFound(LinkingError):
    """No such connection of this patient; another patient's is no different from none."""

    code = "not_found"
    message = "There is no such connection."


class JunctionError(LinkingError):
    """Junction gave no usable answer; of ours, nothing was changed."""


class JunctionUnavailable(JunctionError):
    code = "junction_unavailable"
    message = "Junction cannot be reached. Try again."


class JunctionTimeout(JunctionError):
    code = "junction_timeout"
    message = "Junction did not answer in time. Try again."


class JunctionRateLimited(JunctionError):
    code = "junction_rate_limited"
    message = "Junction is asking us to slow down. Try again later."

    def __init__(self, retry_after: float = 1.0) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class JunctionRejectedCredentials(JunctionError):
    """Our API key is wrong, not the caller's request: it is ours to mend."""

    code = "junction_rejected_credentials"
    message = "Junction refused this service's credentials. Its operators have to act."


class JunctionBadResponse(JunctionError):
    code = "junction_bad_response"
    message = "Junction's answer could not be used."


class JunctionContradiction(JunctionBadResponse):
    """Junction gives to one patient what is on record as another's; neither gets it."""


class StorageUnavailable(LinkingError):
    """Nothing can be read or stored now; what was not acknowledged may not have happened."""

    code = "storage_unavailable"
    message = "The service cannot reach its storage. Try again."
    retry_after = 1.0
