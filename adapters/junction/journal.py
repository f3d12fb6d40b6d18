"""What happened at the simulated Junction, so that it is still so after a restart."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from domain.identifiers import JunctionUserId, PatientId
from domain.provider import Listing, Slug


class UserCreated(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    client_user_id: PatientId
    at: datetime


class UserDeleted(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    user_id: JunctionUserId


class TokenMinted(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    token: str
    user_id: JunctionUserId
    slugs: tuple[Slug, ...]
    redirect_url: str | None
    at: datetime


class TokenConsumed(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    token: str


class ProviderListed(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    user_id: JunctionUserId
    listing: Listing


class ProviderUnlisted(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    user_id: JunctionUserId
    slug: Slug


Event = UserCreated | UserDeleted | TokenMinted | TokenConsumed | ProviderListed | ProviderUnlisted

_decoder = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


class Journal(Protocol):
    """A list of events that only grows."""

    def replay(self) -> Iterator[Event]:
        """Everything appended before, in order."""
        ...

    def append(self, event: Event) -> None:
        """Add one event; it outlives this process from here on."""
        ...


class InMemoryJournal:
    """Forgets with the process."""

    def replay(self) -> Iterator[Event]:
        return iter(())

    def append(self, event: Event) -> None:
        """Nothing to outlive."""


class FileJournal:
    """A line of JSON for each event."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        self._drop_torn_line()

    def replay(self) -> Iterator[Event]:
        with self._path.open("rb") as lines:
            yield from map(_decoder.decode, lines)

    def append(self, event: Event) -> None:
        with self._path.open("ab") as file:
            file.write(_encoder.encode(event) + b"\n")

    def _drop_torn_line(self) -> None:
        """A process that was killed may have left half a line, of an event nobody was told of."""
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with self._path.open("r+b") as file:
                file.truncate(whole)
