from datetime import UTC, timedelta

from adapters.clock import FixedClock, SystemClock
from tests.builders import NOW


def test_system_clock_tells_utc_and_never_steps_back() -> None:
    clock = SystemClock()
    earlier = clock.monotonic()

    assert clock.now().tzinfo is UTC
    assert clock.monotonic() >= earlier


def test_advanced_clock_lets_time_pass() -> None:
    clock = FixedClock(NOW)
    before = clock.monotonic()
    clock.advance(timedelta(seconds=90))

    assert clock.now() == NOW + timedelta(seconds=90)
    assert clock.monotonic() - before == 90.0


def test_stepped_clock_lets_no_time_pass() -> None:
    clock = FixedClock(NOW)
    before = clock.monotonic()
    clock.step(timedelta(hours=-1))

    assert clock.now() == NOW - timedelta(hours=1)
    assert clock.monotonic() == before
