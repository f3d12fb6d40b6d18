from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from adapters.persistence.timeline import uuid7
from tests.builders import NOW

moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001  (the strategy adds the zone)
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  (as above)
    timezones=st.just(UTC),
)


@given(moments)
def test_id_is_a_version_7_uuid_of_its_millisecond(now: datetime) -> None:
    made = uuid7(now)

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def test_half_a_millisecond_is_half_of_the_fraction() -> None:
    assert uuid7(NOW + timedelta(microseconds=500)).int >> 64 & 0xFFF == 0x800


@given(moments, st.integers(min_value=1, max_value=2_000_000))
def test_ids_sort_by_time_down_to_the_microsecond(now: datetime, microseconds: int) -> None:
    later = now + timedelta(microseconds=microseconds)

    assert uuid7(now) < uuid7(later)
    assert str(uuid7(now)) < str(uuid7(later))


def test_ids_of_one_instant_differ() -> None:
    assert len({uuid7(NOW) for _ in range(10_000)}) == 10_000
