"""News of a patient's connections that are valid as they are; a keyword varies them."""

from dataclasses import replace
from itertools import count
from typing import Any, Final
from uuid import UUID

from domain.connection import Connection
from domain.history import Cause
from domain.identifiers import ConnectionId, RequestId
from domain.junction_event import JunctionEvent, MessageId
from domain.ledger import JunctionUserOnRecord
from domain.moment import Moment
from domain.news import Arrival, LettingGo, Look, News, Noted, note
from domain.provider import Listing
from tests.builders import ANNA, ANNAS_USER, NOW, OURA, a_listing, hours, some_facts

MOMENT: Final = Moment(now=NOW, monotonic=100.0)
BEFORE: Final = NOW - hours(1)


def a_look(*listings: Listing, asked: float = 0.0) -> Look:
    return Look(listings=listings, asked=asked)


def an_arrival(**changes: Any) -> Arrival:
    return replace(Arrival(provider=OURA, at=None, heard=0.0), **changes)


def a_letting_go(**changes: Any) -> LettingGo:
    return replace(LettingGo(provider=OURA, asked=0.0), **changes)


def some_news(*listings: Listing, **changes: Any) -> News:
    """A look at just these; `asked` is when, a keyword `look` replaces it."""
    asked = changes.pop("asked", 0.0)
    news = News(
        patient_id=ANNA,
        junction_user_id=ANNAS_USER,
        cause=Cause.WEBHOOK,
        request_id=RequestId("request-1"),
        look=a_look(*listings, asked=asked),
    )
    return replace(news, **changes)


def a_connection(**changes: Any) -> Connection:
    connection = Connection(
        id=ConnectionId(UUID(int=1)),
        patient_id=ANNA,
        provider=OURA,
        junction_user_id=ANNAS_USER,
        facts=some_facts(a_listing()),
    )
    return replace(connection, **changes)


def an_event(name: str = "provider.connection.created", **changes: Any) -> JunctionEvent:
    event = JunctionEvent(message_id=MessageId("message-1"), name=name, user_id=ANNAS_USER)
    return replace(event, **changes)


ANNAS_USER_ON_RECORD: Final = JunctionUserOnRecord(
    id=ANNAS_USER, patient_id=ANNA, team_id=None, minted_at=BEFORE
)
LINKED: Final = a_connection(facts=some_facts(a_listing(), BEFORE))


def noted(
    news: News,
    *stored: Connection,
    current_user: JunctionUserOnRecord | None = ANNAS_USER_ON_RECORD,
) -> Noted:
    """What the news do to the rows that are stored, at `MOMENT`."""
    ids = (UUID(int=n) for n in count(100))
    rows = {row.provider: row for row in stored}
    return note(news, rows, current_user, MOMENT, lambda: next(ids))


def changed_nothing(result: Noted) -> bool:
    return not result.connections and not result.events
