"""A look at what Junction lists of a user, now; and at many users, at a steady pace."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.identifiers import JunctionUserId
from domain.junction_errors import (
    JunctionError,
    JunctionRateLimited,
    JunctionRejectedCredentials,
)
from domain.news import Look
from domain.pace import Pace
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway

_IN_VAIN: Final = 20  # questions, if Junction answers none of them
_LONGEST_HOLD: Final = 60.0  # seconds


class JunctionSilent(Exception):
    """Junction answered none of many questions."""


async def look(
    junction: JunctionGateway, clock: Clock, user_id: JunctionUserId, *, by: float
) -> Look:
    """Begun now, and shared with nobody: what it says is newer than whatever called for it.

    Raises:
        JunctionError: Junction gave no usable answer.

    """
    asked = clock.monotonic()
    listings = await junction.list_providers(user_id, by=by)
    return Look(listings=listings or (), asked=asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacedLooks:
    """Looks at many users; `patience`: seconds for each."""

    junction: JunctionGateway
    clock: Clock
    patience: float
    pace: Pace

    async def at(self, user_ids: Sequence[JunctionUserId]) -> list[Look | None]:
        """What Junction lists of each; None for those about whom it gives no answer.

        Raises:
            JunctionSilent: it gave none about any of them, and to go on would be in vain.
            JunctionRejectedCredentials: likewise.

        """
        outcomes = await asyncio.gather(*map(self._look, user_ids))
        errors = [each for each in outcomes if isinstance(each, JunctionError)]
        for error in errors:
            if isinstance(error, JunctionRejectedCredentials):
                raise error
        if len(errors) == len(outcomes) >= _IN_VAIN:
            raise JunctionSilent from errors[-1]
        return [each if isinstance(each, Look) else None for each in outcomes]

    async def _look(self, user_id: JunctionUserId) -> Look | JunctionError:
        await self.pace.turn()
        by = self.clock.monotonic() + self.patience
        try:
            return await look(self.junction, self.clock, user_id, by=by)
        except JunctionError as error:
            if isinstance(error, JunctionRateLimited):
                self.pace.hold(min(error.retry_after or 0.0, _LONGEST_HOLD))
            return error
