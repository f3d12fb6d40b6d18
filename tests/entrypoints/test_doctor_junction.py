"""`wearable-link doctor`: Junction's key, whether it answers, and what time it is there."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import pytest

from adapters.junction.probe import HttpJunctionProbe
from entrypoints.doctor.checkup import CHECKS
from tests.adapters.upstream import Behaviour, hang, reply, reset, upstream
from tests.e2e.processes import a_free_port, running
from tests.entrypoints.diagnosed import KEY, diagnose, patient
from tests.faults.certificates import a_certificate

NO_USER: Final = {"detail": "User not found"}


def environ(url: str, key: str = KEY) -> dict[str, str]:
    return {"JUNCTION_API_KEY": key, "JUNCTION_BASE_URL": url}


@pytest.mark.parametrize(
    ("key", "url", "state", "says"),
    [
        ("pk_us_made_up", "", "green", "api.us.junction.com"),
        ("pk_eu_made_up", "https://api.eu.junction.com", "green", "api.eu.junction.com"),
        ("sk_us_made_up", "", "yellow", "sandbox"),
        ("pk_us_made_up", "https://api.tryvital.io", "yellow", "old name"),
        ("sk_us_made_up", "http://127.0.0.1:8001", "yellow", "this machine"),
        ("sk_us_made_up", "http://[::1]", "yellow", "this machine"),
        ("pk_us_made_up", "https://api.eu.junction.com", "red", "does not go with this key"),
        ("sk_us_made_up", "https://api.us.junction.com", "red", "does not go with this key"),
        ("made_up", "", "red", "expected pk_us_"),
        ("", "", "red", "missing"),
    ],
)
async def test_key_is_held_against_where_it_is_sent(
    key: str, url: str, state: str, says: str
) -> None:
    finding = await diagnose("junction-key", environ(url, key))

    assert finding.state == state
    assert says in finding.says


@pytest.mark.parametrize(("key", "says"), [("", "simulated"), ("sk_eu_made_up", "sandbox.eu")])
async def test_in_staging_a_sandbox_or_none_is_as_it_should_be(key: str, says: str) -> None:
    finding = await diagnose("junction-key", environ("", key), staging=True)

    assert finding.state == "green"
    assert says in finding.says


@pytest.mark.parametrize("check", ["junction-answers", "clock"])
async def test_junction_inside_the_service_is_not_asked(check: str) -> None:
    assert (await diagnose(check, {}, staging=True)).state == "green"


@pytest.mark.parametrize("check", ["junction-answers", "clock"])
async def test_wrong_address_is_not_asked(check: str) -> None:
    finding = await diagnose(check, environ("https://elsewhere.example"))

    assert finding.state == "yellow"
    assert finding.says == "not looked at: JUNCTION_BASE_URL is wrong"


@pytest.mark.parametrize(("key", "state"), [(KEY, "green"), ("pk_us_refused", "red")])
async def test_simulator_takes_one_key_and_refuses_another(
    tmp_path: Path, key: str, state: str
) -> None:
    port = a_free_port()
    with running("simulate-junction", "--port", str(port), folder=tmp_path):
        finding = await diagnose("junction-answers", environ(f"http://127.0.0.1:{port}", key))

    assert finding.state == state
    assert "the key" in finding.says


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (reply(404, NO_USER), "green", "takes the key"),
        (reply(200, {"user_id": "u"}), "green", "takes the key"),
        (reply(429, {}), "yellow", "429"),
        (reply(503, {}), "yellow", "503"),
        (reply(401, NO_USER), "red", "refuses the key (401)"),
        (reply(403, NO_USER), "red", "refuses the key (403)"),
        (reply(404, b"<h1>Not found</h1>"), "red", "not Junction"),
        (reply(404, b"[]"), "red", "not Junction"),
        (reply(301, b"", "Location: /"), "red", "not Junction"),
        (reply(200, b"x" * 100_000), "red", "no HTTP"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "red", "no HTTP"),
        (reset, "red", "cannot be reached"),
    ],
)
async def test_each_answer_has_its_colour(
    answer: bytes | Behaviour, state: str, says: str
) -> None:
    async with upstream(answer) as junction:
        finding = await diagnose("junction-answers", environ(junction.url))

    assert (finding.state, says in finding.says) == (state, True), finding


async def test_key_is_sent_once_for_both_checks_and_nothing_is_changed() -> None:
    async with upstream(reply(404, NO_USER)) as junction:
        examined = patient(environ(junction.url))
        await asyncio.gather(*(CHECKS[name](examined) for name in ("junction-answers", "clock")))

    [asked] = junction.received
    assert (asked.method, asked.body) == ("GET", b"")
    assert asked.headers["x-vital-api-key"] == KEY


async def test_closed_port_is_told_from_a_wrong_key() -> None:
    finding = await diagnose("junction-answers", environ(f"http://127.0.0.1:{a_free_port()}"))

    assert finding.state == "red"
    assert finding.says.startswith("Junction cannot be reached: ")


async def test_junction_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = HttpJunctionProbe.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "deadline", 0.1)
    async with upstream(hang) as junction:
        finding = await diagnose("junction-answers", environ(junction.url))

    assert (finding.state, finding.says) == ("red", "Junction does not answer in time")


async def test_certificate_that_nobody_knows_is_named(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path / "junction.pem")
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", ssl=certificate.to_serve())
    async with server:
        port = server.sockets[0].getsockname()[1]
        finding = await diagnose("junction-answers", environ(f"https://127.0.0.1:{port}"))

    assert finding.state == "red"
    assert finding.says.startswith("no TLS with Junction")


async def test_name_that_is_not_found_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

    finding = await diagnose("junction-answers", environ("http://localhost:1"))

    assert (finding.state, finding.says) == ("red", "Junction's name is not found")


@pytest.mark.parametrize(
    ("ahead", "state", "says"),
    [
        (0, "green", "agree"),
        (60, "yellow", "behind"),
        (-60, "yellow", "ahead of"),
        (600, "red", "every webhook is refused"),
        (-600, "red", "every webhook is refused"),
    ],
)
async def test_clocks_that_differ(ahead: int, state: str, says: str) -> None:
    there = datetime.now(UTC) + timedelta(seconds=ahead)
    date = f"Date: {format_datetime(there, usegmt=True)}"
    async with upstream(reply(401, NO_USER, date)) as junction:
        finding = await diagnose("clock", environ(junction.url))

    assert finding.state == state
    assert says in finding.says


@pytest.mark.parametrize("header", ["Server: none", "Date: yesterday"])
async def test_junction_without_a_clock_tells_nothing(header: str) -> None:
    async with upstream(reply(404, NO_USER, header)) as junction:
        finding = await diagnose("clock", environ(junction.url))

    assert (finding.state, finding.says) == ("yellow", "Junction's answer bears no time")


async def test_clock_of_a_silent_junction_is_not_looked_at() -> None:
    finding = await diagnose("clock", environ(f"http://127.0.0.1:{a_free_port()}"))

    assert (finding.state, finding.says) == ("yellow", "not looked at: Junction does not answer")
