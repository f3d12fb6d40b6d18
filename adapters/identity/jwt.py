"""Identity by JSON Web Token (RFC 7519, RFC 9068): the authority's signature is its word.

Advice followed: JSON Web Token Best Current Practices, RFC 8725.
"""

import re
from typing import Final

import jwt

from adapters.identity.claims import Claims, MalformedClaim, claim_of, principal_of
from adapters.identity.jwks import JsonWebKeySet
from domain.errors import InvalidToken
from domain.principal import Principal
from ports.clock import Clock
from ports.identity import BearerToken

# RFC 7515, 7.1, without the padding that PyJWT would forgive; and a cap, since it has none.
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LONGEST: Final = 8 * 1024

# No other kind of JWT is taken for an access token (RFC 8725, 3.11): RFC 9068, 2.1, and what came
# before it.
_TYPES: Final = {None, "jwt", "at+jwt", "application/at+jwt"}

_LEEWAY: Final = 30.0  # seconds that the authority's clock may be ahead of ours

# The times are held against our own clock, below: PyJWT reads the system's.
_OPTIONS: Final = jwt.types.Options(verify_exp=False, verify_nbf=False, verify_iat=False)


class JwtIdentity:
    """Takes tokens of `issuer` for `audience`; `patient_claim` is the one that names the patient.

    A token is valid until it expires: that it was revoked cannot be seen.
    """

    def __init__(
        self,
        keys: JsonWebKeySet,
        *,
        issuer: str,
        audience: str,
        patient_claim: str,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._patient_claim = patient_claim
        self._clock = clock

    async def authenticate(self, token: BearerToken) -> Principal:
        try:
            claims = await self._verified(token.reveal())
            self._check_times(claims)
            return principal_of(claims, patient_claim=self._patient_claim)
        except (jwt.PyJWTError, MalformedClaim) as error:
            raise InvalidToken from error

    async def _verified(self, token: str) -> Claims:
        if len(token) > _LONGEST or not _COMPACT.fullmatch(token):
            raise InvalidToken
        header = jwt.get_unverified_header(token)
        if not isinstance(header.get("alg"), str) or _type_of(header) not in _TYPES:
            raise InvalidToken
        key = await self._keys.find(header.get("kid"), header["alg"])
        if key is None:
            raise InvalidToken
        claims: Claims = jwt.decode(
            token,
            key.public,
            algorithms=list(key.algorithms),
            issuer=self._issuer,
            audience=self._audience,
            options=_OPTIONS,
        )
        return claims

    def _check_times(self, claims: Claims) -> None:
        # What is no number compares as false with everything, so each question wants a yes.
        now = self._clock.now().timestamp()
        expires_at = claim_of(claims, "exp", int, float)
        if expires_at is None or not now < expires_at:
            raise InvalidToken
        for name in ("nbf", "iat"):
            not_before = claim_of(claims, name, int, float)
            if not_before is not None and not not_before <= now + _LEEWAY:
                raise InvalidToken


def _type_of(header: dict[str, object]) -> str | None:
    type_ = claim_of(header, "typ", str)
    return None if type_ is None else type_.lower()
