"""Two services on one PostgreSQL: whichever a request reaches, the answer is the same."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import call, send
from tests.postgresql import Databases, execute


@dataclass(frozen=True)
class Replicas:
    urls: tuple[str, str]
    junction: str
    database: str

    def mint(self, patient: str, **body: str) -> str:
        answer = call(
            "POST", f"{self.urls[0]}/v1/wearables/link/token", patient=patient, json_body=body
        )
        assert answer.status == 201, answer
        return str(answer.json["link_token"])

    def junction_lists(self, patient: str, provider: str, status: str = "connected") -> None:
        path = f"/_simulator/users/{patient}/providers/{provider}"
        assert send("PUT", self.junction + path, {}, f'{{"status": "{status}"}}').status == 204

    def spend(self, link_token: str) -> None:
        """As the patient does in the Link widget, which leaves the token dead at Junction."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        chosen = f"token={link_token}&choice=oura"
        assert send("POST", f"{self.junction}/link", form, chosen).status == 200
        again = send("POST", f"{self.junction}/link", form, chosen)
        assert "token_consumed" in again.body


@pytest.fixture(scope="module")
def replicas(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    folder: Path = tmp_path_factory.mktemp("replicas")
    ports = [a_free_port() for _ in range(3)]
    junction, *urls = (f"http://127.0.0.1:{port}" for port in ports)
    database = databases.empty()
    environ = {"DATABASE_URL": database, "JUNCTION_BASE_URL": junction}
    serve = ("serve", "--staging", "--port")
    with (
        running("simulate-junction", "--port", str(ports[0]), folder=folder),
        running(*serve, str(ports[1]), folder=folder, environ=environ),
        running(*serve, str(ports[2]), folder=folder, environ=environ),
    ):
        yield Replicas((urls[0], urls[1]), junction, database)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=200)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


async def exchange(
    session: aiohttp.ClientSession, url: str, patient: str, token: str, **more: str
) -> tuple[int, Any]:
    async with session.post(
        f"{url}/v1/wearables/link/exchange",
        json={"link_token": token, **more},
        headers={"Authorization": f"Bearer staging.{patient}"},
    ) as response:
        return response.status, await response.json()


async def test_two_hundred_at_once_over_both_are_one(
    replicas: Replicas, session: aiohttp.ClientSession
) -> None:
    token = await asyncio.to_thread(replicas.mint, "anna", provider="oura")
    await asyncio.to_thread(replicas.junction_lists, "anna", "oura")

    answers = await asyncio.gather(
        *(exchange(session, replicas.urls[n % 2], "anna", token) for n in range(200))
    )

    assert answers == [answers[0]] * 200
    assert answers[0][0] == 201
    rows = await execute(replicas.database, "SELECT id FROM connections WHERE patient_id = 'anna'")
    assert [row["id"] for row in rows] == [answers[0][1]["id"]]


async def test_token_that_is_dead_at_junction_is_good_at_the_other_one_too(
    replicas: Replicas, session: aiohttp.ClientSession
) -> None:
    token = await asyncio.to_thread(replicas.mint, "ben", provider="oura")
    await asyncio.to_thread(replicas.spend, token)

    first = await exchange(session, replicas.urls[0], "ben", token)
    again = await exchange(session, replicas.urls[1], "ben", token)

    assert first[0] == 201
    assert again == first


async def test_one_token_for_two_providers_has_one_winner_whoever_is_asked(
    replicas: Replicas, session: aiohttp.ClientSession
) -> None:
    token = await asyncio.to_thread(replicas.mint, "cleo")
    for provider in ("oura", "garmin"):
        await asyncio.to_thread(replicas.junction_lists, "cleo", provider)

    answers = await asyncio.gather(
        *(
            exchange(session, replicas.urls[n // 2 % 2], "cleo", token, provider=provider)
            for n, provider in enumerate(("oura", "garmin") * 20)
        )
    )

    won = [body["provider"] for status, body in answers if status == 201]
    lost = [body["error"] for status, body in answers if status == 400]
    assert len(won) == len(lost) == 20
    assert len(set(won)) == 1
    assert set(lost) == {"provider_mismatch"}


async def test_two_tokens_of_one_patient_race_into_one_row(
    replicas: Replicas, session: aiohttp.ClientSession
) -> None:
    tokens = [await asyncio.to_thread(replicas.mint, "dana", provider="oura") for _ in range(20)]
    await asyncio.to_thread(replicas.junction_lists, "dana", "oura")

    answers = await asyncio.gather(
        *(exchange(session, replicas.urls[n % 2], "dana", t) for n, t in enumerate(tokens))
    )

    assert {status for status, _ in answers} == {201}
    assert len({body["id"] for _, body in answers}) == 1
    rows = await execute(
        replicas.database, "SELECT bound_to FROM link_tokens WHERE patient_id = 'dana'"
    )
    assert [row["bound_to"] for row in rows] == ["oura"] * 20
