"""`wearable-link doctor` as a whole: what it prints, what it keeps, and its exit codes."""

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

from entrypoints.commands.doctor_report import as_lines, overall
from entrypoints.doctor import checkup
from entrypoints.doctor.checkup import CHECKS, Checked
from entrypoints.doctor.examined import Examined
from entrypoints.doctor.finding import Finding, green, red, yellow
from tests.e2e.processes import a_free_port, running
from tests.entrypoints.diagnosed import (
    KEPT,
    KEY,
    PASSWORD,
    SECRET,
    diagnose,
    patient,
    wearable_link,
)

BROKEN: Final = {
    "JUNCTION_API_KEY": KEY,
    "JUNCTION_BASE_URL": f"http://127.0.0.1:{a_free_port()}",
    "JUNCTION_WEBHOOK_SECRETS": SECRET,
    "IDENTITY": "introspection",
    "INTROSPECTION_URL": f"http://127.0.0.1:{a_free_port()}/",
    "INTROSPECTION_CLIENT_ID": "client",
    "INTROSPECTION_CLIENT_SECRET": PASSWORD,
    "DATABASE_URL": f"postgresql://anna:{PASSWORD}@127.0.0.1:{a_free_port()}/link",
}


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def states(document: Any) -> dict[str, str]:
    return {check["name"]: check["state"] for check in document["checks"]}


async def test_fresh_staging_is_well_and_stays_fresh(tmp_path: Path) -> None:
    ended = await wearable_link("doctor", "--staging", folder=tmp_path)

    assert ended.code == 0, ended
    assert ended.err == ""
    lines = [line.split(maxsplit=2) for line in ended.out.splitlines()]
    assert [name for _, name, _ in lines] == list(CHECKS)
    assert {state for state, _, _ in lines} == {"green", "yellow"}
    assert files_in(tmp_path) == []


async def test_staging_that_runs_is_all_green(tmp_path: Path) -> None:
    port = a_free_port()
    with running("serve", "--staging", "--port", str(port), folder=tmp_path):
        url = f"http://127.0.0.1:{port}"
        ended = await wearable_link("doctor", "--staging", "--json", "--url", url, folder=tmp_path)

    document = json.loads(ended.out)
    assert (ended.code, document["state"]) == (0, "green"), document
    assert states(document) == dict.fromkeys(CHECKS, "green")


async def test_nothing_set_is_red_and_names_what_is_missing(tmp_path: Path) -> None:
    ended = await wearable_link("doctor", "--json", folder=tmp_path)

    document = json.loads(ended.out)
    assert (ended.code, document["state"]) == (1, "red")
    reds = {name for name, state in states(document).items() if state == "red"}
    assert reds == {"junction-key", "identity-settings"}
    assert all(set(check) == {"name", "state", "says", "advice"} for check in document["checks"])
    assert files_in(tmp_path) == []


async def test_everything_broken_shows_no_secret_and_no_traceback(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{a_free_port()}"
    ended = await wearable_link("doctor", "--url", url, folder=tmp_path, **BROKEN)

    assert ended.code == 1
    shown = ended.out + ended.err
    assert "Traceback" not in shown
    assert not [kept for kept in KEPT if kept in shown]
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("wrong", "state", "named"),
    [
        ([], "green", []),
        (["JUNCTION_API_KEY", "DATABASE_URL", "IDENTITY"], "green", []),  # others answer for them
        (["MAX_IN_FLIGHT"], "red", ["MAX_IN_FLIGHT"]),
        (["LINK_TOKENS", "IDENTITY"], "red", ["LINK_TOKENS"]),
        (
            ["CORS_ALLOWED_ORIGINS", "RECONCILE_SECONDS"],
            "red",
            ["CORS_ALLOWED_ORIGINS", "RECONCILE_SECONDS"],
        ),
    ],
)
async def test_other_settings_have_a_check_too(
    wrong: list[str], state: str, named: list[str]
) -> None:
    finding = await diagnose("settings", dict.fromkeys(wrong, "canary"))

    assert finding.state == state
    assert [each for each in wrong if f"{each}: " in finding.says] == named
    assert "canary" not in finding.says


async def test_file_system_that_hangs_ends_with_a_word(tmp_path: Path) -> None:
    """A pipe that nobody writes to can be opened by nobody who reads."""
    os.mkfifo(tmp_path / "link.db")

    ended = await wearable_link(
        "doctor", "--staging", folder=tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'link.db'}"
    )

    assert ended.code == 1
    assert "database             took more than 5 seconds" in ended.out


async def test_check_that_crashes_is_red_and_takes_no_other_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def crash(_: Examined) -> Finding:
        raise RuntimeError("canary")

    monkeypatch.setitem(checkup.CHECKS, "clock", crash)

    found = {each.name: each.finding for each in await checkup.checkup(patient({}, staging=True))}

    assert found["clock"].state == "red"
    assert found["clock"].says == "the check itself failed: RuntimeError"
    assert {name for name, each in found.items() if each.state == "red"} == {"clock"}


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000", "http://a/path", "http://u:canary@a", "ftp://a"]
)
async def test_address_that_is_none_is_wrong_usage(tmp_path: Path, url: str) -> None:
    ended = await wearable_link("doctor", "--url", url, folder=tmp_path)

    assert ended.code == 2
    assert "canary" not in ended.out + ended.err


def test_worst_check_is_the_state_of_all() -> None:
    well, ill, worse = (
        Checked(name="clock", finding=each)
        for each in (green("a"), yellow("b", "c"), red("d", "e"))
    )

    assert overall([well]) == "green"
    assert overall([ill, well]) == "yellow"
    assert overall([well, worse, ill]) == "red"


def test_terminal_gets_colours_and_a_file_none() -> None:
    checked = [Checked(name="clock", finding=red("it is late", "go home"))]

    assert as_lines(checked, colours=False) == (
        "red     clock                it is late -> go home"
    )
    assert as_lines(checked, colours=True).startswith("\x1b[31mred   \x1b[0m")
