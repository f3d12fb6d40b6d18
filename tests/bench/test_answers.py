"""A candidate that does not answer what it has to is found out, and is no result."""

import json
from typing import Any

import pytest
from svix.webhooks import Webhook

from bench import linked
from bench.candidates import WEBHOOK_SECRET
from bench.listing import Listing
from bench.webhooks import Webhooks

_THREE = {"fitbit": "error", "garmin": "disconnected", "oura": "connected"}


def _row(provider: str, **other: str) -> dict[str, Any]:
    return {
        "id": "0",
        "patient_id": linked.patient(7),
        "provider": provider,
        "junction_user_id": linked.user(7),
        "status": _THREE[provider],
        "connected_at": "2099-01-01T09:30:00Z",
        "last_synced_at": None,
    } | other


def _listed(*connections: dict[str, Any]) -> bytes:
    return json.dumps({"connections": connections}).encode()


def test_a_patients_three_connections_are_right() -> None:
    assert Listing().fault(7, b"200", _listed(*map(_row, _THREE))) is None


def test_the_first_patient_is_asked_for_again_after_the_last() -> None:
    assert Listing().request(7) == Listing().request(20_007)
    assert Listing().fault(20_007, b"200", _listed(*map(_row, _THREE))) is None


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"no JSON",
        _listed(*map(_row, _THREE)).replace(b"{", b'{"next": null, ', 1),
        _listed(),
        _listed(_row("oura"), _row("fitbit")),
        _listed(*map(_row, _THREE), _row("oura")),
        _listed(_row("oura"), _row("fitbit"), _row("garmin", status="connected")),
        _listed(_row("oura"), _row("fitbit"), _row("garmin", patient_id=linked.patient(8))),
        _listed(_row("oura"), _row("fitbit"), _row("garmin", junction_user_id=linked.user(8))),
        _listed(_row("oura"), _row("fitbit"), _row("garmin", more="than the contract has")),
    ],
)
def test_any_other_listing_is_a_fault(body: bytes) -> None:
    assert Listing().fault(7, b"200", body)


def test_a_listing_with_another_status_is_a_fault() -> None:
    assert Listing().fault(7, b"503", _listed(*map(_row, _THREE))) == "503"


def _heard(**other: object) -> bytes:
    answer = {"received": True, "event": "provider.connection.created", "matched_connections": 1}
    return json.dumps(answer | other).encode()


def test_an_event_that_is_about_one_connection_is_right() -> None:
    assert Webhooks().fault(7, b"200", _heard()) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (b"401", _heard()),
        (b"200", b"{}"),
        (b"200", b"no JSON"),
        (b"200", _heard(matched_connections=0)),
        (b"200", _heard(received=False)),
        (b"200", _heard(event="provider.connection.error")),
        (b"200", _heard(more="than the contract has")),
    ],
)
def test_any_other_answer_to_an_event_is_a_fault(status: bytes, body: bytes) -> None:
    assert Webhooks().fault(7, status, body)


def test_an_event_is_signed_as_svix_reads_it_and_is_a_message_of_its_own() -> None:
    ids = set()
    for _ in range(2):
        head, _, body = Webhooks().request(7).decode().partition("\r\n\r\n")
        _, *lines = head.split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        Webhook(WEBHOOK_SECRET).verify(body, headers)  # or it raises
        assert json.loads(body)["user_id"] == linked.user(7)
        assert int(headers["content-length"]) == len(body)
        ids.add(headers["svix-id"])
    assert len(ids) == 2
