"""The journal of the clients against the tables: every promise kept, nothing there by halves."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.crash.journal import Fault, Finding, Journal
from tests.crash.tables import EventRow, Found


def compare(journal: Journal, found: Found) -> list[Finding]:
    """What is wrong; nothing, as a rule."""
    return [
        *_broken_promises(journal, found),
        *_duplicates(found),
        *_halves(found),
        *(Finding(Fault.DAMAGED, defect) for defect in found.defects),
    ]


def _broken_promises(journal: Journal, found: Found) -> Iterator[Finding]:
    connections = {row.id: row for row in found.connections}
    tokens = {row.digest: row for row in found.tokens}
    with_events = {event.connection for event in found.events}
    for digest, patient in journal.promised_tokens():
        if digest not in tokens or tokens[digest].patient != patient:
            yield Finding(Fault.MISSING, f"the mint of {digest} for {patient}")
    for digest, answer in journal.promised_connections():
        promised = answer["id"], *_key_of(answer), answer["junction_user_id"]
        if connections.get(answer["id"]) != promised:
            yield Finding(Fault.MISSING, f"the connection {promised}")
        if digest not in tokens or tokens[digest].bound_to != answer["provider"]:
            yield Finding(Fault.MISSING, f"the binding of {digest} to {answer['provider']}")
        if answer["id"] not in with_events:
            yield Finding(Fault.MISSING, f"an event of the connection {promised}")


def _duplicates(found: Found) -> Iterator[Finding]:
    for what, keys in (
        ("connections of", ((row.patient, row.provider) for row in found.connections)),
        ("connections with the id", ((row.id,) for row in found.connections)),
        ("tokens with the digest", ((row.digest,) for row in found.tokens)),
    ):
        for key in _repeated(keys):
            yield Finding(Fault.DUPLICATE, f"{what} {', '.join(key)}")


def _halves(found: Found) -> Iterator[Finding]:
    """Each binding came with its connection and an event, each token with its user."""
    connections = {(row.patient, row.provider): row.id for row in found.connections}
    users = {(row.id, row.patient) for row in found.users}
    bound = Counter(
        (row.patient, row.bound_to) for row in found.tokens if row.bound_to is not None
    )
    events = Counter(found.events)
    for token in found.tokens:
        if (token.junction_user, token.patient) not in users:
            yield Finding(Fault.HALF_WRITTEN, f"the token {token.digest} without its user")
    for key in bound.keys() - connections.keys():
        yield Finding(Fault.HALF_WRITTEN, f"tokens bound to {key}, which is no connection")
    for key in connections.keys() - bound.keys():
        yield Finding(Fault.HALF_WRITTEN, f"the connection {key} without a token bound to it")
    for (patient, provider), id_ in connections.items():
        count = events.pop(EventRow(id_, patient, provider), 0)
        if count < max(1, bound[patient, provider]):
            told = f"{bound[patient, provider]} bindings and {count} events"
            yield Finding(Fault.HALF_WRITTEN, f"the connection {id_} with {told}")
    for event in events:
        yield Finding(Fault.HALF_WRITTEN, f"an event of {event}, which is no connection")


def _repeated(keys: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [key for key, count in Counter(keys).items() if count > 1]


def _key_of(answer: dict[str, str]) -> tuple[str, str]:
    return answer["patient_id"], answer["provider"]
