"""An event that Junction told us of. It says where to look; what it claims is not believed.

Names and shapes: Junction's event catalogue (docs, webhooks/introduction and event-structure).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NewType

from domain.identifiers import JunctionUser, JunctionUserId
from domain.provider import ProviderName, Slug, provider_of

MessageId = NewType("MessageId", str)
"""The sender's name for a message: the same when it is sent again."""

_LINK: Final = {"provider.connection.created", "provider.connection.error"}
_DATA: Final = ("daily.data.", "historical.data.")


@dataclass(frozen=True, slots=True, kw_only=True)
class JunctionEvent:
    """What is heard of an event; the names are Junction's, and each may be missing.

    `data_at` is when Junction took in the data, where the event says so.
    """

    message_id: MessageId
    name: str
    user_id: JunctionUserId | None = None
    client_user_id: str | None = None
    team_id: str | None = None
    slug: Slug | None = None
    data_at: datetime | None = None

    @property
    def provider(self) -> ProviderName | None:
        """The name that callers use for the provider it is about."""
        return provider_of(self.slug) if self.slug else None

    @property
    def kind(self) -> str:
        """One of a few words, whatever is sent: `another` for all that means nothing to us."""
        if self.is_about_a_link:
            return self.name
        prefixes = (prefix for prefix in _DATA if self.name.startswith(prefix))
        return next(prefixes, "another").rstrip(".")

    @property
    def is_about_a_link(self) -> bool:
        """A link was made, or failed."""
        return self.name in _LINK

    @property
    def is_about_data(self) -> bool:
        """Data of a provider that can be told arrived."""
        return bool(self.slug) and self.name.startswith(_DATA)

    @property
    def brings_data(self) -> bool:
        """Garmin's history is announced at once, with none behind it (docs, guides/garmin)."""
        hollow = self.name.startswith("historical.") and self.slug == "garmin"
        return self.is_about_data and not hollow

    def contradiction(self, user: JunctionUser) -> str | None:
        """What speaks against the event being about `user`: a word for the history."""
        if self.team_id is not None and user.team_id is not None and self.team_id != user.team_id:
            return "foreign_team"
        if self.client_user_id is not None and self.client_user_id != user.patient_id:
            return "foreign_patient"
        return None
