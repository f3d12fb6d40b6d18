"""What Junction sends by itself, and may send again, late, or never."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from adapters.clock import FixedClock
from adapters.junction.model import JunctionModel
from tests.asgi import Answer, Client
from tests.model.known import rfc3339
from tests.signing import WEBHOOK, signed

_TEAMS: Final = {"ours": JunctionModel.team_id, "foreign": "00000000-0000-4000-8000-000000000000"}


class Message(NamedTuple):
    """`user` is Junction's id; `data_at` when it took in the data, in the events that say so."""

    id: str
    event: str
    user: str
    client_user_id: str | None
    team: str | None
    slug: str | None
    data_at: datetime | None

    async def deliver(self, client: Client, clock: FixedClock) -> Answer:
        """Once more, it may be: signed at this attempt, as Svix does."""
        body = msgspec.json.encode(self._said())
        headers = signed(body, message_id=self.id, timestamp=int(clock.now().timestamp()))
        return await client.request("POST", WEBHOOK, headers=headers, body=body)

    def _said(self) -> dict[str, Any]:
        envelope = {"event_type": self.event, "user_id": self.user, "data": self._data()}
        if self.client_user_id is not None:
            envelope["client_user_id"] = self.client_user_id
        if self.team is not None:
            envelope["team_id"] = _TEAMS[self.team]
        return envelope

    def _data(self) -> dict[str, Any]:
        """The four shapes are others' to test: here each event has one that it comes in."""
        if not self.event.startswith("daily."):
            return {"provider": self.slug}
        stamp = {"updated_at": rfc3339(self.data_at)} if self.data_at else {}
        return {"source": {"provider": self.slug}, **stamp}
