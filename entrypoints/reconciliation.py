"""A run of reconciling, by hand or by the service itself: its plan, and how it ended."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from time import perf_counter
from typing import Final
from uuid import uuid4

from domain.drift import Drift, TooManyLost
from domain.errors import StorageUnavailable
from domain.identifiers import RequestId
from domain.junction_errors import JunctionRejectedCredentials
from domain.paced_looks import JunctionSilent
from domain.reconciling import Plan, ReconcilingService

STALE: Final = timedelta(hours=6)
"""For how long Junction is taken at its last word, where nobody says otherwise."""

STEADY: Final = 20.0
"""Requests a second, where nobody says otherwise."""


class Ending(StrEnum):
    """How a run ended; `INTERRUPTED` also while it goes on."""

    DONE = "done"
    INTERRUPTED = "interrupted"
    TOO_MANY_LOST = "too_many_lost"
    JUNCTION_SILENT = "junction_silent"
    JUNCTION_REJECTED_CREDENTIALS = "junction_rejected_credentials"
    STORAGE_UNAVAILABLE = "storage_unavailable"


@dataclass(slots=True, kw_only=True)
class Reconciliation:
    """Whoever leaves `run` in the middle finds here how far it came.

    `stale`: how many rows there were to go through when it began, once they are counted.
    """

    service: ReconcilingService
    plan: Plan
    drift: Drift = field(default_factory=Drift)
    stale: int | None = None
    ending: Ending = Ending.INTERRUPTED
    seconds: float = 0.0

    async def run(self) -> AsyncIterator[int]:
        """0 once `stale` is known; then the number of rows of each page, once it is done."""
        began = perf_counter()
        request_id = RequestId(f"reconcile-{uuid4()}")
        try:
            self.stale = await self.service.count(self.plan.older_than)
            yield 0
            async for rows in self.service.run(self.plan, self.drift, request_id):
                yield rows
            self.ending = Ending.DONE
        except TooManyLost:
            self.ending = Ending.TOO_MANY_LOST
        except JunctionSilent:
            self.ending = Ending.JUNCTION_SILENT
        except JunctionRejectedCredentials:
            self.ending = Ending.JUNCTION_REJECTED_CREDENTIALS
        except StorageUnavailable:
            self.ending = Ending.STORAGE_UNAVAILABLE
        finally:
            self.seconds = perf_counter() - began
