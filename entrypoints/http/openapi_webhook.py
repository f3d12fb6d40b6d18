"""What the API document says of the webhook: of interest to those who send it, or stand in."""

from typing import Final

from domain.errors import ValidationError
from entrypoints.http import failures, schemas
from entrypoints.http.junction_events import WebhookRequest
from entrypoints.http.openapi_errors import ADMISSION, ANYWHERE, JUNCTION, STORAGE, refusals
from entrypoints.http.openapi_objects import Json, answer, operation, request

_EXAMPLE: Final = {
    "event_type": "provider.connection.created",
    "user_id": "1449752e-0d8a-40e0-9206-91ab099b2537",
    "client_user_id": "demo",
    "team_id": "6b74423d-0504-4470-9afb-477252ccf67a",
    "data": {"provider": {"name": "Oura", "slug": "oura", "logo": "https://logo.example"}},
}

_HEADERS: Final = {
    "id": "The message's name, 1 to 255 printable characters, the same when it is sent again",
    "timestamp": "Unix time of this attempt in seconds, at most 300 from now",
    "signature": "`v1,<base64>` of the HMAC-SHA256 over `<id>.<timestamp>.<body>`, by the "
    "secret; several by space",
}

_SVIX: Final = "svix"
_STANDARD: Final = "webhook"  # Standard Webhooks 1.0, which is the same scheme

SIGNATURES: Final[Json] = {
    f"{family}-{part}": {
        "type": "apiKey",
        "in": "header",
        "name": f"{family}-{part}",
        "description": f"{meaning}. All three `{family}-*` headers are sent together.",
    }
    for family in (_SVIX, _STANDARD)
    for part, meaning in _HEADERS.items()
}
"""The three headers of a signed message, of either family: none of them is anything alone."""


def webhook() -> Json:
    return operation(
        "receiveJunctionWebhook",
        "Hear of an event from Junction",
        "Signed as Svix signs, over the raw body. Each message is heard once: sent again, it is "
        "acknowledged and changes nothing. An event that means nothing here is acknowledged too.",
        tag="Webhook",
        request=request(
            WebhookRequest,
            required=True,
            examples={"provider_connected": _EXAMPLE},
        ),
        responses=answer(
            200,
            "Heard, and its effect is stored",
            {
                "heard": schemas.WebhookResponse(
                    received=True, event="provider.connection.created", matched_connections=1
                )
            },
        )
        | refusals(
            ValidationError("event_type", "missing required field"),
            failures.InvalidSignature,
            failures.PayloadTooLarge,
            failures.WebhooksNotConfigured,
            *JUNCTION,
            *STORAGE,
            *ADMISSION,
            *ANYWHERE,
            meanings={
                401: "Signature verification failed",
                413: "The body is larger than 512 KiB",
                500: "Configuration error: no secret is set to verify signatures with; or a "
                "defect of the service",
                502: "Junction upstream error; the same message may be sent again",
            },
        ),
        security=[{f"{family}-{part}": [] for part in _HEADERS} for family in (_SVIX, _STANDARD)],
    )
