"""What an authority says of a token, whichever way it says it."""

from collections.abc import Sequence
from typing import TypeVar, cast

from domain.principal import Principal

Claims = dict[str, object]

T = TypeVar("T")


class MalformedClaim(Exception):
    """A claim is there, and not of the type that it has to be."""


def claim_of(claims: Claims, name: str, *types: type[T]) -> T | None:
    """A claim of one of `types`; None if it is missing or null.

    Raises:
        MalformedClaim: it is of another type. True is no number.

    """
    claim = claims.get(name)
    if claim is None:
        return None
    if type(claim) not in types:
        raise MalformedClaim
    return cast(T, claim)


def principal_of(claims: Claims, *, patient_claim: str) -> Principal:
    """Who the claims are about.

    Scopes are a text, RFC 8693, 4.2; some authorities send them as `scp`, and that as a list. The
    client is `client_id`, RFC 9068, 2.2, or `azp`, as OpenID Connect has it.

    Raises:
        MalformedClaim: one of them is of the wrong type.

    """
    return Principal(
        subject=claim_of(claims, patient_claim, str),
        client=claim_of(claims, "client_id", str) or claim_of(claims, "azp", str),
        scopes=_words(claim_of(claims, "scope", str)) | _words(claim_of(claims, "scp", str, list)),
    )


def _words(claim: str | Sequence[object] | None) -> frozenset[str]:
    claim = claim or ""
    words = claim.split(" ") if isinstance(claim, str) else claim
    texts = [word for word in words if isinstance(word, str)]
    if len(texts) != len(words):
        raise MalformedClaim
    return frozenset(texts) - {""}
