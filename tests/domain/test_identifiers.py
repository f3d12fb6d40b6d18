import pytest

from domain.errors import InvalidToken
from domain.identifiers import parse_patient_id


@pytest.mark.parametrize("claim", ["a", "x" * 255, "auth0|5f7c", "ünï", "a b", "..", "/"])
def test_patient_id_may_be_almost_anything(claim: str) -> None:
    assert parse_patient_id(claim) == claim


@pytest.mark.parametrize(
    "claim",
    ["", "x" * 256, "a\x00", "a\nb", "\x7f", "\x85", "\ud800"],
    ids=["empty", "too long", "NUL", "newline", "delete", "C1 control", "lone surrogate"],
)
def test_other_claims_name_no_patient(claim: str) -> None:
    with pytest.raises(InvalidToken):
        parse_patient_id(claim)
