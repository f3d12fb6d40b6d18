"""What each candidate is asked, and what it has to answer and to store."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Final

from bench.peers import common
from bench.peers.asker import Answer, Asker
from bench.peers.filled import PATIENTS, Ask, user_id_of

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT_ONCE: Final = 32
_RACED, _BROKEN, _EXPIRED = _AT_ONCE + 1, PATIENTS - 2, PATIENTS - 1

BROKEN_USER: Final = user_id_of(_BROKEN)


# Shaped as in Junction's OpenAPI document, and about as long.
LISTED: Final = [
    {
        "name": slug.title(),
        "slug": slug,
        "logo": f"https://storage.googleapis.com/vital-assets/{slug}.png",
        "created_on": "2026-11-01T08:00:00+00:00",
        "status": status,
        "external_user_id": f"{slug}-user",
        "error_details": None,
        "resource_availability": {"sleep": {"status": "available"}},
    }
    for slug, status in (("garmin", "error"), ("oura", "connected"), ("whoop_v2", "connected"))
]


async def exchanges(asker: Asker, ask: Ask, called: list[str]) -> list[str]:
    """What differs; `called` is by whom the upstream was asked."""
    return [
        *[each async for each in _one(asker, ask, called)],
        *[each async for each in _refusals(asker)],
        *[each async for each in _many(asker, ask)],
        *[each async for each in _one_token_at_once(asker, ask)],
    ]


async def _one(asker: Asker, ask: Ask, called: list[str]) -> AsyncIterator[str]:
    good = await asker.exchange_of(0, provider="oura")
    for difference in _not_created(good, patient=0):
        yield difference
    if called != [user_id_of(0)]:
        yield f"upstream calls of one exchange: {called}"
    if (again := await asker.exchange_of(0, provider="oura")) != good:
        yield f"a repeat is answered {again}, not {good}"
    if len(called) != 1:
        yield "a repeat asks the upstream"
    stored = await _stored(ask, 0)
    if stored != [(good.id, "oura", "connected", good.id, 1)]:
        yield f"stored: {stored}"


async def _many(asker: Asker, ask: Ask) -> AsyncIterator[str]:
    if (rows := await ask("SELECT count(*) FROM connections")) != [(1,)]:
        yield f"connections after what was refused: {rows}"
    answers = await asyncio.gather(*(asker.exchange_of(1 + n) for n in range(_AT_ONCE)))
    for patient, answer in enumerate(answers, 1):
        for difference in _not_created(answer, patient):
            yield f"at once: {difference}"
    whole = "SELECT count(*), count(DISTINCT c.id) FROM connections AS c JOIN link_tokens AS t"
    whole += " ON t.bound_to = c.id JOIN connection_events AS e ON e.connection_id = c.id"
    if (rows := await ask(whole)) != [(_AT_ONCE + 1, _AT_ONCE + 1)]:
        yield f"connections, bound and with one event: {rows}"


async def _one_token_at_once(asker: Asker, ask: Ask) -> AsyncIterator[str]:
    raced = await asyncio.gather(*(asker.exchange_of(_RACED) for _ in range(8)))
    if {answer.status for answer in raced} != {201} or len({answer.id for answer in raced}) != 1:
        yield f"one token exchanged at once: {raced}"
    rows = await _stored(ask, _RACED)
    if [row[-1] for row in rows] != [1]:
        yield f"one token exchanged at once is stored as {rows}"


async def constant(asker: Asker) -> AsyncIterator[str]:
    """The same to everybody, and as an exchange is answered."""
    answer = await asker.exchange_of(12345)
    if not isinstance(answer.body, dict):
        yield f"constant: {answer}"
        return
    shown = Answer(
        answer.status, answer.body | {"junction_user_id": user_id_of(12345)}, answer.cached
    )
    for difference in _not_created(shown, 12345):
        yield difference


async def _refusals(asker: Asker) -> AsyncIterator[str]:
    token = {"link_token": "token-0"}
    expected = [
        ("unknown token", await asker.exchange({"link_token": "?"}), 400, "invalid_link_token"),
        ("another's", await asker.exchange({"link_token": "token-1"}), 400, "invalid_link_token"),
        ("expired", await asker.exchange_of(_EXPIRED), 400, "invalid_link_token"),
        (
            "not linked",
            await asker.exchange_of(1, provider="garmin"),
            400,
            "link_not_completed",
        ),
        ("upstream is down", await asker.exchange_of(_BROKEN), 502, "junction_unavailable"),
    ]
    bodies = ("{", "[]", {}, {"link_token": ""}, {"link_token": 5}, token | {"provider": "?"})
    expected += [
        (f"body {body}", await asker.exchange(body), 400, "validation_error") for body in bodies
    ]
    bearers = (None, "Basic staging.patient-0", "Bearer patient-0", "Bearer staging.")
    expected += [
        (f"bearer {bearer}", await asker.exchange(token, bearer), 401, "unauthenticated")
        for bearer in bearers
    ]
    for name, answer, status, error in expected:
        members = answer.body if isinstance(answer.body, dict) else {}
        if answer.status != status or members.get("error") != error:
            yield f"{name}: {answer}, not {status} {error}"
        elif members.keys() != {"error", "message"}:
            yield f"{name}: members {members.keys()}"


async def all_else(asker: Asker, ask: Ask) -> AsyncIterator[str]:
    """The listing and the webhook, after `exchanges`."""
    listed = await asker.connections()
    if listed != Answer(200, {"connections": [(await asker.exchange_of(0)).body]}, "no-store"):
        yield f"listing: {listed}"
    said = [("error", "oura", 1), ("created", {"slug": "oura"}, 1), ("error", "fitbit", 0)]
    for kind, provider, matched in [*said, ("other", "oura", 0)]:
        event = f"provider.connection.{kind}"
        data = {"provider": provider, "user_id": user_id_of(0)}
        answer = await asker.webhook({"event_type": event, "user_id": user_id_of(0), "data": data})
        body = {"received": True, "event": event, "matched_connections": matched}
        if (answer.status, answer.body) != (200, body):
            yield f"webhook {event} of {provider}: {answer}"
        if matched:
            rows = await _stored(ask, 0)
            if [row[2] for row in rows] != [common.STATUS_AFTER[event]]:
                yield f"webhook {event}: stored are {rows}"
    rows = await _stored(ask, 0)
    if [row[-1] for row in rows] != [3]:
        yield f"webhook: stored are {rows}"
    stranger = await asker.webhook({"event_type": "x"}, secret="whsec_c3RyYW5nZXI=")  # noqa: S106
    odd = await asker.webhook([])
    if (stranger.status, odd.status) != (401, 400):
        yield f"webhook: a stranger's is answered {stranger}, an odd one {odd}"


def _not_created(answer: Answer, patient: int) -> list[str]:
    expected = {
        "patient_id": f"patient-{patient}",
        "provider": "oura",
        "junction_user_id": user_id_of(patient),
        "status": "connected",
        "last_synced_at": None,
    }
    if answer.status != 201 or not isinstance(answer.body, dict):
        return [f"exchange: {answer}"]
    rest = dict(answer.body)
    made, at = str(rest.pop("id", None)), str(rest.pop("connected_at", None))
    told = [] if rest == expected else [f"members {rest}, not {expected}"]
    told += [] if _UUID.fullmatch(made) and _RFC3339.fullmatch(at) else [f"id {made}, at {at}"]
    return told if answer.cached == "no-store" else [*told, f"Cache-Control {answer.cached}"]


async def _stored(ask: Ask, patient: int) -> list[Any]:
    return await ask(
        "SELECT c.id, c.provider, c.status, t.bound_to, (SELECT count(*) FROM connection_events"
        " AS e WHERE e.connection_id = c.id AND e.patient_id = c.patient_id) FROM connections AS c"
        " JOIN link_tokens AS t ON t.patient_id = c.patient_id"
        f" WHERE c.patient_id = 'patient-{patient}'"
    )
