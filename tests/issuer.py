"""An authority that signs its tokens, and publishes its keys on a socket."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.adapters.upstream import reply, upstream
from tests.builders import NOW

ISSUER: Final = "https://identity.example/"
AUDIENCE: Final = "wearable-link"
CLAIMS: Final[dict[str, Any]] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "anna",
    "client_id": "an app",
    "scope": "openid write:wearables",
    "iat": NOW.timestamp() - 60,
    "exp": NOW.timestamp() + 60,
}


@dataclass(frozen=True)
class Signer:
    """A private key, the name it is published under, and the algorithm it signs with."""

    kid: str
    algorithm: str
    private: Any

    @property
    def jwk(self) -> dict[str, Any]:
        return self._as_jwk(self.private.public_key())

    @property
    def private_jwk(self) -> dict[str, Any]:
        """What must never be published."""
        return self._as_jwk(self.private)

    def sign(self, claims: Any, **header: Any) -> str:
        """A token with these claims; a header given replaces its own, None leaves it out."""
        whole = {"typ": "at+jwt", "alg": self.algorithm, "kid": self.kid} | header
        return self.sign_bytes(
            json.dumps(
                {name: value for name, value in whole.items() if value is not None}
            ).encode(),
            json.dumps(claims).encode(),
        )

    def sign_bytes(self, header: bytes, payload: bytes) -> str:
        signed = f"{segment(header)}.{segment(payload)}"
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        return f"{signed}.{segment(algorithm.sign(signed.encode(), self.private))}"

    def _as_jwk(self, key: Any) -> dict[str, Any]:
        jwk = jwt.get_algorithm_by_name(self.algorithm).to_jwk(key, as_dict=True)
        jwk.pop("key_ops", None)
        return {**jwk, "kid": self.kid, "use": "sig"}


def segment(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@cache
def rsa_signer(kid: str = "rsa-1", algorithm: str = "RS256", bits: int = 2048) -> Signer:
    return Signer(kid, algorithm, rsa.generate_private_key(public_exponent=65537, key_size=bits))


@cache
def ec_signer(kid: str = "ec-1", algorithm: str = "ES256") -> Signer:
    curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
    return Signer(kid, algorithm, ec.generate_private_key(curves[algorithm]))


@cache
def ed_signer(kid: str = "ed-1") -> Signer:
    return Signer(kid, "EdDSA", ed25519.Ed25519PrivateKey.generate())


@dataclass
class Issuer:
    """`published` is what it answers; `fetches` counts how often it was asked.

    `asked` lets one waiter go on for each time.
    """

    published: list[Any] = field(default_factory=list)
    fetches: int = 0
    asked: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    url: str = ""

    async def answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.fetches += 1
        self.asked.release()
        writer.write(reply(200, {"keys": self.published}))
        await writer.drain()


@asynccontextmanager
async def an_issuer(*signers: Signer) -> AsyncIterator[Issuer]:
    issuer = Issuer([signer.jwk for signer in signers])
    async with upstream(issuer.answer) as served:
        issuer.url = f"{served.url}/jwks"
        yield issuer
