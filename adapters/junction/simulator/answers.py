"""Junction's bodies: as its OpenAPI document has them, else as its sandbox was seen to answer."""

from typing import Any

import msgspec
from starlette.responses import Response

from adapters.junction.simulated_user import SimulatedUser
from domain.provider import Listing


def json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def user(found: SimulatedUser | None, *, team_id: str) -> Response:
    if found is None:
        return json({"detail": "User not found"}, 404)
    return json(
        {
            "user_id": found.id,
            "team_id": team_id,
            "client_user_id": found.client_user_id,
            "created_on": found.created_on,
            "connected_sources": [],
            "fallback_time_zone": None,
        }
    )


def conflict(taken: SimulatedUser) -> Response:
    detail = _refusal("Client user id already exists.")
    return json({"detail": {**detail, "user_id": taken.id, "created_on": taken.created_on}}, 400)


def user_limit_reached() -> Response:
    return json({"detail": _refusal("You have reached the maximum of 50 Sandbox users")}, 400)


def success() -> Response:
    return json({"success": True})


def not_found(detail: str = "Not found") -> Response:
    return json({"detail": detail}, 404)


def no_user(*, deleted: bool) -> Response:
    return not_found("You have scheduled this user for deletion." if deleted else "Not found")


def no_user_to_delete(*, deleted: bool) -> Response:
    if deleted:
        return not_found("The user has been scheduled for deletion as per your previous request")
    return not_found("The user does not or no longer exists in this team")


def invalid_key() -> Response:
    return json({"detail": "Invalid API key"}, 401)


def missing(field: str) -> Response:
    detail = {"type": "missing", "loc": ["body", field], "msg": "Field required", "input": {}}
    return json({"detail": [detail]}, 422)


def malformed(parameter: str) -> Response:
    """The one route family whose 422 carries a string."""
    return json({"detail": f"Invalid format for parameter {parameter}: error unmarshaling"}, 422)


def providers(rows: list[Listing]) -> Response:
    return json({"providers": [_provider(row) for row in rows]})


def _refusal(message: str) -> dict[str, Any]:
    return {"error_type": "INVALID_REQUEST", "error_message": message}


def _provider(row: Listing) -> dict[str, Any]:
    error = None
    if row.error_type is not None:
        error = {
            "error_type": row.error_type,
            "error_message": "The provider refused to go on.",
            "errored_at": row.created_on,
        }
    return {
        "name": row.slug.replace("_", " ").title(),
        "slug": row.slug,
        "logo": f"https://logo.invalid/{row.slug}.svg",
        "created_on": row.created_on,
        "status": row.status,
        "external_user_id": None,
        "error_details": error,
        "resource_availability": {},
    }
