"""What was said of bearer tokens, for a while: a revoked one is believed that much longer."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from domain.principal import Principal
from ports.clock import Clock

_MOST: Final = 10_000  # tokens
_BELIEVED: Final = 30.0  # seconds, or as long as the token itself lives
_REFUSED: Final = 5.0  # seconds: a token may be asked about before it is active everywhere


@dataclass(frozen=True, slots=True)
class Said:
    """The authority's word on a token; no principal: it is not active."""

    principal: Principal | None
    until: float


class TokenCache:
    """By digest, so that no token lies in memory; what was learned first goes first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[bytes, Said] = OrderedDict()

    def find(self, digest: bytes) -> Said | None:
        """What was said, if it still counts."""
        said = self._known.get(digest)
        return said if said is not None and self._clock.monotonic() < said.until else None

    def keep(self, digest: bytes, principal: Principal | None, *, lifetime: float) -> None:
        """Remember it; `lifetime` is how many seconds the token itself has left."""
        seconds = _REFUSED if principal is None else min(_BELIEVED, lifetime)
        self._known[digest] = Said(principal, self._clock.monotonic() + seconds)
        self._known.move_to_end(digest)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
