"""The rules of what comes after linking, in other words than the service's; none of it imported.

They are about the same `World`, and refuse in the same way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from tests.model.choice import NAMES, Listed, Refused, choose
from tests.model.known import NEVER, Connection, Told
from tests.model.message import Message
from tests.model.rules import AtJunction, World
from tests.model.trouble import Trouble

EIGHT: Final = {
    *("apple_health_kit", "google_fit", "oura", "whoop"),
    *("eight_sleep", "dexcom", "freestyle_libre", "garmin"),
}
SPELLINGS: Final = {"whoop": 2}  # of the names in these histories that have more than one
LINKS: Final = {"provider.connection.created", "provider.connection.error"}
DATA: Final = ("daily.data.", "historical.data.")
SECOND_LOOK: Final = timedelta(seconds=1)

Evidence = tuple[str, datetime] | None
"""Of which provider, and when."""


class Answered(NamedTuple):
    """What Junction listed of a user, and when it was asked."""

    rows: Sequence[Listed]
    asked: datetime

    def row_of(self, name: str) -> Listed | None:
        return choose(self.rows, name, since=None)[1]


def ask(world: World, user: str, at: AtJunction, trouble: Trouble) -> Answered:
    asked = world.now
    world.ask_junction(trouble)
    return Answered(at(user) or (), asked)


def hear(world: World, message: Message, at: AtJunction, trouble: Trouble) -> Told:
    _, patient = world.users.get(message.user, (None, None))
    heard_at = world.now
    if patient is None or not _may_be_about(world, message, patient):
        return _received(message, 0)
    name = message.slug and NAMES.get(message.slug, message.slug)
    is_data = message.slug is not None and message.event.startswith(DATA)
    if (message.event in LINKS or is_data) and message.id not in world.heard:
        row = world.connections.get((patient, name or ""))
        stands = row is not None and row.user == message.user and row.status == "connected"
        must_ask = message.event in LINKS or not stands
        answered = ask(world, message.user, at, trouble) if must_ask else None
        is_hollow = message.slug == "garmin" and message.event.startswith("historical.")
        arrived = min(message.data_at or heard_at, heard_at)
        note(
            world,
            message.user,
            patient,
            trouble,
            answered=answered,
            data=(name, arrived) if name and is_data and not is_hollow else None,
            message_id=message.id,
        )
    theirs = world.connections.get((patient, name or ""))
    return _received(message, int(theirs is not None and theirs.user == message.user))


def disconnect(
    world: World, patient: str, name: str | None, at: AtJunction, trouble: Trouble
) -> Told:
    """`name` is of the connection, if it is one of the patient's."""
    if name is None:
        raise Refused(404, "not_found")
    asked = world.now
    user = world.users_of(patient)[0]
    ended_for = {user, world.connections[patient, name].user}
    for _ in range(len(ended_for) * SPELLINGS.get(name, 1)):
        world.ask_junction(trouble)
    answered = ask(world, user, at, trouble)
    row = answered.row_of(name)
    if row and row.status == "connected" and trouble is not Trouble.LATE:
        world.now += SECOND_LOOK
        answered = ask(world, user, at, trouble)
    note(world, user, patient, trouble, answered=answered, let_go=(name, asked))
    if world.connections[patient, name].status == "connected":
        raise Refused(409, "still_connected")
    return {}


def forget(world: World, patient: str, user: str | None, trouble: Trouble) -> Told:
    """`user` is who the patient is at Junction, where we may never have heard of them."""
    world.ask_junction(trouble)
    known = world.users_of(patient)
    for _ in {*known, user} - {None}:
        world.ask_junction(trouble)
    if trouble in {Trouble.WRITE_REFUSED, Trouble.BREAKS_MIDWAY}:
        raise Refused(503, "storage_unavailable")
    connections = [key for key in world.connections if key[0] == patient]
    tokens = [text for text, token in world.tokens.items() if token.patient == patient]
    for key in connections:
        del world.connections[key]
    for text in tokens:
        del world.tokens[text]
    for each in known:
        del world.users[each]
        world.looked.pop(each, None)
    if trouble is Trouble.ANSWER_LOST:
        raise Refused(503, "storage_unavailable")
    return {"connections": len(connections), "junction_users": len(known)}


def note(
    world: World,
    user: str,
    patient: str,
    trouble: Trouble,
    *,
    answered: Answered | None,
    data: Evidence = None,
    let_go: Evidence = None,
    message_id: str | None = None,
) -> None:
    """All that one writer learned of a patient's connections, or nothing.

    Nothing also of a message that was heard while this one waited for Junction.
    """
    if trouble is Trouble.WRITE_REFUSED:
        raise Refused(503, "storage_unavailable")
    if message_id in world.heard:
        return
    theirs = {name: row for (whose, name), row in world.connections.items() if whose == patient}
    is_current = user in world.users_of(patient)[:1]
    named = {each[0] for each in (data, let_go) if each}
    learned, has_lines = {}, False
    for name in sorted(_concerned(theirs, answered, named)) if is_current else ():
        before = theirs.get(name)
        row = replace(before or world.opened(user), user=user)
        after = _learn(name, row, answered, data, let_go)
        wish = let_go is not None and let_go[0] == name
        if wish or before is None or before.worth_a_line != after.worth_a_line:
            after, has_lines = after.gets_a_line(), True
        learned[patient, name] = after
    if trouble is Trouble.BREAKS_MIDWAY and has_lines:
        raise Refused(503, "storage_unavailable")
    world.connections |= learned
    if is_current and answered:
        world.looked[user] = max(world.looked.get(user, NEVER), answered.asked)
    if message_id is not None:
        world.heard |= {message_id}
    if trouble is Trouble.ANSWER_LOST:
        raise Refused(503, "storage_unavailable")


def _learn(
    name: str, row: Connection, answered: Answered | None, data: Evidence, let_go: Evidence
) -> Connection:
    if answered:
        row = row.sees(answered.row_of(name), answered.asked)
    if data and data[0] == name:
        row = replace(row, synced_at=max(row.synced_at, data[1]))
    if let_go and let_go[0] == name:
        row = replace(row, let_go_at=max(row.let_go_at, let_go[1]))
    return row


def _may_be_about(world: World, message: Message, patient: str) -> bool:
    if message.team == "foreign" or message.client_user_id not in {None, patient}:
        return False
    return message.user == world.users_of(patient)[0]


def _concerned(theirs: Iterable[str], answered: Answered | None, named: set[str]) -> set[str]:
    """Who asked knows of every row; evidence alone makes one of the eight, and only with it."""
    if answered is None:
        return named & {*theirs}
    listed = {row.provider for row in answered.rows}
    return listed | {*theirs} | (named & EIGHT)


def _received(message: Message, matched: int) -> Told:
    return {"received": True, "event": message.event, "matched_connections": matched}
