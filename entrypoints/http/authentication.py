"""Who is asking: always the one the bearer token names, never a parameter."""

import re
from typing import Final

from starlette.requests import Request

from domain.errors import InvalidToken, Unauthenticated
from domain.identifiers import Caller, RequestId
from entrypoints.http.state import State
from ports.identity import BearerToken

# RFC 9110, 11.4: the scheme in any case; of the token only what a header may hold unquoted.
_BEARER: Final = re.compile(r"bearer +(?P<token>[!-~]+) *", re.IGNORECASE)


async def caller_of(request: Request[State]) -> Caller:
    """The patient behind the request.

    Raises:
        Unauthenticated: no bearer token was sent.
        InvalidToken: more than one was, or it is not valid.
        AccessError: it is valid, but not a patient's, or lacks the required scope.
        IdentityUnavailable: it cannot be checked now.

    """
    sent = request.headers.getlist("authorization")
    if len(sent) > 1:
        raise InvalidToken
    bearer = _BEARER.fullmatch(sent[0]) if sent else None
    if bearer is None:
        raise Unauthenticated
    principal = await request.state["identity"].authenticate(BearerToken(bearer["token"]))
    return Caller(
        patient_id=principal.patient(required_scope=request.state["required_scope"]),
        request_id=RequestId(request.state["request_id"]),
    )
