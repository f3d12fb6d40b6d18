"""What the seed decides, and that it is all there."""

from itertools import islice

from domain.provider import Provider
from tests.crash.plan import SEED_OF_CI as SEED
from tests.crash.plan import Cycle, Deal, Kill, Manner, cycles, deals


def some_deals(cycle: Cycle, worker: int, count: int = 200) -> list[Deal]:
    return list(islice(deals(SEED, cycle, worker), count))


def test_same_seed_is_the_same_plan() -> None:
    [*planned] = cycles(SEED, first=0, count=50)

    assert planned == [*cycles(SEED, first=0, count=50)]
    assert planned != [*cycles(SEED + 1, first=0, count=50)]
    assert some_deals(planned[0], 3) == some_deals(planned[0], 3)
    assert some_deals(planned[0], 3) != some_deals(planned[0], 4)


def test_plan_may_begin_anywhere() -> None:
    assert [*cycles(SEED, first=20, count=5)] == [*cycles(SEED, first=0, count=50)][20:25]


def test_a_run_of_25_has_a_kill_of_each_kind() -> None:
    planned = [*cycles(SEED, first=0, count=25)]

    assert {cycle.kill for cycle in planned} == set(Kill)
    assert all(0 <= cycle.after < 2 for cycle in planned)


def test_deals_are_of_all_manners_and_providers_and_patients_meet() -> None:
    [cycle] = cycles(SEED, first=5, count=1)
    [one, other] = (some_deals(cycle, worker) for worker in range(2))

    assert {deal.manner for deal in one} == set(Manner)
    assert {deal.provider for deal in one} == set(Provider) - {Provider.APPLE_HEALTH_KIT}
    assert {deal.patient for deal in one} & {deal.patient for deal in other}
    assert not any(deal.provider == deal.rival for deal in one)
