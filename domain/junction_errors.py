"""The ways in which Junction fails us, by whose fault it is."""

from domain.errors import LinkingError


class JunctionError(LinkingError):
    """Junction gave no usable answer; of ours, nothing was changed."""


class JunctionUnavailable(JunctionError):
    code = "junction_unavailable"
    message = "Junction cannot be reached. Try again."

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


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
