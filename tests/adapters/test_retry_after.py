"""`Retry-After`, as it comes and as it never should."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.resilience.retry_after import seconds_to_wait
from tests.builders import NOW, hours


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("999999", 999_999.0),
        ("Sun, 22 Nov 2026 12:00:07 GMT", 7.0),
        ("Sunday, 22-Nov-26 12:00:07 GMT", 7.0),
        ("Sun Nov 22 12:00:07 2026", 7.0),
        ("Sun, 22 Nov 2026 11:59:00 GMT", 0.0),
    ],
    ids=["none", "some", "most", "date", "RFC 850 date", "asctime date", "date that is over"],
)
def test_seconds_and_all_three_forms_of_a_date_are_understood(said: str, seconds: float) -> None:
    assert seconds_to_wait(said, now=NOW) == seconds


def test_date_counts_from_now() -> None:
    date = "Sun, 22 Nov 2026 12:00:07 GMT"

    assert seconds_to_wait(date, now=NOW + timedelta(seconds=5)) == 2.0
    assert seconds_to_wait(date, now=NOW - hours(1)) == 3607.0


@pytest.mark.parametrize(
    "said",
    [
        "",
        "soon",
        "-7",
        "7.5",
        "1e9",
        "9" * 400,
        "1000000",
        "\u0667",
        "7, 7",
        "Sun, 22 Nov 9999 12:00:07 GMT",
        "Sun, 22 Nov 99999 12:00:07 GMT",
        "Sun, 31 Feb 2027 12:00:07 GMT",
        "Sun, 22 Nov 2026 12:00:07 +99999999",
        "1 Jan 1 00:00:00 +9999999999999999",
    ],
)
def test_what_says_neither_is_no_wait(said: str) -> None:
    assert seconds_to_wait(said, now=NOW) is None


@given(
    st.text(st.characters(max_codepoint=255), max_size=80)
    | st.from_regex(r"(\w{3}, )?\d{1,12}[ -]\w{3}[ -]\d{1,6}( \d+:\d+:\d+)?( [-+]?\w+)?")
)
def test_nothing_that_is_said_fails(said: str) -> None:
    seconds = seconds_to_wait(said, now=NOW)

    assert seconds is None or 0 <= seconds <= 999_999
