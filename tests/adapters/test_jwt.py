"""JwtIdentity: which tokens are believed, and whose they are. Each hostile one is just invalid."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.clock import FixedClock
from adapters.identity.jwks import JsonWebKeySet, open_session
from adapters.identity.jwt import JwtIdentity
from domain.errors import InvalidToken
from domain.principal import Principal
from ports.identity import BearerToken
from tests.builders import NOW, minutes
from tests.issuer import (
    AUDIENCE,
    CLAIMS,
    ISSUER,
    Issuer,
    Signer,
    an_issuer,
    ec_signer,
    ed_signer,
    rsa_signer,
    segment,
)

RSA: Final = rsa_signer()
EC: Final = ec_signer()
ED: Final = ed_signer()
STRANGER: Final = rsa_signer("stranger")
T: Final = NOW.timestamp()
ANNA: Final = Principal(
    subject="anna", client="an app", scopes=frozenset({"openid", "write:wearables"})
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with an_issuer(RSA, EC, ED) as issuer:
        yield issuer


@pytest.fixture
async def identity(issuer: Issuer, clock: FixedClock) -> AsyncIterator[JwtIdentity]:
    async with open_session() as session:
        yield JwtIdentity(
            JsonWebKeySet(session, url=issuer.url, clock=clock),
            issuer=ISSUER,
            audience=AUDIENCE,
            patient_claim="sub",
            clock=clock,
        )


async def believed(identity: JwtIdentity, token: str) -> Principal:
    return await identity.authenticate(BearerToken(token))


def with_claims(**changes: Any) -> dict[str, Any]:
    """Anna's claims but for these; None leaves one out."""
    return {name: claim for name, claim in (CLAIMS | changes).items() if claim is not None}


@pytest.mark.parametrize(
    "signer",
    [
        *(rsa_signer(algorithm=name) for name in ("RS384", "RS512", "PS256", "PS384", "PS512")),
        RSA,
        EC,
        ec_signer("ec-2", "ES384"),
        ec_signer("ec-3", "ES512"),
        ED,
    ],
    ids=lambda signer: signer.algorithm,
)
async def test_signature_of_each_family_is_believed(
    identity: JwtIdentity, issuer: Issuer, signer: Signer
) -> None:
    issuer.published = [signer.jwk]

    assert await believed(identity, signer.sign(CLAIMS)) == ANNA


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, {}),
        ({"sub": None}, {"subject": None}),
        ({"sub": "an app"}, {"subject": "an app"}),
        ({"client_id": None}, {"client": None}),
        ({"client_id": None, "azp": "another"}, {"client": "another"}),
        ({"scope": None}, {"scopes": frozenset()}),
        ({"scope": None, "scp": "a  b"}, {"scopes": frozenset({"a", "b"})}),
        ({"scope": "a", "scp": ["b", ""]}, {"scopes": frozenset({"a", "b"})}),
        ({"aud": ["another", AUDIENCE]}, {}),
        ({"iat": None}, {}),
        ({"iat": T + 30, "nbf": T + 30}, {}),
        ({"exp": T + 0.1}, {}),
        ({"jti": "1", "brand": ["loop"]}, {}),
    ],
    ids=str,
)
async def test_claims_become_a_principal(
    identity: JwtIdentity, changes: dict[str, Any], known: dict[str, Any]
) -> None:
    principal = await believed(identity, RSA.sign(with_claims(**changes)))

    assert principal == replace(ANNA, **known)


