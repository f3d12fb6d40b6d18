"""Looks at many users, over HTTP, at a Junction that asks us to slow down."""

import pytest

from adapters.clock import FixedClock
from adapters.junction.http import HttpJunctionGateway, open_session
from domain.identifiers import JunctionUserId
from domain.pace import Pace
from domain.paced_looks import PacedLooks
from tests.adapters.upstream import reply, upstream
from tests.builders import ANNAS_USER, NOW

BENS_USER = JunctionUserId("2449752e-0d8a-40e0-9206-91ab099b2537")


@pytest.mark.parametrize(
    ("told", "held"),
    [(("Retry-After: 7",), 7), (("Retry-After: 3600",), 60), ((), 1)],
    ids=["a while", "an hour", "no time"],
)
async def test_it_is_left_alone_for_as_long_as_it_says_but_a_minute_at_most(
    told: tuple[str, ...], held: float
) -> None:
    clock = FixedClock(NOW)
    async with (
        upstream(reply(429, b"", *told)) as behind,
        open_session("sk_us_made_up") as session,
    ):
        junction = HttpJunctionGateway(
            session, base_url=behind.url, clock=clock, sleep=clock.sleep
        )
        pace = Pace(4, clock, clock.sleep)
        looks = PacedLooks(junction=junction, clock=clock, patience=0.1, pace=pace)
        assert await looks.at([ANNAS_USER]) == [None]
        began = clock.monotonic()

        await looks.at([BENS_USER])

    assert clock.monotonic() - began == pytest.approx(held, abs=0.2)
