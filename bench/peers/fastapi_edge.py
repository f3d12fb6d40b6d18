"""What the peers on FastAPI take in, and how they refuse it."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from bench.peers import common


class ExchangeRequest(BaseModel):
    link_token: Annotated[str, Field(min_length=1)]
    provider: common.Provider | None = None


class WebhookRequest(BaseModel):
    event_type: str
    user_id: str = ""
    data: dict[str, Any] = {}


def patient(authorization: Annotated[str | None, Header()] = None) -> str:
    return common.patient_of(authorization)


Patient = Annotated[str, Depends(patient)]


def signed_event(request: Request, body: bytes, secret: str) -> WebhookRequest:
    """Raises Refusal: a stranger sent it, or it is no event."""
    common.check_signature(request.headers, body, secret)
    try:
        return WebhookRequest.model_validate_json(body)
    except ValueError as error:
        raise common.invalid_request("body: not an event") from error


def answer_refusals(app: FastAPI) -> None:
    app.exception_handler(common.Refusal)(refuse)
    app.exception_handler(RequestValidationError)(invalid)


async def refuse(_: Request, refusal: common.Refusal) -> JSONResponse:
    return JSONResponse(refusal.body, refusal.status, headers=common.NO_STORE)


async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    return await refuse(request, common.invalid_request(f"{field}: {first['msg']}"))
