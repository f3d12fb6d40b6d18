"""Who a bearer token speaks for, and whether they may ask."""

import pytest

from domain.errors import InsufficientScope, InvalidToken, PatientRequired
from domain.principal import Principal
from tests.builders import ANNA

SCOPE = "write:wearables"


def a_principal(
    *scopes: str, subject: str | None = "anna", client: str | None = None
) -> Principal:
    return Principal(subject=subject, client=client, scopes=frozenset(scopes))


def test_subject_is_the_patient() -> None:
    assert a_principal(client="an app").patient(required_scope=None) == ANNA


@pytest.mark.parametrize(
    "granted",
    [SCOPE, "manage:wearables", "admin:*"],
    ids=["the scope itself", "all of the resource", "everything"],
)
def test_scope_is_satisfied_by_itself_or_a_higher_one(granted: str) -> None:
    assert a_principal("openid", granted).patient(required_scope=SCOPE) == ANNA


@pytest.mark.parametrize(
    "granted",
    ["read:wearables", "write:biomarkers", "manage:biomarkers", "admin:wearables", "write:*", ""],
)
def test_other_scopes_do_not_satisfy_it(granted: str) -> None:
    with pytest.raises(InsufficientScope) as refusal:
        a_principal(granted).patient(required_scope=SCOPE)

    assert refusal.value.required == SCOPE


@pytest.mark.parametrize("required", [None, ""])
def test_no_scope_is_needed_where_none_is_required(required: str | None) -> None:
    assert a_principal().patient(required_scope=required) == ANNA


@pytest.mark.parametrize("subject", [None, "an app"], ids=["nobody", "the client itself"])
def test_token_of_no_patient_is_not_enough(subject: str | None) -> None:
    with pytest.raises(PatientRequired):
        a_principal("admin:*", subject=subject, client="an app").patient(required_scope=SCOPE)


@pytest.mark.parametrize("subject", ["", "x" * 256, "an\nna"], ids=["empty", "long", "control"])
def test_subject_that_nobody_can_be_called_is_invalid(subject: str) -> None:
    with pytest.raises(InvalidToken):
        a_principal(subject=subject).patient(required_scope=None)
