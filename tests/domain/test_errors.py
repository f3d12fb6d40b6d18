from domain.errors import ValidationError
from domain.junction_errors import JunctionRateLimited, JunctionUnavailable


def test_validation_error_names_the_field_and_the_reason() -> None:
    error = ValidationError("provider", "not one of the allowed values")

    assert str(error) == "provider: not one of the allowed values"
    assert (error.field, error.reason) == ("provider", "not one of the allowed values")


def test_rate_limit_says_when_to_come_back() -> None:
    assert JunctionRateLimited(7).retry_after == 7
    assert JunctionRateLimited().retry_after == 1


def test_unavailable_says_when_to_come_back_where_that_is_known() -> None:
    assert JunctionUnavailable(7).retry_after == 7
    assert JunctionUnavailable().retry_after is None
