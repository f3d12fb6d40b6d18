"""A signed event of Junction's: the connection of a patient, in error on record, was made anew.

All check the signature and the time, find the connection, store its new status with one event in
one durable transaction, and answer how many connections it was about. What the peers are told
they believe. This service believes no event (docs/adr/0012), and does more for each: it looks up
the user, whether that is still the patient's current one, and whether the message was heard
before; it asks Junction what is linked now; and its transaction reads again what it changes, and
stores all three rows that Junction lists and the message's id, so that a repeat changes nothing.
"""

import hmac
import sqlite3
import time
from base64 import b64decode, b64encode
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from bench import linked
from bench.candidates import WEBHOOK_SECRET
from bench.rounds import Scenario
from bench.upstream import SLUG

_PATIENTS: Final = 40_000
_EVENT: Final = "provider.connection.created"
_SECRET: Final = b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))

_MOVED: Final = f"WHERE provider = '{SLUG}' AND status <> 'error'"


class _Received(msgspec.Struct, forbid_unknown_fields=True):
    received: bool
    event: str
    matched_connections: int


_received: Final = msgspec.json.Decoder(_Received)
_EXPECTED: Final = _Received(received=True, event=_EVENT, matched_connections=1)


class Webhooks:
    """Each of another patient, as a message of its own."""

    def request(self, n: int) -> bytes:
        body = _body(n % _PATIENTS)
        message_id, timestamp = b"msg_%x" % time.time_ns(), b"%d" % time.time()
        signed = hmac.digest(_SECRET, b"%b.%b.%b" % (message_id, timestamp, body), "sha256")
        return (
            b"POST /webhooks/junction-link HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nsvix-id: %b\r\nsvix-timestamp: %b\r\n"
            b"svix-signature: v1,%b\r\nContent-Length: %d\r\n\r\n%b"
            % (message_id, timestamp, b64encode(signed), len(body), body)
        )

    def fault(self, n: int, status: bytes, body: bytes) -> str | None:  # noqa: ARG002  (all the same)
        if status != b"200":
            return status.decode()
        try:
            told = _received.decode(body)
        except msgspec.DecodeError as error:
            return str(error)
        return None if told == _EXPECTED else f"another answer: {told}"


def webhooks() -> Scenario:
    patients = linked.three_each(_PATIENTS, **{SLUG: "error"})
    return Scenario(
        name="webhooks",
        title="A signed event of a connection that is on record",
        candidates=[
            replace(each, renew=_renew_peers if each.fill == patients.fill_peers else _renew_ours)
            for each in patients.candidates()
        ],
        work=Webhooks(),
        levels=[1, 16, 64],
    )


def _body(n: int) -> bytes:
    """As Junction has it (docs, webhooks/event-structure and event-catalog)."""
    user_id = linked.user(n).encode()
    return (
        b'{"event_type":"%b","user_id":"%b","client_user_id":"%b","data":{"user_id":"%b",'
        b'"provider":{"name":"Oura","slug":"%b","logo":"https://storage.example.com/oura.png"},'
        b'"external_user_id":"oura-user","resource_availability":{}}}'
        % (_EVENT.encode(), user_id, linked.patient(n).encode(), user_id, SLUG.encode())
    )


def _renew_ours(file: Path) -> None:
    _run(
        file,
        f"UPDATE connections SET status = 'error', seen_status = 'error' {_MOVED}",  # noqa: S608  (a constant)
        "DELETE FROM connection_events",
        "DELETE FROM webhook_deliveries",
    )


def _renew_peers(file: Path) -> None:
    _run(
        file,
        f"UPDATE connections SET status = 'error' {_MOVED}",  # noqa: S608  (a constant)
        "DELETE FROM connection_events",
    )


def _run(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, timeout=30)) as database:
        with database:
            for statement in statements:
                database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
