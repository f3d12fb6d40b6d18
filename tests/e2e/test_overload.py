"""A thousand clients at once, against a service that takes a few of them."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from tests.asgi import Answer
from tests.e2e.service import Service, service
from tests.http.calls import assert_refused
from tests.http.edge import BODY, connected, posted

CLIENTS: Final = 1024
PLACES: Final = 64


@contextmanager
def open_files(count: int) -> Iterator[None]:
    """How many this process, and what it starts, may have open: sockets are files."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


async def exchange(told: Service) -> Answer:
    async with connected(told.address) as peer:
        await peer.send(posted(BODY))
        return await peer.answer()


async def test_each_of_a_thousand_clients_is_served_or_told_to_come_back(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        with open_files(CLIENTS // 4):  # the service sees to it that it may have more
            told = await stack.enter_async_context(service(tmp_path, MAX_IN_FLIGHT=str(PLACES)))
        stack.enter_context(open_files(2 * CLIENTS))
        told.junction.hold()

        clients = [asyncio.create_task(exchange(told)) for _ in range(CLIENTS)]
        answers = asyncio.as_completed(clients)
        for answer in islice(answers, CLIENTS - PLACES):
            refused = await answer
            assert_refused(refused, 503, "overloaded")
            assert int(refused.headers["retry-after"]) > 0
        assert (await told.ask("GET", "/readyz")).status == 200
        told.junction.released.set()
        linked = [await answer for answer in answers]

    assert [answer.status for answer in linked] == [201] * PLACES
    assert len({answer.body for answer in linked}) == 1
    assert told.stored("SELECT patient_id FROM connections") == {"demo"}
