"""Timeline: whom it follows, how far, and that it never goes back."""

from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.persistence.timeline import Timeline
from tests.builders import NOW, hours, minutes


class DriftingClock(FixedClock):
    """Its monotonic clock gains half a second in a hundred."""

    def monotonic(self) -> float:
        return super().monotonic() * 1.005


def test_what_the_monotonic_clock_gains_is_given_back() -> None:
    clock = DriftingClock(NOW)
    timeline = Timeline(clock)
    last = timeline.moment(clock.now()).now
    for _ in range(24 * 60):
        clock.advance(minutes(1))
        now = timeline.moment(clock.now()).now
        assert last < now
        last = now

    assert last - clock.now() < timedelta(seconds=1)


def test_small_step_back_is_made_up_while_time_goes_on() -> None:
    clock = FixedClock(NOW)
    timeline = Timeline(clock)
    timeline.moment(clock.now())
    clock.step(-timedelta(seconds=5))
    last = timeline.moment(clock.now()).now
    assert last == NOW
    for _ in range(600):
        clock.advance(timedelta(seconds=1))
        now = timeline.moment(clock.now()).now
        assert last < now
        last = now

    assert last == clock.now()


@pytest.mark.parametrize("back", [minutes(1), hours(1)])
def test_large_step_back_is_not_followed(back: timedelta) -> None:
    clock = FixedClock(NOW)
    timeline = Timeline(clock)
    timeline.moment(clock.now())
    clock.step(-back)
    clock.advance(minutes(10))

    assert timeline.moment(clock.now()).now == NOW + minutes(10)


def test_step_forward_is_followed_at_once() -> None:
    clock = FixedClock(NOW)
    timeline = Timeline(clock)
    timeline.moment(clock.now())
    clock.step(hours(1))

    assert timeline.moment(clock.now()).now == NOW + hours(1)
