"""A look at what Junction lists of a user, now."""

from domain.identifiers import JunctionUserId
from domain.news import Look
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway


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
