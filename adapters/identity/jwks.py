"""The keys that an authority signs with (RFC 7517), fetched when they are needed."""

import asyncio
from dataclasses import dataclass
from math import inf
from typing import Any, Final

import aiohttp
import jwt
import msgspec
import structlog

from adapters import upstream_http
from domain.errors import IdentityUnavailable
from domain.single_flight import SingleFlight
from ports.clock import Clock

_DEADLINE: Final = 3.0  # seconds; the caller's request waits for it
_MAX_BODY: Final = 64 * 1024

# Seconds. A key that the authority withdraws is believed for 15 minutes at most; while it cannot
# be asked, for no longer either.
_RENEWED: Final = 300.0
_BELIEVED: Final = 900.0
_PAUSE: Final = 60.0  # between two questions, whatever tokens arrive
_PAUSE_AFTER_FAILURE: Final = 1.0

_SHORTEST_RSA: Final = 2048  # bits: NIST SP 800-131A; RFC 7518, 3.3

# What a key can sign with, by type and curve: RFC 7518, 3.1, and RFC 8037, 3.1. No secret is ever
# shared with the authority, so that no `oct` key is among them.
_ALGORITHMS: Final = {
    ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
}

_keys: Final = msgspec.json.Decoder(dict[str, object])
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key, its name if it has one, and the algorithms it may be used with."""

    kid: str | None
    algorithms: frozenset[str]
    public: Any  # one of cryptography's, by type


class JsonWebKeySet:
    """The keys at `url`; `deadline`, in seconds, is for one question.

    Made-up key names cost the authority a question a minute.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        clock: Clock,
        deadline: float = _DEADLINE,
    ) -> None:
        self._session = session
        self._url = url
        self._clock = clock
        self._deadline = deadline
        self._keys: list[Key] = []
        self._known_at = self._asked_at = -inf
        self._failed = False
        self._questions: SingleFlight[None, None] = SingleFlight()

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The key of that name for that algorithm; without a name, the only one that fits.

        Raises:
            IdentityUnavailable: the authority cannot be asked, and without it nobody knows.

        """
        age = self._clock.monotonic() - self._known_at
        if age >= _BELIEVED:
            await self._renew()
        elif age >= _RENEWED and self._may_ask():
            self._questions.begin(None, self._ask)  # in good time, so that nobody waits for it
        key = self._pick(kid, algorithm)
        if key is None and (self._failed or self._may_ask()):
            await self._renew()
            key = self._pick(kid, algorithm)
        return key

    def _pick(self, kid: str | None, algorithm: str) -> Key | None:
        fitting = [key for key in self._keys if algorithm in key.algorithms]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == kid), None)

    def _may_ask(self) -> bool:
        pause = _PAUSE_AFTER_FAILURE if self._failed else _PAUSE
        return self._clock.monotonic() - self._asked_at >= pause

    async def _renew(self) -> None:
        if not self._may_ask():  # it failed a moment ago
            raise IdentityUnavailable
        await self._questions.share(None, self._ask)

    async def _ask(self) -> None:
        began = self._clock.monotonic()
        self._failed = True
        try:
            self._keys = await self._fetch()
            self._known_at = began
            self._failed = False
        finally:
            self._asked_at = self._clock.monotonic()

    async def _fetch(self) -> list[Key]:
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._session.get(self._url, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    _log.error("identity_refused", status=response.status)
                    raise IdentityUnavailable
                body = await upstream_http.read_bounded(response, _MAX_BODY)
            found = _keys.decode(body).get("keys")
        except (TimeoutError, aiohttp.ClientError, upstream_http.BodyTooLarge) as error:
            raise IdentityUnavailable from error
        except upstream_http.UNREADABLE as error:
            raise IdentityUnavailable from error
        keys = [key for each in found if (key := _usable(each))] if isinstance(found, list) else []
        if not keys:
            _log.error("identity_without_usable_keys")
            raise IdentityUnavailable
        return keys


def _usable(jwk: object) -> Key | None:
    """One key of a set; None if it is not public, not for signatures, too short, or unreadable."""
    if not isinstance(jwk, dict) or "d" in jwk or jwk.get("use", "sig") != "sig":
        return None
    algorithms = _algorithms_of(jwk)
    kid = jwk.get("kid")
    if not algorithms or not isinstance(kid, str | None):
        return None
    try:
        public = jwt.PyJWK(jwk, algorithm=min(algorithms)).key
    except jwt.PyJWTError:
        return None
    if jwk["kty"] == "RSA" and public.key_size < _SHORTEST_RSA:
        return None
    return Key(kid=kid, algorithms=algorithms, public=public)


def _algorithms_of(jwk: dict[str, object]) -> frozenset[str]:
    """What it may be used for: what its type can do, and of that what it says itself."""
    able = next(
        (
            algorithms
            for (kty, crv), algorithms in _ALGORITHMS.items()
            if jwk.get("kty") == kty and crv in {None, jwk.get("crv")}
        ),
        frozenset[str](),
    )
    alg = jwk.get("alg")
    return able if alg is None else frozenset(each for each in able if each == alg)


def open_session() -> aiohttp.ClientSession:
    """A session that bears nothing: the keys are public. See `upstream_http.open_session`."""
    return upstream_http.open_session({})
