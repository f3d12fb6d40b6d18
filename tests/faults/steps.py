"""What the service asks of others, one request each."""

from dataclasses import dataclass
from typing import Final, Literal, Optional

Upstream = Literal["junction", "authority"]


@dataclass(frozen=True)
class Step:
    """A request that begins with `opening`; `follows` is the one that goes before it."""

    name: str
    opening: bytes
    follows: Optional["Step"] = None
    upstream: Upstream = "junction"


RESOLVE: Final = Step("resolve", b"GET /v2/user/resolve/")
CREATE: Final = Step("create", b"POST /v2/user ", follows=RESOLVE)
MINT: Final = Step("mint", b"POST /v2/link/token ", follows=CREATE)
PROVIDER_LIST: Final = Step("provider list", b"GET /v2/user/providers/")
INTROSPECTION: Final = Step("introspection", b"POST /introspect ", upstream="authority")

WEBHOOK: Final = Step("webhook", PROVIDER_LIST.opening)
DEREGISTER: Final = Step("deregister", b"DELETE /v2/user/")
DISCONNECT: Final = Step("disconnect", PROVIDER_LIST.opening, follows=DEREGISTER)
RECONCILE: Final = Step("reconcile", PROVIDER_LIST.opening)
FORGET: Final = Step("forget", RESOLVE.opening)
DELETE: Final = Step("delete user", b"DELETE /v2/user/", follows=FORGET)

LINKING: Final = (RESOLVE, CREATE, MINT, PROVIDER_LIST, INTROSPECTION)
KEEPING: Final = (WEBHOOK, DEREGISTER, DISCONNECT, RECONCILE, FORGET, DELETE)
STEPS: Final = (*LINKING, *KEEPING)
