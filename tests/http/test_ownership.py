"""Patient Anna against each thing of patient Ben's, on every route: all refused like the unknown.

With `LINK_TOKENS=ledger` and with `caller` alike.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from domain.provider import Slug
from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.http.routes import ROUTES
from entrypoints.settings import load_settings
from tests.asgi import Answer, Client, running
from tests.http.calls import CONNECTIONS, EXCHANGE, MINT, connections_of, exchange, mint

ANNA: Final = "anna"
BEN: Final = "ben"


@dataclass(frozen=True)
class Service:
    client: Client
    container: Container

    def link(self, token: str, slug: str = "oura") -> None:
        self.container.junction_model().link(token, Slug(slug))

    @property
    def reads(self) -> int:
        return self.container.junction_model().reads

    async def exchange(self, token: str, patient: str, **more: Any) -> Answer:
        return await exchange(self.client, token, patient=patient, **more)

    async def get(self, path: str, patient: str) -> Answer:
        return await self.client.get(path, patient=patient)


@pytest.fixture(params=["ledger", "caller"])
def container(request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path) -> Container:
    path = tmp_path / "staging.db"
    shutil.copy(empty_database, path)
    environ = {"DATABASE_URL": f"sqlite:///{path}", "LINK_TOKENS": request.param}
    return create_container(load_settings(environ, staging=True, public_url=""))


@pytest.fixture
async def service(container: Container) -> AsyncIterator[Service]:
    async with running(create_app(container)) as client:
        yield Service(client, container)


async def just_minted(service: Service) -> str:
    return await mint(service.client, patient=BEN)


async def minted_for_a_provider(service: Service) -> str:
    return await mint(service.client, patient=BEN, provider="oura")


async def linked(service: Service) -> str:
    token = await just_minted(service)
    service.link(token)
    return token


async def exchanged(service: Service) -> str:
    token = await linked(service)
    assert (await service.exchange(token, BEN)).status == 201
    return token


async def exchanged_and_pending(service: Service) -> str:
    token = await minted_for_a_provider(service)
    assert (await service.exchange(token, BEN)).json["status"] == "pending"
    return token


each_token_of_bens = pytest.mark.parametrize(
    "token_of_bens",
    [just_minted, minted_for_a_provider, linked, exchanged, exchanged_and_pending],
    ids=lambda make: make.__name__.replace("_", " "),
)


@each_token_of_bens
@pytest.mark.parametrize("provider", [None, "oura", "garmin"])
async def test_bens_token_is_no_token_to_anna(
    service: Service,
    token_of_bens: Callable[[Service], Awaitable[str]],
    provider: str | None,
) -> None:
    token = await token_of_bens(service)
    bens, reads = await connections_of(service.client, BEN), service.reads
    named = {"provider": provider} if provider else {}

    # Junction does not know Anna: where callers are trusted a made-up token is refused as well.
    unknown = await service.exchange("made up", ANNA, **named)
    foreign = await service.exchange(token, ANNA, **named)
    replayed = await service.exchange(token, ANNA, **named)

    assert unknown.status == 400
    assert unknown.json["error"] == "invalid_link_token"
    assert_the_same(unknown, foreign, replayed)
    assert service.reads == reads  # Junction was not asked
    assert await connections_of(service.client, ANNA) == []
    assert await connections_of(service.client, BEN) == bens


@each_token_of_bens
async def test_annas_attempt_spoils_nothing_for_ben(
    service: Service, token_of_bens: Callable[[Service], Awaitable[str]]
) -> None:
    token = await token_of_bens(service)
    await service.exchange(token, ANNA, provider="garmin")

    answer = await service.exchange(token, BEN, provider="oura")

    assert (answer.status, answer.json["patient_id"]) == (201, BEN)


async def test_race_for_bens_token_has_one_winner_and_it_is_ben(service: Service) -> None:
    token = await linked(service)
    patients = [ANNA, BEN] * 20

    answers = await asyncio.gather(*(service.exchange(token, patient) for patient in patients))

    assert {answer.status for answer in answers[0::2]} == {400}
    assert {answer.status for answer in answers[1::2]} == {201}
    assert len({answer.body for answer in answers[1::2]}) == 1
    assert await connections_of(service.client, ANNA) == []


async def test_anna_with_a_link_of_her_own_gets_nothing_from_bens_token(service: Service) -> None:
    own = await mint(service.client, patient=ANNA)
    service.link(own, "garmin")
    token = await exchanged(service)

    refused = await service.exchange(token, ANNA, provider="garmin")
    answered = await service.exchange(own, ANNA)

    assert refused.json["error"] == "invalid_link_token"
    assert (answered.json["patient_id"], answered.json["provider"]) == (ANNA, "garmin")
    assert answered.json["junction_user_id"] == user_id_of(PatientId(ANNA))


async def test_bens_connection_is_no_connection_to_anna(service: Service) -> None:
    await exchanged(service)
    [bens] = await connections_of(service.client, BEN)

    unknown = await service.get(f"{CONNECTIONS}/{uuid4()}", ANNA)
    foreign = await service.get(f"{CONNECTIONS}/{bens['id']}", ANNA)

    assert unknown.status == 404
    assert_the_same(unknown, foreign)
    assert (await service.get(f"{CONNECTIONS}/{bens['id']}", BEN)).json == bens


async def test_bens_connection_is_not_annas_to_end(service: Service) -> None:
    await exchanged(service)
    [bens] = await connections_of(service.client, BEN)
    reads = service.reads

    unknown = await service.client.delete(f"{CONNECTIONS}/{uuid4()}", patient=ANNA)
    foreign = await service.client.delete(f"{CONNECTIONS}/{bens['id']}", patient=ANNA)

    assert unknown.status == 404
    assert_the_same(unknown, foreign)
    assert service.reads == reads
    user = service.container.junction_model().user(user_id_of(PatientId(BEN)))
    assert user is not None
    assert "oura" in user.listings
    assert await connections_of(service.client, BEN) == [bens]


async def test_bens_history_is_none_to_anna(service: Service) -> None:
    await exchanged(service)
    [bens] = await connections_of(service.client, BEN)
    address = f"{CONNECTIONS}/{bens['id']}/events"
    before = (await service.get(address, BEN)).json

    unknown = await service.get(f"{CONNECTIONS}/{uuid4()}/events", ANNA)
    foreign = await service.get(address, ANNA)
    paged = await service.get(f"{address}?before={before['events'][0]['id']}", ANNA)

    assert unknown.status == 404
    assert_the_same(unknown, foreign, paged)
    assert (await service.get(address, BEN)).json == before


async def test_anna_lists_nothing_of_bens(service: Service) -> None:
    await exchanged(service)

    answer = await service.get(CONNECTIONS, ANNA)

    assert (answer.status, answer.json) == (200, {"connections": []})


async def test_anna_mints_for_herself_whatever_she_sends(service: Service) -> None:
    ben = user_id_of(PatientId(BEN))
    await just_minted(service)
    body = {"patient_id": BEN, "user_id": ben, "client_user_id": BEN, "junction_user_id": ben}

    answer = await service.client.post(f"{MINT}?patient_id={BEN}", body, patient=ANNA)

    minted = service.container.junction_model().open_token(answer.json["link_token"])
    assert minted.user_id == user_id_of(PatientId(ANNA))


async def test_token_that_ben_presented_first_is_his(service: Service) -> None:
    if not service.container.settings().trusts_caller:
        assert (await service.exchange("elsewhere", BEN, provider="oura")).status == 400
        return
    for patient in (ANNA, BEN):  # both are known to Junction, both have linked an Oura
        service.link(await mint(service.client, patient=patient))
    assert (await service.exchange("elsewhere", BEN, provider="oura")).status == 201

    foreign = await service.exchange("elsewhere", ANNA, provider="oura")

    assert (foreign.status, foreign.json["error"]) == (400, "invalid_link_token")
    assert BEN not in foreign.body.decode()
    assert await connections_of(service.client, ANNA) == []


def test_every_route_that_asks_who_is_asking_has_its_row() -> None:
    """A route that is added has to be put to Anna too."""
    one = f"{CONNECTIONS}/{{id:uuid}}"
    rows = {
        ("POST", EXCHANGE),
        ("POST", MINT),
        ("GET", CONNECTIONS),
        ("GET", one),
        ("DELETE", one),
        ("GET", f"{one}/events"),
    }

    assert {
        (method, route.path)
        for route in ROUTES
        for method in (route.methods or set()) - {"HEAD"}
        if route.path.startswith("/v1/")
    } == rows


def assert_the_same(unknown: Answer, *others: Answer) -> None:
    """All that can be seen of an answer, but for the name that each request has."""
    for answer in others:
        assert (answer.status, answer.body) == (unknown.status, unknown.body)
        assert headers_of(answer) == headers_of(unknown)


def headers_of(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}
