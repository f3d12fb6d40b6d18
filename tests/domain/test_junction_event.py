"""What is heard of an event of Junction's, by its name, its slug and whom it names."""

import pytest

from domain.identifiers import JunctionUser, PatientId
from domain.provider import Slug
from tests.builders import ANNA, ANNAS_USER, BEN
from tests.news import an_event

ANNA_AT_JUNCTION = JunctionUser(id=ANNAS_USER, patient_id=ANNA, team_id="team-1")


@pytest.mark.parametrize(
    ("slug", "provider"),
    [("oura", "oura"), ("whoop_v2", "whoop"), ("fitbit", "fitbit"), (None, None), ("", None)],
)
def test_slug_tells_the_provider(slug: str | None, provider: str | None) -> None:
    assert an_event(slug=None if slug is None else Slug(slug)).provider == provider


@pytest.mark.parametrize(
    ("name", "is_about_a_link"),
    [
        ("provider.connection.created", True),
        ("provider.connection.error", True),
        ("provider.connection.updated", False),
        ("provider.device.created", False),
        ("daily.data.sleep.created", False),
        ("", False),
    ],
)
def test_only_two_names_are_about_a_link(name: str, *, is_about_a_link: bool) -> None:
    assert an_event(name, slug=Slug("oura")).is_about_a_link is is_about_a_link


@pytest.mark.parametrize(
    ("name", "slug", "is_about_data", "brings_data"),
    [
        ("daily.data.sleep.created", "oura", True, True),
        ("daily.data.activity.updated", "oura", True, True),
        ("historical.data.sleep.created", "oura", True, True),
        ("daily.data.sleep.created", "garmin", True, True),
        ("historical.data.sleep.created", "garmin", True, False),
        ("historical.data.sleep.created", "fitbit", True, True),
        ("daily.data.sleep.created", None, False, False),
        ("daily.data.sleep.created", "", False, False),
        ("continuous_query.data.created", "oura", False, False),
        ("provider.connection.created", "oura", False, False),
        ("lab_report.daily.data.created", "oura", False, False),
    ],
)
def test_data_are_told_by_the_beginning_of_the_name_and_a_slug(
    name: str, slug: str | None, *, is_about_data: bool, brings_data: bool
) -> None:
    event = an_event(name, slug=None if slug is None else Slug(slug))

    assert event.is_about_data is is_about_data
    assert event.brings_data is brings_data


@pytest.mark.parametrize(
    ("team_id", "client_user_id", "contradiction"),
    [
        (None, None, None),
        ("team-1", ANNA, None),
        ("team-2", ANNA, "foreign_team"),
        ("team-1", BEN, "foreign_patient"),
        ("team-2", BEN, "foreign_team"),
        (None, BEN, "foreign_patient"),
        ("team-1", "", "foreign_patient"),
        ("", ANNA, "foreign_team"),
    ],
)
def test_what_it_says_of_the_user_may_contradict_what_is_known(
    team_id: str | None, client_user_id: str | None, contradiction: str | None
) -> None:
    event = an_event(team_id=team_id, client_user_id=client_user_id)

    assert event.contradiction(ANNA_AT_JUNCTION) == contradiction


def test_team_that_was_never_learned_contradicts_nothing() -> None:
    unknown = JunctionUser(id=ANNAS_USER, patient_id=PatientId("anna"), team_id=None)

    assert an_event(team_id="team-2").contradiction(unknown) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("provider.connection.created", "provider.connection.created"),
        ("provider.connection.error", "provider.connection.error"),
        ("daily.data.sleep.created", "daily.data"),
        ("historical.data.anna", "historical.data"),
        ("provider.connection.updated", "another"),
        ("daily.data", "another"),
        ("", "another"),
    ],
)
def test_kind_is_one_of_a_few_words(name: str, kind: str) -> None:
    assert an_event(name).kind == kind
