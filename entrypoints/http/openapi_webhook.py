"""What the API document says of the webhook: of interest to those who send it, or stand in."""

from typing import Final

from entrypoints.http import schemas
from entrypoints.http.junction_events import WebhookRequest
from entrypoints.http.openapi_objects import Json, answer, errors, header, operation, request

_EXAMPLE: Final = {
    "event_type": "provider.connection.created",
    "user_id": "1449752e-0d8a-40e0-9206-91ab099b2537",
    "client_user_id": "demo",
    "team_id": "6b74423d-0504-4470-9afb-477252ccf67a",
    "data": {"provider": {"name": "Oura", "slug": "oura", "logo": "https://logo.example"}},
}

_HEADERS: Final = (
    header(
        "svix-id",
        "The message's name, the same when it is sent again. Instead of the three svix-* headers "
        "the three webhook-* ones of Standard Webhooks may be sent.",
        {"minLength": 1, "maxLength": 255},
    ),
    header("svix-timestamp", "Unix time of this attempt, in seconds", {"pattern": "^[0-9]+$"}),
    header(
        "svix-signature",
        "v1,<base64> of the HMAC-SHA256 over <id>.<timestamp>.<body>; several by space",
        {"minLength": 1},
    ),
)


def webhook() -> Json:
    whole = operation(
        "receiveJunctionWebhook",
        "Hear of an event from Junction",
        request=request(WebhookRequest, required=True, examples=(_EXAMPLE,)),
        responses=answer(200, "Heard, and its effect is stored", schemas.WebhookResponse)
        | errors(
            {
                400: "Validation error",
                401: "Signature verification failed",
                408: "The request did not arrive whole in time",
                413: "The body is larger than 512 KiB",
                431: "The headers are larger than 16 KiB",
                500: "Configuration error: no secret is set to verify signatures with",
                502: "Junction upstream error; the same message may be sent again",
                503: "The service cannot reach its storage, has as many requests as it takes, or "
                "is shutting down; see Retry-After",
            }
        ),
        security=(),
    )
    return whole | {"parameters": list(_HEADERS)}
