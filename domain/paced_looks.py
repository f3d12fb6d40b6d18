"""Looks at many users, at a steady pace, for as long as Junction answers."""

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
from domain.looking import look
from domain.news import Look
from domain.pace import Pace
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway

# Questions in a row that were not answered. A few users may be at fault, and not Junction.
_REFUSED: Final = 20
_IN_VAIN: Final = 100
_LONGEST_HOLD: Final = 60.0  # seconds


class JunctionSilent(Exception):
    """Junction answered none of many questions in a row."""


@dataclass(slots=True, kw_only=True)
class PacedLooks:
    """`patience`: seconds for each look. `errors` are those since the last answer."""

    junction: JunctionGateway
    clock: Clock
    patience: float
    pace: Pace
    errors: int = 0
    last_error: JunctionError | None = None

    async def at(self, user_ids: Sequence[JunctionUserId]) -> list[Look | None]:
        """What Junction lists of each; None for those about whom it gives no answer."""
        outcomes = await asyncio.gather(*map(self._look, user_ids))
        for outcome in outcomes:
            if isinstance(outcome, Look):
                self.errors, self.last_error = 0, None
            else:
                self.errors, self.last_error = self.errors + 1, outcome
        return [each if isinstance(each, Look) else None for each in outcomes]

    def raise_if_in_vain(self) -> None:
        """Raise, if to go on asking is of no use.

        Raises:
            JunctionSilent: a hundred questions in a row were not answered.
            JunctionRejectedCredentials: twenty were not, and the last was refused.

        """
        if self.errors >= _REFUSED and isinstance(self.last_error, JunctionRejectedCredentials):
            raise self.last_error
        if self.errors >= _IN_VAIN:
            raise JunctionSilent from self.last_error

    async def _look(self, user_id: JunctionUserId) -> Look | JunctionError:
        await self.pace.turn()
        by = self.clock.monotonic() + self.patience
        try:
            return await look(self.junction, self.clock, user_id, by=by)
        except JunctionError as error:
            if isinstance(error, JunctionRateLimited):
                self.pace.hold(min(error.retry_after or 0.0, _LONGEST_HOLD))
            return error
