import asyncio
import gc

import pytest

from domain.single_flight import SingleFlight


class Call:
    """Counts how often it is made; ends when it is let."""

    def __init__(self) -> None:
        self.made = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.made += 1
        await self.may_end.wait()
        return self.made


async def test_who_asks_meanwhile_shares_the_answer() -> None:
    flights, call = SingleFlight[str, int](), Call()
    waiting = [asyncio.create_task(flights.share("key", call)) for _ in range(20)]
    await asyncio.sleep(0)
    call.may_end.set()

    assert await asyncio.gather(*waiting) == [1] * 20
    assert call.made == 1


async def test_keys_do_not_wait_for_each_other() -> None:
    flights, slow, quick = SingleFlight[str, int](), Call(), Call()
    waiting = asyncio.create_task(flights.share("slow", slow))
    quick.may_end.set()

    assert await flights.share("quick", quick) == 1
    slow.may_end.set()
    assert await waiting == 1


async def test_answer_is_not_kept() -> None:
    flights, call = SingleFlight[str, int](), Call()
    call.may_end.set()

    assert [await flights.share("key", call) for _ in range(2)] == [1, 2]


async def test_error_is_shared_and_not_kept() -> None:
    flights = SingleFlight[str, int]()

    async def fail() -> int:
        raise LookupError

    async def succeed() -> int:
        return 1

    results = await asyncio.gather(
        *(flights.share("key", fail) for _ in range(2)), return_exceptions=True
    )
    assert [type(result) for result in results] == [LookupError, LookupError]
    assert await flights.share("key", succeed) == 1


async def test_caller_who_leaves_takes_nothing_from_the_others() -> None:
    flights, call = SingleFlight[str, int](), Call()
    first = asyncio.create_task(flights.share("key", call))
    second = asyncio.create_task(flights.share("key", call))
    await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    call.may_end.set()
    assert await second == 1


async def test_error_that_nobody_waits_for_alarms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flights, may_fail = SingleFlight[str, int](), asyncio.Event()

    async def fail() -> int:
        await may_fail.wait()
        raise LookupError

    waiting = asyncio.create_task(flights.share("key", fail))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    may_fail.set()
    await asyncio.sleep(0.01)
    gc.collect()  # asyncio logs an error that nobody fetched when it is thrown away

    assert caplog.records == []


async def test_call_that_is_cancelled_is_not_kept() -> None:
    flights = SingleFlight[str, int]()

    async def end() -> int:
        raise asyncio.CancelledError

    async def succeed() -> int:
        return 1

    with pytest.raises(asyncio.CancelledError):
        await flights.share("key", end)
    assert await flights.share("key", succeed) == 1
