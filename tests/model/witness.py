"""Remembers what was seen, and every world in which it can have been."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.model.rules import World

Telling = Callable[[World], object]
"""What would be seen if something happened in a world; it happens there."""


class Witness:
    """A request that was never answered has happened or has not: then there are several worlds.

    Whatever is seen leaves those in which it had to be so. There has to be one.
    """

    def __init__(self, world: World) -> None:
        self.worlds = [world]
        self._ids: dict[tuple[str, str], str] = {}
        self._events: dict[str, list[UUID]] = {}

    def begin(self, now: datetime) -> None:
        for world in self.worlds:
            world.now = now
            world.asked = 0

    def trusts(self, *, trusting: bool) -> None:
        for world in self.worlds:
            world.trusting = trusting

    def sees(self, seen: object, *tellings: Telling) -> None:
        """`seen` is as one of the tellings has it."""
        worlds = [(tell, world.copy()) for tell in tellings for world in self.worlds]
        expected = [tell(world) for tell, world in worlds]
        possible = [world for (_, world), it in zip(worlds, expected, strict=True) if it == seen]
        assert possible, f"\nsaw      {seen}\nexpected {' or '.join(map(str, expected))}"
        self.worlds = _distinct(possible)

    def wonders(self, *tellings: Telling) -> None:
        """One of the tellings has happened, or nothing."""
        worlds = [*self.worlds]
        for tell in tellings:
            for world in self.worlds:
                worlds.append(world.copy())
                tell(worlds[-1])
        self.worlds = _distinct(worlds)

    def knows(self, connection: Mapping[str, Any]) -> dict[str, Any]:
        """The connection without its id, which is the one it always had, and no other's."""
        key = connection["patient_id"], connection["provider"]
        known = self._ids.setdefault(key, connection["id"])
        assert connection["id"] == known, f"the id of {key} has changed"
        assert len(set(self._ids.values())) == len(self._ids), f"the id of {key} is another's"
        return {name: value for name, value in connection.items() if name != "id"}

    @property
    def ids(self) -> list[tuple[str, str, str]]:
        """Those that anyone was told: patient, provider, id."""
        return [(*key, id_) for key, id_ in self._ids.items()]

    def forgets(self, patient: str) -> None:
        """Whatever comes of the patient now is new."""
        for key in [key for key in self._ids if key[0] == patient]:
            del self._ids[key]

    def remembers(self, connection_id: str, events: list[UUID]) -> None:
        """What was written down stays, and in its order."""
        known = self._events.get(connection_id, [])
        assert events[: len(known)] == known, f"{known} became {events}"
        self._events[connection_id] = events


def _distinct(worlds: list[World]) -> list[World]:
    return [world for n, world in enumerate(worlds) if world not in worlds[:n]]
