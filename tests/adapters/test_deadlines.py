"""Deadlines do what asyncio.timeout does, with one timer for all."""

import asyncio

import pytest

from adapters.deadlines import Deadlines

AT_ONCE = 0.0
NEVER = 3600.0


@pytest.fixture
async def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The times for which a timer was set."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    call_at = loop.call_at

    def counted(when: float, *rest: object, **named: object) -> object:
        times.append(when)
        return call_at(when, *rest, **named)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(loop, "call_at", counted)
    return times


async def test_what_is_done_in_time_is_left_alone() -> None:
    with Deadlines().after(NEVER):
        await asyncio.sleep(0)

    await asyncio.sleep(0)  # would be cancelled here, were it still meant


async def test_what_takes_too_long_is_cancelled_and_said_to_have() -> None:
    with pytest.raises(TimeoutError), Deadlines().after(AT_ONCE):
        await asyncio.Event().wait()

    assert (task := asyncio.current_task())
    assert task.cancelling() == 0


async def test_who_is_cancelled_by_somebody_else_is_not_out_of_time() -> None:
    deadlines = Deadlines()

    async def wait() -> None:
        with deadlines.after(NEVER):
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_who_is_cancelled_and_out_of_time_is_cancelled() -> None:
    deadlines = Deadlines()

    async def wait() -> None:
        task = asyncio.current_task()
        assert task
        with deadlines.after(AT_ONCE):
            asyncio.get_running_loop().call_soon(task.cancel)
            await asyncio.sleep(0)
            await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(wait())


async def test_error_of_what_is_done_is_its_own() -> None:
    with pytest.raises(LookupError), Deadlines().after(NEVER):
        raise LookupError


async def test_only_who_is_late_is_ended() -> None:
    deadlines = Deadlines()
    go_on = asyncio.Event()

    async def wait(seconds: float) -> str:
        try:
            with deadlines.after(seconds):
                await go_on.wait()
        except TimeoutError:
            return "late"
        return "in time"

    patient = asyncio.create_task(wait(NEVER))
    hasty = asyncio.create_task(wait(AT_ONCE))  # comes second, and is over first

    assert await hasty == "late"
    go_on.set()
    assert await patient == "in time"


async def test_one_timer_serves_all(timers: list[float]) -> None:
    deadlines = Deadlines()

    for _ in range(100):
        with deadlines.after(NEVER):
            await asyncio.sleep(0)

    assert len(timers) == 1


async def test_sooner_deadline_is_not_slept_through(timers: list[float]) -> None:
    deadlines = Deadlines()

    with deadlines.after(NEVER), pytest.raises(TimeoutError), deadlines.after(AT_ONCE):
        await asyncio.Event().wait()

    assert timers == [timers[0], *sorted(timers[1:])]
    assert timers[1] < timers[0]


def test_it_may_be_used_in_one_event_loop_after_the_other() -> None:
    deadlines = Deadlines()

    async def wait(seconds: float) -> None:
        with deadlines.after(seconds):
            await asyncio.sleep(0)
            if seconds == AT_ONCE:
                await asyncio.Event().wait()

    asyncio.run(wait(NEVER))

    with pytest.raises(TimeoutError):
        asyncio.run(wait(AT_ONCE))
