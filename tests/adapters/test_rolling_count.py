"""How often something happened in the last ten seconds."""

from collections import deque
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.clock import FixedClock
from adapters.resilience.rolling_count import WINDOW, RollingCount
from tests.builders import NOW


def test_what_happened_is_counted_for_ten_seconds_and_then_forgotten() -> None:
    clock = FixedClock(NOW)
    count = RollingCount(clock)
    count.add()
    clock.advance(timedelta(seconds=9))
    count.add()
    assert count.total == 2

    clock.advance(timedelta(seconds=1))
    assert count.total == 1

    clock.advance(timedelta(seconds=9))
    assert count.total == 0


def test_silence_costs_nothing_however_long() -> None:
    clock = FixedClock(NOW)
    count = RollingCount(clock)
    count.add()

    clock.advance(timedelta(days=365 * 1000))

    assert count.total == 0


@given(st.lists(st.floats(min_value=0, max_value=2.5 * WINDOW), max_size=60))
def test_count_is_that_of_a_list_of_all_that_happened(pauses: list[float]) -> None:
    clock = FixedClock(NOW)
    count = RollingCount(clock)
    seconds: deque[int] = deque()

    for pause in pauses:
        clock.advance(timedelta(seconds=pause))
        count.add()
        seconds.append(int(clock.monotonic()))
        assert count.total == sum(second > seconds[-1] - WINDOW for second in seconds)