@pytest.mark.parametrize("type_", [None, "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
async def test_access_token_is_believed_however_its_type_is_spelled(
    identity: JwtIdentity, type_: str | None
) -> None:
    assert await believed(identity, RSA.sign(CLAIMS, typ=type_)) == ANNA


async def test_token_expires_by_our_clock(identity: JwtIdentity, clock: FixedClock) -> None:
    token = RSA.sign(CLAIMS)
    await believed(identity, token)
    clock.advance(minutes(1))

    with pytest.raises(InvalidToken):
        await believed(identity, token)


async def test_patient_may_be_another_claim(issuer: Issuer, clock: FixedClock) -> None:
    async with open_session() as session:
        identity = JwtIdentity(
            JsonWebKeySet(session, url=issuer.url, clock=clock),
            issuer=ISSUER,
            audience=AUDIENCE,
            patient_claim="patient_id",
            clock=clock,
        )
        principal = await believed(identity, RSA.sign(with_claims(patient_id="p-1")))

    assert principal.subject == "p-1"


async def test_token_without_a_key_name_needs_one_fitting_key(
    identity: JwtIdentity, issuer: Issuer, clock: FixedClock
) -> None:
    assert await believed(identity, RSA.sign(CLAIMS, kid=None)) == ANNA

    issuer.published.append(STRANGER.jwk)
    clock.advance(minutes(15))
    with pytest.raises(InvalidToken):
        await believed(identity, RSA.sign(with_claims(exp=T + 10_000), kid=None))


def public_pem() -> bytes:
    public: bytes = RSA.private.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return public


def with_secret(secret: bytes, **header: Any) -> str:
    """A token whose signature is made with a secret, as HS256 has it."""
    head = segment(json.dumps({"alg": "HS256", "kid": RSA.kid} | header).encode())
    signed = f"{head}.{segment(json.dumps(CLAIMS).encode())}"
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{segment(signature)}"


def unsigned(alg: str) -> str:
    head = segment(json.dumps({"alg": alg, "kid": RSA.kid}).encode())
    return f"{head}.{segment(json.dumps(CLAIMS).encode())}."


def header(content: bytes) -> str:
    return RSA.sign_bytes(content, json.dumps(CLAIMS).encode())


def payload(content: bytes) -> str:
    return RSA.sign_bytes(json.dumps({"alg": "RS256", "kid": RSA.kid}).encode(), content)


def claims(**changes: Any) -> str:
    return RSA.sign(with_claims(**changes))


GOOD: Final = RSA.sign(CLAIMS)
HEAD, PAYLOAD, SIGNATURE = GOOD.split(".")

HOSTILE: Final = {
    # Not of the form
    "nothing": "",
    "opaque": "an-opaque-token",
    "two parts": f"{HEAD}.{PAYLOAD}",
    "four parts": f"{GOOD}.{SIGNATURE}",
    "five parts, encrypted": f"{HEAD}.{PAYLOAD}.{PAYLOAD}.{PAYLOAD}.{SIGNATURE}",
    "padded": f"{GOOD}==",
    "padded within": f"{HEAD}=.{PAYLOAD}.{SIGNATURE}",
    "blank within": f"{HEAD}. {PAYLOAD}.{SIGNATURE}",
    "line at its end": f"{GOOD}\n",
    "not ASCII": GOOD.replace(".", "\u00b7"),
    "letter beyond ASCII": f"{GOOD}\u00e9",
    "lone surrogate": f"{GOOD}\ud800",
    "NUL": f"{GOOD}\x00",
    "standard base64": f"{GOOD[:-2]}+/",
    "truncated": GOOD[:-10],
    "3 MB of signature": GOOD + "A" * 3_000_000,
    "3 MB of claims": claims(brand="x" * 3_000_000),
    "just too long": claims(brand="x" * 8_000),
    # Signatures
    "no signature": f"{HEAD}.{PAYLOAD}.",
    "signature of another token": f"{HEAD}.{PAYLOAD}.{claims(sub='ben').split('.')[2]}",
    "claims of another token": f"{HEAD}.{claims(sub='ben').split('.')[1]}.{SIGNATURE}",
    "none": unsigned("none"),
    "None": unsigned("None"),
    "NONE": unsigned("NONE"),
    "none with a signature": RSA.sign(CLAIMS, alg="none"),
    "no algorithm": RSA.sign(CLAIMS, alg=None),
    "algorithm that is empty": RSA.sign(CLAIMS, alg=""),
    "algorithm that is a list": RSA.sign(CLAIMS, alg=["RS256"]),
    "algorithm that is null": header(b'{"alg": null, "kid": "rsa-1"}'),
    "algorithm nobody knows": RSA.sign(CLAIMS, alg="RS1024"),
    "public key as a secret": with_secret(public_pem()),
    "modulus as a secret": with_secret(RSA.jwk["n"].encode()),
    "empty secret": with_secret(b""),
    "key of another family": RSA.sign(CLAIMS, kid=EC.kid),
    "algorithm of another family": RSA.sign(CLAIMS, alg="ES256", kid=EC.kid),
    "algorithm of another padding": RSA.sign(CLAIMS, alg="PS256"),
    "stranger's key under its own name": STRANGER.sign(CLAIMS),
    "stranger's key under the authority's": STRANGER.sign(CLAIMS, kid=RSA.kid),
    "stranger's key without a name": STRANGER.sign(CLAIMS, kid=None),
    "key in the token": STRANGER.sign(CLAIMS, jwk=STRANGER.jwk),
    "key in the token under the authority's": STRANGER.sign(CLAIMS, jwk=STRANGER.jwk, kid=RSA.kid),
    "certificate in the token": STRANGER.sign(CLAIMS, x5c=["AAAA"], kid=RSA.kid),
    # Headers
    "header that is a list": header(b'["RS256"]'),
    "header that is deep": header(b'{"alg":"RS256","a":' + b"[" * 3000),
    "header that is no JSON": header(b"RS256"),
    "header in Latin-1": header(b'{"alg": "RS256", "kid": "\xe9"}'),
    "header that is a number of 5000 digits": header(b"9" * 5000),
    "key name that is a number": RSA.sign(CLAIMS, kid=1),
    "key name that is a path": RSA.sign(CLAIMS, kid="../../dev/null"),
    "crit that nobody knows": RSA.sign(CLAIMS, crit=["exp"], exp=1),
    "crit that is empty": RSA.sign(CLAIMS, crit=[]),
    "crit that is a text": RSA.sign(CLAIMS, crit="b64"),
    "crit that is null": header(b'{"alg": "RS256", "kid": "rsa-1", "crit": null}'),
    "not encoded": RSA.sign(CLAIMS, b64=False),
    "not encoded, and critical": RSA.sign(CLAIMS, b64=False, crit=["b64"]),
    "ID token by its type": RSA.sign(CLAIMS, typ="id+jwt"),
    "logout token": RSA.sign(CLAIMS, typ="logout+jwt"),
    "type that is a number": RSA.sign(CLAIMS, typ=7),
    # Claims
    "claims that are a list": payload(b"[]"),
    "claims that are null": payload(b"null"),
    "claims that are no JSON": payload(b"sub=anna"),
    "claims in Latin-1": payload(b'{"sub": "\xe9"}'),
    "claims that are deep": payload(b'{"exp":' + b"[" * 5000),
    "claims compressed": payload(b"\x78\x9c\xab\xae\x05\x00"),
    "expired": claims(exp=T),
    "expired long ago": claims(exp=0),
    "never expires": claims(exp=None),
    "expires at null": payload(json.dumps(CLAIMS | {"exp": None}).encode()),
    "expires at a text": claims(exp=str(T + 60)),
    "expires at true": claims(exp=True),
    "expires at a list": claims(exp=[T + 60]),
    "expires at NaN": claims(exp=float("nan")),
    "not yet": claims(nbf=T + 31),
    "not before a text": claims(nbf="now"),
    "not before NaN": claims(nbf=float("nan")),
    "never": claims(nbf=float("inf")),
    "issued in the future": claims(iat=T + 31),
    "issued at a text": claims(iat="now"),
    "no issuer": claims(iss=None),
    "another issuer": claims(iss="https://evil.example/"),
    "issuer but for a stroke": claims(iss=ISSUER.rstrip("/")),
    "issuers": claims(iss=[ISSUER]),
    "no audience": claims(aud=None),
    "another audience": claims(aud="another"),
    "other audiences": claims(aud=["another", "third"]),
    "no audiences": claims(aud=[]),
    "audience within another": claims(aud=f"{AUDIENCE}-staging"),
    "audience that is a number": claims(aud=7),
    "subject that is a number": claims(sub=7),
    "subject that is a list": claims(sub=["anna"]),
    "client that is a number": claims(client_id=7),
    "scope that is a number": claims(scope=7),
    "scopes that are numbers": claims(scp=[7]),
    "token's own name a number": claims(jti=7),
}


@pytest.mark.parametrize("token", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_token_is_invalid(identity: JwtIdentity, issuer: Issuer, token: str) -> None:
    await believed(identity, GOOD)
    asked = issuer.fetches

    with pytest.raises(InvalidToken):
        await believed(identity, token)

    assert issuer.fetches == asked  # the set was fetched a moment ago, whatever a token names


@pytest.mark.parametrize("header_of_a_url", ["jku", "x5u"])
async def test_address_in_a_token_is_never_asked(
    identity: JwtIdentity, header_of_a_url: str
) -> None:
    async with an_issuer(STRANGER) as attacker:
        for kid in (STRANGER.kid, RSA.kid):
            with pytest.raises(InvalidToken):
                await believed(
                    identity, STRANGER.sign(CLAIMS, kid=kid, **{header_of_a_url: attacker.url})
                )

    assert attacker.fetches == 0


async def test_of_claims_sent_twice_the_last_counts_for_all(identity: JwtIdentity) -> None:
    """Whoever signs may say things twice; what must not be is that two readers differ."""
    said = json.dumps(CLAIMS)[:-1]

    principal = await believed(identity, payload(f'{said}, "sub": "ben"}}'.encode()))

    assert principal.subject == "ben"
