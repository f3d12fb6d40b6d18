"""A connection after it was linked, over real sockets: what stands is what Junction says.

Service and Junction as processes of their own, each finding the other at its address.
"""

import json
import os
import pty
import subprocess
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.e2e.processes import COMMAND, a_free_port, running
from tests.e2e.requests import Answer, call, send

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Servers:
    service: str
    junction: str
    folder: Path

    def ask(self, method: str, path: str, patient: str, **what: Any) -> Answer:
        return call(method, f"{self.service}/v1/wearables{path}", patient=patient, **what)

    def link(self, patient: str, slug: str) -> str:
        """Mint, and press the button in Link; gives the token, which nobody has exchanged."""
        token = str(self.ask("POST", "/link/token", patient).json["link_token"])
        pressed = send(
            "POST",
            f"{self.junction}/link",
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode({"token": token, "choice": slug}),
        )
        assert pressed.status == 200
        return token

    def exchange(self, patient: str, token: str) -> Any:
        answer = self.ask("POST", "/link/exchange", patient, json_body={"link_token": token})
        assert answer.status == 201
        return answer.json

    def connections(self, patient: str) -> list[Any]:
        return list(self.ask("GET", "/connections", patient).json["connections"])

    def tell(self, method: str, path: str, body: object) -> None:
        """Tell the simulator what happens."""
        url = f"{self.junction}/_simulator/{path}"
        assert send(method, url, JSON, json.dumps(body)).status == 204

    def says(self, patient: str, slug: str, status: str | None, error: str | None = None) -> None:
        path = f"users/{patient}/providers/{slug}"
        self.tell("PUT", path, {"status": status, "error_type": error})

    def webhooks(self, **trouble: Any) -> None:
        url = f"{self.service}/webhooks/junction-link"
        self.tell("PUT", "webhooks", {"url": url, **trouble})

    def settled(self) -> None:
        """Wait until each webhook was sent, or has to wait for the clock."""
        self.turn_clock(0)

    def turn_clock(self, seconds: float) -> None:
        self.tell("POST", "clock", {"advance": seconds})

    def reconcile(self, *options: str) -> Any:
        ended = subprocess.run(
            [COMMAND, "reconcile", "--staging", "--json", "--older-than", "0s", *options],
            cwd=self.folder,
            env={"JUNCTION_BASE_URL": self.junction},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def eventually(self, patient: str, **expected: Any) -> Any:
        """The patient's only connection, once it is as expected."""
        found: list[Any] = []
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = self.connections(patient)
            if len(found) == 1 and found[0] | expected == found[0]:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(found)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("servers")
    port, junction = a_free_port(), a_free_port()
    at = f"http://127.0.0.1:{junction}"
    hook = f"http://127.0.0.1:{port}/webhooks/junction-link"
    with (
        running("simulate-junction", "--port", str(junction), "--webhooks", hook, folder=folder),
        running(
            "serve",
            "--staging",
            "--port",
            str(port),
            folder=folder,
            environ={"JUNCTION_BASE_URL": at},
        ),
    ):
        yield Servers(f"http://127.0.0.1:{port}", at, folder)


def test_whole_life_of_a_connection(servers: Servers) -> None:
    linked = servers.exchange("anna", servers.link("anna", "oura"))
    assert linked["status"] == "connected"
    same = {name: linked[name] for name in ("id", "connected_at", "junction_user_id")}

    servers.says("anna", "oura", "error", "token_refresh_failed")
    servers.eventually("anna", status="error", **same)

    servers.says("anna", "oura", "connected")
    servers.eventually("anna", status="connected", **same)

    servers.webhooks(lose=True)
    servers.says("anna", "oura", "error", "token_refresh_failed")
    assert servers.connections("anna")[0]["status"] == "connected"
    report = servers.reconcile()
    assert {"from": "connected", "to": "error", "count": 1} in report["changes"]
    servers.eventually("anna", status="error", **same)

    servers.webhooks(delay=60)
    servers.says("anna", "oura", "connected")  # what tells of this is on its way
    ended = servers.ask("DELETE", f"/connections/{linked['id']}", "anna")
    assert ended.status == 204
    servers.turn_clock(60)
    servers.eventually("anna", status="disconnected", **same)

    events = servers.ask("GET", f"/connections/{linked['id']}/events", "anna").json["events"]
    assert [(event["cause"], event["status"]) for event in events] == [
        ("disconnect", "disconnected"),
        ("reconcile", "error"),
        ("webhook", "connected"),
        ("webhook", "error"),
        ("exchange", "connected"),
    ]


def test_browser_that_never_came_back_is_healed(servers: Servers) -> None:
    servers.webhooks()
    token = servers.link("ben", "whoop_v2")

    found = servers.eventually("ben", provider="whoop", status="connected")

    assert servers.exchange("ben", token)["id"] == found["id"]


def test_data_move_the_last_sync_and_nothing_else(servers: Servers) -> None:
    servers.webhooks()
    servers.link("cleo", "garmin")
    before = servers.eventually("cleo", status="connected", last_synced_at=None)

    newer, older = "2026-10-02T03:04:05Z", "2026-10-01T00:00:00Z"
    servers.tell("POST", "users/cleo/providers/garmin/data", {"historical": True})
    servers.tell("POST", "users/cleo/providers/garmin/data", {"updated_at": newer})
    after = servers.eventually("cleo", last_synced_at=newer)
    servers.tell("POST", "users/cleo/providers/garmin/data", {"updated_at": older})
    servers.settled()

    assert after | {"last_synced_at": None} == before
    assert servers.connections("cleo") == [after]


def test_webhooks_in_trouble_end_in_the_same(servers: Servers) -> None:
    servers.webhooks(repeat=3, swap=True)
    servers.link("dana", "oura")
    servers.says("dana", "oura", "error", "token_refresh_failed")
    servers.settled()
    servers.eventually("dana", status="error")

    servers.webhooks(corrupt=True)
    servers.says("dana", "oura", "connected")
    servers.settled()
    assert servers.connections("dana")[0]["status"] == "error"

    servers.webhooks()
    servers.turn_clock(5)  # the second attempt of what was refused
    servers.eventually("dana", status="connected")


def test_service_that_is_away_hears_of_it_later(tmp_path: Path) -> None:
    """The sender's retries are the queue."""
    port, junction = a_free_port(), a_free_port()
    servers = Servers(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{junction}", tmp_path)
    hook = f"{servers.service}/webhooks/junction-link"
    serve = ("serve", "--staging", "--port", str(port))
    environ = {"JUNCTION_BASE_URL": servers.junction}
    with running(
        "simulate-junction", "--port", str(junction), "--webhooks", hook, folder=tmp_path
    ):
        with running(*serve, folder=tmp_path, environ=environ):
            servers.exchange("anna", servers.link("anna", "oura"))
        servers.says("anna", "oura", "error", "token_refresh_failed")
        servers.turn_clock(3 * 3600)  # attempts at once, after 5 s, 5 min, 30 min and 2 h
        with running(*serve, folder=tmp_path, environ=environ):
            assert servers.connections("anna")[0]["status"] == "connected"
            servers.turn_clock(5 * 3600)
            servers.eventually("anna", status="error")


def test_who_waits_at_a_terminal_sees_how_far_it_is(servers: Servers) -> None:
    servers.exchange("emil", servers.link("emil", "oura"))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 80))

    ended = subprocess.run(
        [COMMAND, "reconcile", "--staging", "--json", "--older-than", "0s"],
        cwd=servers.folder,
        env={"JUNCTION_BASE_URL": servers.junction},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )

    shown = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)
    assert "connections" in shown
    assert "0%" in shown
    assert json.loads(ended.stdout)["ending"] == "done"
