"""Where a tester says what the simulated Junction shall say, or how it shall fail.

Not Junction's: its own paths are left as they are.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.junction.faults import Fault
from adapters.junction.model import JunctionModel
from adapters.junction.simulator import answers
from adapters.junction.simulator.bodies import Undecodable, decode
from domain.identifiers import PatientId
from domain.provider import Listing, Slug


class _Faults(msgspec.Struct):
    """Faults for the next calls, one each."""

    faults: list[Fault]


class _Say(msgspec.Struct):
    """What to say of a provider; a null status: that it is not linked."""

    status: str | None
    error_type: str | None = None


class Controls:
    def __init__(self, model: JunctionModel) -> None:
        self._model = model

    @property
    def routes(self) -> list[Route]:
        providers = "/_simulator/users/{client_user_id:path}/providers"
        return [
            Route("/_simulator/faults", self._order, methods=["POST"]),
            Route(providers, self._show, methods=["GET"]),
            Route(f"{providers}/{{slug}}", self._say, methods=["PUT"]),
        ]

    async def _order(self, request: Request) -> Response:
        try:
            body = decode(await request.body(), _Faults)
        except Undecodable as error:
            return answers.json({"detail": str(error)}, 422)
        self._model.faults.order(*body.faults)
        return Response(status_code=204)

    async def _show(self, request: Request) -> Response:
        """What is said of a user now: by Junction's slugs, and the names that callers use."""
        user = self._model.resolve(PatientId(request.path_params["client_user_id"]))
        if user is None:
            return answers.not_found()
        return answers.json({"providers": [_shown(row) for row in user.listings.values()]})

    async def _say(self, request: Request) -> Response:
        try:
            body = decode(await request.body(), _Say)
        except Undecodable as error:
            return answers.json({"detail": str(error)}, 422)
        user = self._model.resolve(PatientId(request.path_params["client_user_id"]))
        if user is None:
            return answers.not_found()
        slug = Slug(request.path_params["slug"])
        if body.status is None:
            self._model.unlist_provider(user.id, slug)
        else:
            self._model.list_provider(
                user.id, slug, status=body.status, error_type=body.error_type
            )
        return Response(status_code=204)


def _shown(row: Listing) -> dict[str, object]:
    return {
        "slug": row.slug,
        "provider": row.provider,
        "status": row.status,
        "error_type": row.error_type,
    }
