"""Identity by OAuth 2.0 token introspection (RFC 7662): the authority is asked about each token.

It fails closed: where the authority gives no usable answer, a token is neither believed nor
called invalid.
"""

import asyncio
import hashlib
import math
from base64 import b64encode
from typing import Final
from urllib.parse import quote_plus

import aiohttp
import msgspec
import structlog

from adapters import upstream_http
from adapters.identity.claims import Claims, MalformedClaim, claim_of, principal_of
from adapters.identity.token_cache import TokenCache
from domain.errors import IdentityUnavailable, InvalidToken
from domain.principal import Principal
from domain.single_flight import SingleFlight
from ports.clock import Clock
from ports.identity import BearerToken

_DEADLINE: Final = 3.0  # seconds; the caller's request waits for it
_MAX_BODY: Final = 64 * 1024

_claims: Final = msgspec.json.Decoder(Claims)
_log: Final = structlog.get_logger()


class IntrospectionIdentity:
    """Equal tokens at the same time share one question, and its answer serves for a while.

    `url` is the authority's endpoint, `patient_claim` the member of its answer that names the
    patient; `deadline`, in seconds, is for one question.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        patient_claim: str,
        clock: Clock,
        deadline: float = _DEADLINE,
    ) -> None:
        self._session = session
        self._url = url
        self._patient_claim = patient_claim
        self._clock = clock
        self._deadline = deadline
        self._cache = TokenCache(clock)
        self._questions: SingleFlight[bytes, Principal | None] = SingleFlight()

    async def authenticate(self, token: BearerToken) -> Principal:
        digest = hashlib.sha256(token.reveal().encode()).digest()
        said = self._cache.find(digest)
        if said is None:
            principal = await self._questions.share(digest, lambda: self._learn(token, digest))
        else:
            principal = said.principal
        if principal is None:
            raise InvalidToken
        return principal

    async def _learn(self, token: BearerToken, digest: bytes) -> Principal | None:
        claims = await self._ask(token)
        try:
            lifetime = self._lifetime(claims)
            active = claim_of(claims, "active", bool)
            principal = principal_of(claims, patient_claim=self._patient_claim)
        except MalformedClaim as error:  # the rest of the answer cannot be trusted either
            raise IdentityUnavailable from error
        if active is None:  # only the word itself counts, RFC 7662, 2.2
            raise IdentityUnavailable
        said = principal if active and lifetime > 0 else None
        self._cache.keep(digest, said, lifetime=lifetime)
        return said

    async def _ask(self, token: BearerToken) -> Claims:
        form = {"token": token.reveal(), "token_type_hint": "access_token"}
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._session.post(self._url, data=form, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    _log.error("identity_refused", status=response.status)
                    raise IdentityUnavailable
                return _claims.decode(await upstream_http.read_bounded(response, _MAX_BODY))
        except (TimeoutError, aiohttp.ClientError, upstream_http.BodyTooLarge) as error:
            raise IdentityUnavailable from error
        except upstream_http.UNREADABLE as error:
            raise IdentityUnavailable from error

    def _lifetime(self, claims: Claims) -> float:
        """How many seconds the token has left."""
        expires_at = claim_of(claims, "exp", int, float)
        if expires_at is None:
            return math.inf
        return float(expires_at) - self._clock.now().timestamp()


def open_session(client_id: str, client_secret: str) -> aiohttp.ClientSession:
    """A session that bears our credentials; see `upstream_http.open_session`."""
    # Both are form-encoded before they are joined, RFC 6749, 2.3.1.
    credentials = f"{quote_plus(client_id)}:{quote_plus(client_secret)}".encode()
    return upstream_http.open_session(
        {"Authorization": f"Basic {b64encode(credentials).decode()}"}
    )
