"""The measurements that are rounds of exchanges; each is one run, and compares within itself."""

from collections.abc import Iterable
from typing import Final

from bench.candidates import AGAIN, PEERS, Candidate, service
from bench.rounds import Scenario
from bench.work import Exchange


def _all_but(*names: str) -> Iterable[Candidate]:
    return (peer for name, peer in PEERS.items() if name not in names)


def _some(*names: str) -> Iterable[Candidate]:
    return (PEERS[name] for name in names)


EXCHANGE: Final = Scenario(
    name="exchange",
    title="Exchanges of fresh tokens, Junction answering at once",
    candidates=[service(), AGAIN, *_all_but("fastapi_asyncpg")],
    work=Exchange(),
    levels=(1, 16, 64),
)
DELAY: Final = Scenario(
    name="delay",
    title="The same, Junction answering after 20 ms",
    candidates=[
        service(),
        AGAIN,
        *_some("floor", "floor_extras", "fastapi_aiosqlite", "fastapi_core", "fastapi_httpx"),
    ],
    work=Exchange(),
    levels=(1, 16, 64),
    delay=0.020,
    seconds=2.0,
)
CONCURRENCY: Final = Scenario(
    name="concurrency",
    title="From one to a thousand in flight",
    candidates=[service(), *_some("floor_extras", "fastapi_aiosqlite", "flask_requests")],
    work=Exchange(),
    levels=(1, 4, 16, 64, 256, 1024),
)
CHECK: Final = Scenario(
    name="check",
    title="What must not get slower",
    candidates=[service(), *_some("floor_extras", "fastapi_aiosqlite", "fastapi_core")],
    work=Exchange(),
    levels=(1, 16, 64),
)
