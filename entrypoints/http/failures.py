"""What HTTP itself can find wrong with a request, beside the domain's own errors."""

from domain.errors import LinkingError


class RequestError(LinkingError):
    """The request never reached a use case."""


class RouteNotFound(RequestError):
    code = "not_found"
    message = "There is nothing at this address."


class MethodNotAllowed(RequestError):
    code = "method_not_allowed"
    message = "This address does not take that method."


class RequestTimeout(RequestError):
    code = "request_timeout"
    message = "The request did not arrive whole in time."


class HeadersTooLarge(RequestError):
    code = "headers_too_large"
    message = "The request line and the headers are larger than 16 KiB."


class PayloadTooLarge(RequestError):
    code = "payload_too_large"
    message = "The body is larger than this address takes."


class UnsupportedMediaType(RequestError):
    code = "unsupported_media_type"
    message = "Send a body of type application/json."


class InvalidSignature(RequestError):
    """Not signed, not by the sender of webhooks, or not just now: one answer for all three."""

    code = "invalid_signature"
    message = "The signature of this message is not valid."


class WebhooksNotConfigured(RequestError):
    """Nothing can be verified; the sender tries again, and by then there may be a secret."""

    code = "webhooks_not_configured"
    message = "The service has no JUNCTION_WEBHOOK_SECRETS to verify messages with."


class Overloaded(RequestError):
    code = "overloaded"
    message = "The service has as many requests as it takes. Try again."
    retry_after = 1.0


class ShuttingDown(RequestError):
    """This process is about to end. Work that it cut off may have been done."""

    code = "shutting_down"
    message = "The service is shutting down. Try again."
    retry_after = 1.0


class InternalError(RequestError):
    """A defect of ours; the one error that nothing in the code raises by name."""

    code = "internal_error"
    message = "Something went wrong on our side."
