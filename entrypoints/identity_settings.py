"""Which authority says who is asking, and what a token must be good for."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from domain.secret import Secret
from entrypoints.environment import Environment
from entrypoints.junction_hosts import is_loopback

_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[!-~]*)?"
)

# RFC 6749, 3.3: without quotes and backslashes, so that it can stand in a header as it is.
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettings:
    """`required_scope` is None where every valid token will do.

    What a `kind` has no use for is empty.
    """

    kind: Literal["introspection", "jwt", "staging"]
    patient_claim: str
    required_scope: str | None
    introspection_url: str = ""
    client_id: str = ""
    client_secret: Secret = field(default=Secret(""))
    jwks_url: str = ""
    issuer: str = ""
    audience: str = ""


def identity_settings(env: Environment, *, staging: bool) -> IdentitySettings:
    """Read them; staging needs none, but honours those that are set."""
    kind = env.text("IDENTITY", "staging" if staging else "")
    claim = env.text("PATIENT_CLAIM", "sub")
    scope = env.text("REQUIRED_SCOPE", "")
    if scope and not _SCOPE.fullmatch(scope):
        env.object_to("REQUIRED_SCOPE", "expected one scope, like write:wearables")
    if kind == "introspection":
        return IdentitySettings(
            kind="introspection",
            patient_claim=claim,
            required_scope=scope or None,
            introspection_url=_url(env, "INTROSPECTION_URL"),
            client_id=_required(env, "INTROSPECTION_CLIENT_ID"),
            client_secret=Secret(_required(env, "INTROSPECTION_CLIENT_SECRET")),
        )
    if kind == "jwt":
        return IdentitySettings(
            kind="jwt",
            patient_claim=claim,
            required_scope=scope or None,
            jwks_url=_url(env, "JWT_JWKS_URL"),
            issuer=_required(env, "JWT_ISSUER"),
            audience=_required(env, "JWT_AUDIENCE"),
        )
    if kind != "staging" or not staging:
        env.object_to("IDENTITY", "expected introspection or jwt")
    return IdentitySettings(kind="staging", patient_claim=claim, required_scope=scope or None)


def _required(env: Environment, name: str) -> str:
    value = env.text(name, "")
    if not value:
        env.object_to(name, "missing")
    return value


def _url(env: Environment, name: str) -> str:
    """Where to ask about tokens, or for keys: not in the clear, but on this machine."""
    url = _required(env, name)
    parts = _ADDRESS.fullmatch(url)
    if url and not (parts and (parts["scheme"] == "https" or is_loopback(parts["host"]))):
        env.object_to(name, "expected https://host/path")
    return url
