"""What Clock promises, over every adapter."""

from datetime import UTC

import pytest

from adapters.clock import FixedClock, SystemClock
from ports.clock import Clock
from tests.builders import NOW, hours


@pytest.fixture(params=["system", "fixed"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return SystemClock() if request.param == "system" else FixedClock(NOW)


def test_time_of_day_is_aware_and_in_utc(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC


def test_monotonic_never_steps_back(clock: Clock) -> None:
    assert clock.monotonic() <= clock.monotonic()


def test_fixed_clock_passes_time_on_both() -> None:
    clock = FixedClock(NOW)
    clock.advance(hours(1))

    assert (clock.now(), clock.monotonic()) == (NOW + hours(1), 3600)


def test_fixed_clock_steps_the_time_of_day_alone() -> None:
    clock = FixedClock(NOW)
    clock.step(-hours(1))

    assert (clock.now(), clock.monotonic()) == (NOW - hours(1), 0)
