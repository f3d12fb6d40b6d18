"""When an upstream is left alone, and when it is asked again."""

from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.resilience.circuit_breaker import Admission, CircuitBreaker, CircuitOpen
from tests.logged import Logged


@pytest.fixture
def breaker(clock: FixedClock) -> CircuitBreaker:
    return CircuitBreaker(clock, upstream="junction")


def calls(breaker: CircuitBreaker, count: int, *, failed: bool) -> None:
    for _ in range(count):
        end(breaker.admit(), failed=failed)


def end(call: Admission, *, failed: bool) -> None:
    with call:
        call.report(failed=failed)


def wait(clock: FixedClock, seconds: float) -> None:
    clock.advance(timedelta(seconds=seconds))


def is_open(breaker: CircuitBreaker) -> bool:
    try:
        with breaker.admit():
            return False
    except CircuitOpen:
        return True


@pytest.fixture
def opened(breaker: CircuitBreaker) -> CircuitBreaker:
    calls(breaker, 20, failed=True)
    return breaker


@pytest.mark.parametrize(
    ("answered", "failed", "opens"),
    [(0, 19, False), (0, 20, True), (10, 10, True), (11, 10, False), (500, 499, False)],
    ids=["too few", "all of enough", "half", "less than half", "less than half of many"],
)
def test_it_opens_when_half_of_at_least_twenty_calls_fail(
    breaker: CircuitBreaker, answered: int, failed: int, *, opens: bool
) -> None:
    calls(breaker, answered, failed=False)
    calls(breaker, failed, failed=True)

    assert is_open(breaker) is opens


def test_failures_of_more_than_ten_seconds_ago_do_not_count(
    breaker: CircuitBreaker, clock: FixedClock
) -> None:
    calls(breaker, 19, failed=True)
    wait(clock, 10)
    calls(breaker, 1, failed=True)

    assert not is_open(breaker)


def test_open_one_refuses_and_says_for_how_long(opened: CircuitBreaker, clock: FixedClock) -> None:
    wait(clock, 1.5)

    with pytest.raises(CircuitOpen) as refusal:
        opened.admit()

    assert refusal.value.retry_after == 3.5


def test_after_its_pause_it_lets_one_call_through_at_a_time(
    opened: CircuitBreaker, clock: FixedClock
) -> None:
    wait(clock, 5)

    with opened.admit():
        with pytest.raises(CircuitOpen) as refusal:
            opened.admit()
        assert refusal.value.retry_after == 1.0
        assert is_open(opened)


def test_probe_that_is_answered_closes_it(opened: CircuitBreaker, clock: FixedClock) -> None:
    wait(clock, 5)
    calls(opened, 1, failed=False)

    calls(opened, 19, failed=True)  # what failed before it was opened is forgotten
    assert not is_open(opened)


def test_probe_that_fails_opens_it_for_another_pause(
    opened: CircuitBreaker, clock: FixedClock
) -> None:
    wait(clock, 5)
    calls(opened, 1, failed=True)

    wait(clock, 4.9)
    assert is_open(opened)
    wait(clock, 0.1)
    calls(opened, 1, failed=False)
    assert not is_open(opened)


def test_probe_that_is_given_up_leaves_its_place_to_the_next(
    opened: CircuitBreaker, clock: FixedClock
) -> None:
    wait(clock, 5)

    with pytest.raises(RuntimeError), opened.admit():
        raise RuntimeError

    calls(opened, 1, failed=False)
    assert not is_open(opened)


def test_calls_that_were_given_up_do_not_count(breaker: CircuitBreaker) -> None:
    calls(breaker, 19, failed=True)
    for _ in range(100):
        with breaker.admit():
            pass
    assert not is_open(breaker)

    calls(breaker, 1, failed=True)
    assert is_open(breaker)


@pytest.mark.parametrize("failed", [True, False], ids=["failed", "answered"])
def test_call_of_before_it_opened_changes_nothing(
    breaker: CircuitBreaker, clock: FixedClock, *, failed: bool
) -> None:
    early = [breaker.admit() for _ in range(40)]
    calls(breaker, 20, failed=True)

    wait(clock, 4)  # while it is open
    end(early.pop(), failed=failed)
    assert is_open(breaker)

    wait(clock, 1)  # while somebody finds out
    with breaker.admit() as probe:
        end(early.pop(), failed=failed)
        assert is_open(breaker)
        probe.report(failed=False)

    for call in early:  # once it is closed
        end(call, failed=failed)
    assert not is_open(breaker)


def test_log_says_when_it_opens_and_closes(
    opened: CircuitBreaker, clock: FixedClock, logged: Logged
) -> None:
    for failed in (True, True, False):
        wait(clock, 5)
        calls(opened, 1, failed=failed)

    assert logged.lines == [
        {"event": "junction_circuit_opened", "level": "error", "count": 20},
        {"event": "junction_circuit_closed", "level": "info"},
    ]


def test_it_says_in_which_state_it_is(breaker: CircuitBreaker, clock: FixedClock) -> None:
    states = [breaker.state]
    for count, failed in ((20, True), (1, True), (1, False)):
        calls(breaker, count, failed=failed)
        states.append(breaker.state)
        wait(clock, 5)
        states.append(breaker.state)

    assert states == ["closed", *["open", "half_open"] * 2, "closed", "closed"]
    assert breaker.openings == 2


def test_calls_that_are_kept_back_are_counted(opened: CircuitBreaker, clock: FixedClock) -> None:
    assert is_open(opened)
    wait(clock, 5)
    with opened.admit():
        assert is_open(opened)

    assert opened.kept_back == 2
