"""What is wrong with a request that is not HTTP, in words of ours: it repeats nothing of it."""

from typing import Final

from httptools import HttpParserError

from domain.errors import ValidationError

# By a word in what llhttp says; the first that fits is told.
_REASONS: Final = (
    ("duplicate content-length", "more than one Content-Length"),
    ("present with", "both Content-Length and Transfer-Encoding"),
    ("content-length", "the Content-Length is not a number of bytes"),
    ("transfer-encoding", "the only Transfer-Encoding understood is chunked"),
    ("chunk", "the body is not well-formed chunks"),
    ("method", "the request line has no HTTP method"),
    ("header", "a header is malformed"),
)


def malformed(error: HttpParserError) -> ValidationError:
    said = str(error).lower()
    reason = next((ours for word, ours in _REASONS if word in said), "not valid HTTP/1.1")
    return ValidationError("request", reason)
