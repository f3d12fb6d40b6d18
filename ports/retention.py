"""The end of what is on record."""

from typing import Protocol

from domain.retention import Forget, Forgotten, Sweep


class Retention(Protocol):
    """Removes rows for good; durable once it has returned.

    Every method may raise `StorageUnavailable`: it is not known whether anything was removed;
    repeating it does no harm.
    """

    async def forget(self, forget: Forget) -> Forgotten:
        """Remove a patient's connections, link tokens and Junction users, all or none.

        The history keeps its lines, of somebody whom nobody can name: under a pseudonym, and
        without the id of a connection, which the patient may go on asking for. What is still on
        its way about the patient finds no Junction user on record, and changes nothing.
        """
        ...

    async def sweep(self, sweep: Sweep) -> int:
        """Remove link tokens that expired unexchanged and messages heard long ago: how many."""
        ...
