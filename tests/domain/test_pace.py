"""Turns at a steady rate, on a clock on which waiting takes no time."""

import asyncio
from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from domain.pace import Pace
from tests.builders import NOW


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


async def turns(pace: Pace, clock: FixedClock, count: int) -> list[float]:
    """When each of `count` who ask at once has its turn."""
    times = []

    async def wait() -> None:
        await pace.turn()
        times.append(clock.monotonic())

    await asyncio.gather(*(wait() for _ in range(count)))
    return times


async def test_first_turn_comes_at_once_and_the_others_at_the_rate(clock: FixedClock) -> None:
    pace = Pace(4, clock, clock.sleep)

    assert await turns(pace, clock, 5) == [0, 0.25, 0.5, 0.75, 1]


async def test_turns_that_nobody_took_are_not_made_up_for(clock: FixedClock) -> None:
    pace = Pace(4, clock, clock.sleep)
    await pace.turn()
    clock.advance(timedelta(seconds=10))

    assert await turns(pace, clock, 3) == [10, 10.25, 10.5]


async def test_hold_puts_off_the_next_turn_and_what_follows(clock: FixedClock) -> None:
    pace = Pace(4, clock, clock.sleep)
    await pace.turn()

    pace.hold(3)

    assert await turns(pace, clock, 2) == [3, 3.25]


@pytest.mark.parametrize("seconds", [0.0, 0.1])
async def test_shorter_hold_takes_nothing_from_a_longer_wait(
    clock: FixedClock, seconds: float
) -> None:
    pace = Pace(4, clock, clock.sleep)
    await pace.turn()

    pace.hold(seconds)

    assert await turns(pace, clock, 1) == [0.25]


async def test_hold_is_felt_by_who_waits_already(clock: FixedClock) -> None:
    async def hold_meanwhile(seconds: float) -> None:
        if clock.monotonic() == 0:
            pace.hold(3)
        await clock.sleep(seconds)

    pace = Pace(4, clock, hold_meanwhile)

    assert await turns(pace, clock, 3) == [0, 3, 3.25]


async def test_who_leaves_the_queue_takes_no_turn(clock: FixedClock) -> None:
    pace = Pace(4, clock, clock.sleep)
    await pace.turn()
    leaving = asyncio.create_task(pace.turn())
    staying = asyncio.create_task(turns(pace, clock, 1))
    leaving.cancel()

    assert await staying == [0.25]


async def test_sleep_that_wakes_early_is_slept_again(clock: FixedClock) -> None:
    async def doze(seconds: float) -> None:
        await clock.sleep(seconds / 2 if seconds > 0.01 else seconds)

    pace = Pace(1, clock, doze)

    assert (await turns(pace, clock, 2))[1] >= 1
