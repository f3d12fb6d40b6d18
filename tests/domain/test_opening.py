from datetime import timedelta
from uuid import UUID

import pytest

from domain.facts import Facts, Status
from domain.opening import opened
from tests.builders import NOW, OURA, a_listing, minutes
from tests.news import ANNAS_USER_ON_RECORD

ID = UUID(int=7)
FACTS = Facts.observed(a_listing(), asked_at=NOW, heard_at=NOW + minutes(1))


def test_first_row_is_what_was_heard() -> None:
    row = opened(ANNAS_USER_ON_RECORD, OURA, FACTS, ID)

    assert (row.id, row.provider, row.facts) == (ID, OURA, FACTS)
    assert (row.patient_id, row.junction_user_id) == (
        ANNAS_USER_ON_RECORD.patient_id,
        ANNAS_USER_ON_RECORD.id,
    )


@pytest.mark.parametrize(
    ("age", "status"), [(minutes(1), Status.CONNECTED), (-minutes(1), Status.DISCONNECTED)]
)
def test_look_that_found_no_row_to_mark_is_heeded(age: timedelta, status: Status) -> None:
    user = ANNAS_USER_ON_RECORD.looked(NOW - age)

    row = opened(user, OURA, FACTS, ID)

    assert row.status is status
    assert row.connected_at == NOW
    assert row.facts.opened_at == NOW + minutes(1)


def test_older_look_does_not_make_a_newer_one_forgotten() -> None:
    user = ANNAS_USER_ON_RECORD.looked(NOW)

    assert user.looked(NOW - minutes(1)).looked_at == NOW
    assert user.looked(NOW + minutes(1)).looked_at == NOW + minutes(1)
