"""What a history is made of. Few of everything, so that things meet."""

from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from tests.model.trouble import Trouble

PATIENTS: Final = ("anna", "ben")

patients: Final = st.sampled_from(PATIENTS)
NAMES: Final = ("oura", "whoop")
names: Final = st.sampled_from(NAMES)
providers: Final = st.sampled_from([None, None, "oura", "whoop"])

# Two that mean the same provider, and one that callers have no name for.
slugs: Final = st.sampled_from(["oura", "whoop_v2", "whoop", "fitbit"])
statuses: Final = st.sampled_from(["connected"] * 3 + ["error", "paused", "linking"])

changes: Final = st.sampled_from(["connected", "error", "paused", None, None])  # None: gone

troubles: Final = st.sampled_from(
    [each for each in Trouble if each not in {Trouble.NONE, Trouble.BREAKS_MIDWAY}]
)

# Of the program, until it is struck. An exchange takes about twenty.
steps: Final = st.integers(0, 30)

# They add up to every limit there is: five minutes of slack, an hour and a day for the token.
times: Final = st.sampled_from(
    [timedelta(seconds=1), *(timedelta(minutes=count) for count in (4, 5, 60, 23 * 60, 24 * 60))]
)

# What Junction may say by itself: of links, of data, and what concerns nobody here.
events: Final = st.sampled_from(
    [
        *["provider.connection.created", "provider.connection.error"],
        *["daily.data.sleep.created"] * 2,
        "historical.data.sleep.created",
        *["provider.connection.updated", "provider.device.created"],
    ]
)
event_slugs: Final = st.sampled_from(["oura", "whoop_v2", "whoop", "fitbit", "garmin", None])
data_events: Final = st.sampled_from(
    ["daily.data.sleep.created", "daily.data.sleep.updated", "historical.data.sleep.created"]
)
data_slugs: Final = st.sampled_from(["oura", "whoop", "garmin"])
ages: Final = st.sampled_from([None, *(timedelta(hours=hours) for hours in (-1, 0, 1, 24))])

# Of whom a message says that it is, in place of the truth.
claims: Final = st.sampled_from(
    [
        {"team": "foreign"},
        {"team": None, "client_user_id": None},
        {"client_user_id": "anna"},
        {"client_user_id": "nobody"},
        {"user": "00000000-0000-4000-8000-000000000000"},
    ]
)

# The last one is an app's: deregistering it has no effect.
kept_slugs: Final = st.sampled_from(["oura", "whoop_v2", "whoop", "fitbit", "apple_health_kit"])

stale: Final = st.sampled_from([timedelta(hours=1), timedelta(hours=24)])


def other_than(patient: str) -> str:
    return next(other for other in PATIENTS if other != patient)
