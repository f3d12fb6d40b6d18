"""What the API document says of those who watch the service: no token, and never too many."""

from typing import Final

from domain.errors import StorageOutdated
from entrypoints.http import schemas
from entrypoints.http.openapi_errors import ANYWHERE, STORAGE, Failure, refusals
from entrypoints.http.openapi_objects import Json, answer, operation

_TAG: Final = "Probes"
_METRICS: Final = """\
# HELP wearable_link_http_requests_in_flight Requests that were let in and are not done
# TYPE wearable_link_http_requests_in_flight gauge
wearable_link_http_requests_in_flight 2.0
"""


def live() -> Json:
    return _probe("livez", "The process answers", "Nothing else is asked: restart it if not.")


def ready() -> Json:
    return _probe(
        "readyz",
        "Requests can be served",
        "Send requests elsewhere while not. It says so within 200 ms.",
        *STORAGE,
        StorageOutdated,
    )


def metrics() -> Json:
    return operation(
        "metrics",
        "What this process has counted, in Prometheus's text format",
        "Keep it inside: it wants no token.",
        tag=_TAG,
        responses={
            "200": {
                "description": "What was counted since the process started",
                "content": {
                    "text/plain": {
                        "schema": {"type": "string"},
                        "examples": {"excerpt": {"value": _METRICS}},
                    }
                },
            }
        }
        | refusals(*ANYWHERE),
        security=(),
    )


def _probe(name: str, summary: str, description: str, *raised: Failure) -> Json:
    return operation(
        name,
        summary,
        description,
        tag=_TAG,
        responses=answer(200, summary, {"ok": schemas.ProbeResponse("ok")})
        | refusals(*raised, *ANYWHERE),
        security=(),
    )
