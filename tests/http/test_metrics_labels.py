"""No label says anything that a client chose: each has a few values, all of them ours."""

from collections.abc import Iterable
from typing import Any, Final, get_args

import pytest

from adapters.resilience.outcome import Ending
from domain.errors import LinkingError
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.routes import ROUTES
from entrypoints.settings import SIMULATOR_PATH
from ports.figures import Circuit
from ports.junction_gateway import JunctionGateway
from tests.asgi import Client
from tests.http.calls import AS_DEMO, CONNECTIONS, MINT
from tests.http.edge import edge
from tests.http.gated import Linking
from tests.http.hooked import Sender
from tests.http.scraped import GET_METRICS, Scrape, read, scrape

ANNAS: Final = "01a20536-5306-788b-8971-fd6028972fbc"


def codes(error: type[LinkingError]) -> Iterable[str]:
    yield getattr(error, "code", "")
    for each in error.__subclasses__():
        yield from codes(each)


CLOSED: Final[dict[str, set[str]]] = {
    "method": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "another"},
    "status": {str(status) for status in range(200, 600)},
    "reason": {"overloaded", "shutting_down"},
    "operation": {name for name in vars(JunctionGateway) if name[0] != "_"} | {"create_user"},
    "result": set(get_args(Ending)),
    "state": set(get_args(Circuit)),
    "event": {
        *("provider.connection.created", "provider.connection.error"),
        *("daily.data", "historical.data", "another", "unread"),
    },
    "outcome": {"matched", "unmatched", "cut_off", *codes(LinkingError)},
    "route": {route.path for route in ROUTES} | {SIMULATOR_PATH, "none"},
}


def assert_closed(seen: Scrape) -> None:
    strange = {
        (name, value)
        for sample in seen.samples()
        for name, value in sample.labels.items()
        if name != "le" and value not in CLOSED[name]
    }
    assert not strange


@pytest.mark.parametrize(
    "path",
    [
        "/patients/anna",
        f"{CONNECTIONS}/{ANNAS}",
        f"{CONNECTIONS}/anna",
        f"{CONNECTIONS}/{ANNAS}/events?before=anna",
        f"{MINT}/",
        '/a"}\n\\',
        "/webhooks/junction-link",
        "/junction/anna",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "ANNA", 'A"}\n'])
async def test_strange_path_and_strange_method_leave_no_label(
    client: Client, path: str, method: str
) -> None:
    await client.request(method, path, headers=[AS_DEMO])

    seen = await scrape(client)

    assert_closed(seen)
    assert seen.samples("http_requests_total")


async def test_strange_bytes_leave_no_label(container: Container) -> None:
    async with edge(create_app(container)) as server:
        await server.ask(b"anna is no HTTP\r\n\r\n")
        await server.ask(b"PROPFIND /anna HTTP/1.1\r\nHost: anna\r\nConnection: close\r\n\r\n")
        seen = read(await server.ask(GET_METRICS))

    assert_closed(seen)
    assert len(seen.samples("http_requests_total")) == 2


@pytest.mark.parametrize("name", ["anna", "daily.data.anna", "provider.connection.anna", "\x00"])
async def test_strange_event_leaves_no_label(sender: Sender, name: str) -> None:
    event: Any = {"event_type": name, "user_id": "anna", "data": {"provider": "anna"}}

    assert (await sender.send(event)).status == 200

    assert_closed(await scrape(sender.client))


async def test_calls_to_junction_leave_no_label_of_a_patients(service: Linking) -> None:
    await service.mint("anna")

    assert_closed(read(await service.edge.ask(GET_METRICS)))
