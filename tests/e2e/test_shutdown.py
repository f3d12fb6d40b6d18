"""A service that is told to stop keeps its word first."""

import asyncio
import signal
from pathlib import Path

import pytest

from entrypoints.server import UNFINISHED
from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import Answer
from tests.e2e.service import service
from tests.http.edge import GET, connected

PATIENTS = ("anna", "ben", "cleo")
LONG = {"SHUTDOWN_GRACE_SECONDS": "3600"}


def assert_shutting_down(answer: Answer) -> None:
    assert (answer.status, answer.json["error"]) == (503, "shutting_down")
    assert answer.headers["connection"] == "close"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_requests_in_flight_are_answered_and_stored_and_no_others(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with service(tmp_path, **LONG) as told:
        held = await told.hold_exchanges(*PATIENTS)
        told.process.tell(number)
        await told.stops()

        assert_shutting_down(await told.ask("GET", "/readyz"))
        assert (await told.ask("GET", "/livez")).status == 200
        assert_shutting_down(await told.exchange("dora", "of no use"))
        assert_shutting_down(await told.ask("GET", "/v1/wearables/connections", patient="anna"))

        told.junction.released.set()
        answers = [await each for each in held]
        assert await told.exit_code() == 0

    assert [answer.status for answer in answers] == [201] * 3
    assert [answer.headers["connection"] for answer in answers] == ["close"] * 3
    ids = {answer.json["id"] for answer in answers}
    assert told.stored("SELECT id FROM connections") == ids
    assert told.stored("SELECT patient_id FROM connections") == set(PATIENTS)


async def test_refusal_is_in_the_history_though_the_service_was_told_to_stop_at_once(
    tmp_path: Path,
) -> None:
    async with service(tmp_path) as told:
        refused = [
            (await told.exchange("ben", token)).headers["x-request-id"]
            for token in ("link-test-connected", "unknown")
        ]
        told.process.tell()
        assert await told.exit_code() == 0

    assert told.stored("SELECT request_id FROM connection_events") == set(refused)


async def test_second_signal_leaves_at_once(tmp_path: Path) -> None:
    async with service(tmp_path, **LONG) as told:
        stored = await told.exchange("anna", await told.mint("anna"))
        [held] = await told.hold_exchanges("ben")
        told.process.tell()
        await told.stops()
        told.process.tell()

        assert await told.exit_code() == UNFINISHED
        with pytest.raises(ConnectionError):
            await held

    with running("serve", "--staging", "--port", str(a_free_port()), folder=tmp_path):
        pass  # and it opens what was left
    assert told.stored("SELECT id FROM connections") == {stored.json["id"]}


async def test_requests_out_of_time_are_cut_off_and_the_service_ends_well(
    tmp_path: Path,
) -> None:
    async with service(tmp_path, SHUTDOWN_GRACE_SECONDS="0.1") as told:
        held = await told.hold_exchanges(*PATIENTS)
        told.process.tell()

        for each in held:
            assert_shutting_down(await each)
        assert await told.exit_code() == 0

    assert told.stored("SELECT id FROM connections") == set()


async def test_idle_connections_are_not_waited_for(tmp_path: Path) -> None:
    async with (
        service(tmp_path, **LONG) as told,
        connected(told.address) as kept_alive,
        connected(told.address) as silent,
    ):
        await kept_alive.send(GET)
        assert (await kept_alive.answer()).status == 200
        told.process.tell()

        assert await kept_alive.reader.read() == b""
        assert await silent.reader.read() == b""
        assert await told.exit_code() == 0


async def test_load_that_meets_the_end_gets_whole_answers_or_no_connection(
    tmp_path: Path,
) -> None:
    """What was acknowledged is stored, once; who was being answered was answered."""
    statuses: set[int] = set()
    linked: set[str] = set()
    begun = asyncio.Event()

    async with service(tmp_path, **LONG) as told:

        async def load(patient: str) -> None:
            while True:
                try:
                    token = await told.mint(patient)
                    answer = await told.exchange(patient, token)
                except (ConnectionRefusedError, KeyError):  # gone, or a mint was refused
                    return
                statuses.add(answer.status)
                if answer.status != 201:
                    assert_shutting_down(answer)
                    return
                linked.add(answer.json["id"])
                begun.set()

        loads = [asyncio.create_task(load(f"patient-{n}")) for n in range(8)]
        await begun.wait()
        told.process.tell()
        await asyncio.gather(*loads)
        assert await told.exit_code() == 0

    assert statuses <= {201, 503}
    assert linked <= told.stored("SELECT id FROM connections")


async def test_simulated_junction_that_is_told_to_stop_ends_well_too(tmp_path: Path) -> None:
    port = a_free_port()
    with running("simulate-junction", "--port", str(port), folder=tmp_path) as junction:
        async with connected(("127.0.0.1", port)) as peer:
            junction.tell(signal.SIGINT)
            assert await peer.reader.read() == b""
            assert await asyncio.to_thread(junction.exit_code) == 0
