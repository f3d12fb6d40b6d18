"""What a look at Junction, a message of its, or the patient's wish brings to all of their rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.changes import event_about, visible
from domain.connection import Connection
from domain.facts import Facts
from domain.history import Cause, ConnectionEvent, NewId
from domain.identifiers import JunctionUserId, PatientId, RequestId
from domain.junction_event import MessageId
from domain.ledger import JunctionUserOnRecord
from domain.moment import Moment
from domain.opening import opened
from domain.provider import Listing, Provider, ProviderName, listing_of

_OURS: Final = frozenset(provider.provider_name for provider in Provider)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that Junction listed of a user; nothing of one who is gone.

    `asked` is the monotonic time, in seconds, just before it was asked.
    """

    listings: Sequence[Listing]
    asked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Data of a provider arrived: `at` that time if Junction said it, else when we `heard`.

    `heard` is a monotonic time, in seconds.
    """

    provider: ProviderName
    at: datetime | None
    heard: float

    def when(self, moment: Moment) -> datetime:
        """Never in the future, whatever Junction's clock says."""
        heard_at = moment.at(self.heard)
        return heard_at if self.at is None else min(self.at, heard_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LettingGo:
    """The patient's wish, `asked` of Junction at that monotonic time, in seconds."""

    provider: ProviderName
    asked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one writer learned of a patient's connections, in one go.

    News of a message change nothing if that message was heard before.
    """

    patient_id: PatientId
    junction_user_id: JunctionUserId
    cause: Cause
    request_id: RequestId
    look: Look | None = None
    arrival: Arrival | None = None
    letting_go: LettingGo | None = None
    message_id: MessageId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What to store: the rows that are new or know more, and an event for each that changed.

    `user` is given where it was looked at.
    """

    user: JunctionUserOnRecord | None
    connections: Sequence[Connection]
    events: Sequence[ConnectionEvent]


def note(
    news: News,
    stored: Mapping[ProviderName, Connection],
    user: JunctionUserOnRecord | None,
    moment: Moment,
    new_id: NewId,
) -> Noted:
    """Join the news to each of the patient's rows that they say something of.

    What is said of anybody but `user`, the patient's current one, changes nothing.
    """
    if user is None or news.junction_user_id != user.id:
        return Noted(user=None, connections=(), events=())
    connections, events = [], []
    for provider, facts in _facts(news, stored, moment):
        before = stored.get(provider)
        after = (
            opened(user, provider, facts, new_id())
            if before is None
            else before.learn(facts, junction_user_id=news.junction_user_id)
        )
        if after != before:
            connections.append(after)
        let_go = news.letting_go is not None and news.letting_go.provider == provider
        if let_go or visible(before) != visible(after):
            events.append(
                event_about(after, news.cause, news.request_id, at=moment.now, new_id=new_id())
            )
    looked = user.looked(moment.at(news.look.asked)) if news.look else None
    return Noted(user=looked, connections=connections, events=events)


def _facts(
    news: News, stored: Mapping[ProviderName, Connection], moment: Moment
) -> Iterator[tuple[ProviderName, Facts]]:
    for provider in sorted(_concerned(news, stored)):
        if news.look is None:
            facts = stored[provider].facts
        else:
            listing = listing_of(news.look.listings, provider)
            asked_at = moment.at(news.look.asked)
            facts = Facts.observed(listing, asked_at=asked_at, heard_at=moment.now)
        if news.arrival is not None and news.arrival.provider == provider:
            facts = replace(facts, last_synced_at=news.arrival.when(moment))
        if news.letting_go is not None and news.letting_go.provider == provider:
            facts = replace(facts, let_go_at=moment.at(news.letting_go.asked))
        yield provider, facts


def _concerned(news: News, stored: Mapping[ProviderName, Connection]) -> set[ProviderName]:
    """Who looked knows something of every row: of those that are not listed, that they are not.

    Data are evidence of a link, listed or not, where callers have a name for the provider.
    """
    named = {each.provider for each in (news.arrival, news.letting_go) if each is not None}
    if news.look is None:
        return named & stored.keys()
    listed = {listing.provider for listing in news.look.listings}
    return listed | stored.keys() | (named & _OURS)
