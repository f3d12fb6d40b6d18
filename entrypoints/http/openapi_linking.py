"""What the API document says of linking: to mint a link token, and to exchange it."""

from typing import Final
from uuid import UUID

from domain import errors
from domain.facts import Status
from entrypoints.http import schemas
from entrypoints.http.openapi_errors import (
    ADMISSION,
    ANYWHERE,
    BEARER,
    JSON_BODY,
    JUNCTION,
    STORAGE,
    refusals,
)
from entrypoints.http.openapi_objects import Json, answer, link, operation, request

_TAG: Final = "Linking"

_MINTED: Final = schemas.MintResponse(
    link_token="Ht7dTjD2kqPq0Y5mVwJr8eZk3u1cXs6b",  # noqa: S106  (made up)
    link_web_url="https://link.tryvital.io/?token=Ht7dTjD2kqPq0Y5mVwJr8eZk3u1cXs6b&env=sandbox",
    expires_at="2026-11-22T13:00:00Z",
)
CONNECTED: Final = schemas.ConnectionResponse(
    id=UUID("01a20536-5306-788b-8971-fd6028972fbc"),
    patient_id="demo",
    provider="oura",
    junction_user_id="2350762b-e66f-57ab-9f21-79d51bec8956",
    status=Status.CONNECTED,
    connected_at="2026-11-22T12:00:00Z",
    last_synced_at=None,
)
_PENDING: Final = schemas.ConnectionResponse(
    id=UUID("01a20536-5306-7c1e-9a57-3d2f0e6b8c41"),
    patient_id="demo",
    provider="whoop",
    junction_user_id="2350762b-e66f-57ab-9f21-79d51bec8956",
    status=Status.PENDING,
    connected_at="2026-11-22T12:00:00Z",
    last_synced_at=None,
)


def mint() -> Json:
    return operation(
        "mintLinkToken",
        "Mint a link token for the patient who asks",
        "The token opens the Junction Link widget, or its page at `link_web_url`, and is then "
        "exchanged here. It works for an hour. No body means no wishes.",
        tag=_TAG,
        request=request(
            schemas.MintRequest,
            required=False,
            examples={
                "any_provider": {},
                "one_provider_and_back": {
                    "provider": "oura",
                    "redirect_url": "https://app.example/linked",
                },
            },
        ),
        responses=answer(
            201,
            "Link token minted",
            {"minted": _MINTED},
            then=link(
                "exchangeLinkToken", requestBody={"link_token": "$response.body#/link_token"}
            ),
        )
        | refusals(
            errors.ValidationError("provider", "not one of the allowed values"),
            *JSON_BODY,
            *BEARER,
            *JUNCTION,
            *STORAGE,
            *ADMISSION,
            *ANYWHERE,
        ),
    )


def exchange() -> Json:
    return operation(
        "exchangeLinkToken",
        "Exchange the link token that came back from the Link widget for a connection",
        "Repeating it is safe: the same token, by the same patient, answers the same connection. "
        "In staging, patient `demo` has link tokens for tests, such as those below.",
        tag=_TAG,
        request=request(
            schemas.ExchangeRequest,
            required=True,
            examples={
                "connected": {"link_token": "link-test-connected"},
                "error": {"link_token": "link-test-error", "provider": "dexcom"},
            },
        ),
        responses=answer(
            201,
            "Wearable connection persisted",
            {"connected": CONNECTED, "pending": _PENDING},
            then=link("getConnection", parameters={"id": "$response.body#/id"}),
        )
        | refusals(
            errors.ValidationError("link_token", "missing required field"),
            errors.InvalidLinkToken,
            errors.LinkTokenExpired,
            errors.ProviderMismatch,
            errors.ProviderUndetermined,
            *JSON_BODY,
            *BEARER,
            *JUNCTION,
            *STORAGE,
            *ADMISSION,
            *ANYWHERE,
        ),
    )
