"""Junction's HTTP API over the model: the paths that linking needs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import ClientUserIdTaken, UserLimitReached
from adapters.junction.simulator import answers
from adapters.junction.simulator.bodies import Undecodable, decode
from adapters.junction.simulator.faults import fail
from adapters.junction.simulator.link_page import link_url
from domain.identifiers import JunctionUserId, PatientId
from domain.provider import Provider, Slug, slugs_of

Endpoint = Callable[[Request], Awaitable[Response]]


# A URL that no redirect can be made to would be found out only when Link is left.
RedirectUrl = Annotated[str, msgspec.Meta(pattern=r"^[^\[\]\s]+(\[[0-9A-Fa-f:.]+\][^\[\]\s]*)?\Z")]


# Junction's own list is longer; what is not on it is refused there too.
_KNOWN: Final = {slug for each in Provider for slug in slugs_of(each.provider_name)}


class _CreateUser(msgspec.Struct):
    client_user_id: str


class _CreateLinkToken(msgspec.Struct):
    user_id: UUID
    provider: Slug | None = None
    redirect_url: RedirectUrl | None = None
    filter_on_providers: list[Slug] | None = None


class JunctionApi:
    """`link_page` is the address at which the simulator's Link page opens."""

    def __init__(self, model: JunctionModel, *, link_page: str) -> None:
        self._model = model
        self._link_page = link_page

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/v2/user", self._guarded(self._create_user), methods=["POST"]),
            Route("/v2/user/resolve/{client_user_id:path}", self._guarded(self._resolve)),
            Route("/v2/user/providers/{user_id}", self._guarded(self._list_providers)),
            Route("/v2/user/{user_id}", self._guarded(self._delete_user), methods=["DELETE"]),
            Route(
                "/v2/user/{user_id}/{provider}",
                self._guarded(self._deregister),
                methods=["DELETE"],
            ),
            Route("/v2/link/token", self._guarded(self._create_link_token), methods=["POST"]),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """Check the API key; fail first where that was ordered."""

        async def guarded(request: Request) -> Response:
            # A sandbox team's key begins with sk_ (Junction docs, api-details/junction-api).
            if not request.headers.get("x-vital-api-key", "").startswith("sk_"):
                return answers.invalid_key()
            ends = request.method == "DELETE"
            fault = self._model.faults.next(None if ends else request.path_params.get("user_id"))
            return await (endpoint(request) if fault is None else fail(request, fault))

        return guarded

    async def _create_user(self, request: Request) -> Response:
        try:
            body = decode(await request.body(), _CreateUser)
        except Undecodable:
            return answers.missing("client_user_id")
        try:
            user = self._model.create_user(PatientId(body.client_user_id))
        except ClientUserIdTaken as error:
            return answers.conflict(error.user)
        except UserLimitReached:
            return answers.user_limit_reached()
        return answers.user(user, team_id=self._model.team_id)

    async def _resolve(self, request: Request) -> Response:
        user = self._model.resolve(PatientId(request.path_params["client_user_id"]))
        return answers.user(user, team_id=self._model.team_id)

    async def _list_providers(self, request: Request) -> Response:
        user_id = _user_id(request)
        if user_id is None:
            return answers.malformed("user_id")
        rows = self._model.providers(user_id)
        if rows is None:
            return answers.no_user(deleted=self._model.was_deleted(user_id))
        return answers.providers(rows)

    async def _deregister(self, request: Request) -> Response:
        user_id = _user_id(request)
        if user_id is None:
            return answers.malformed("user_id")
        if self._model.user(user_id) is None:
            return answers.no_user(deleted=self._model.was_deleted(user_id))
        slug = Slug(request.path_params["provider"])
        if self._model.deregister(user_id, slug):
            return answers.success()
        return answers.not_found() if slug in _KNOWN else answers.malformed("provider")

    async def _delete_user(self, request: Request) -> Response:
        user_id = _user_id(request)
        if user_id is None:
            return answers.malformed("user_id")
        deleted = self._model.was_deleted(user_id)
        if self._model.delete_user(user_id):
            return answers.success()
        return answers.no_user_to_delete(deleted=deleted)

    async def _create_link_token(self, request: Request) -> Response:
        try:
            body = decode(await request.body(), _CreateLinkToken)
        except Undecodable:
            return answers.missing("user_id")
        user_id = JunctionUserId(str(body.user_id))
        if self._model.user(user_id) is None:
            return answers.no_user(deleted=self._model.was_deleted(user_id))
        slugs = [body.provider] if body.provider else body.filter_on_providers or []
        minted = self._model.mint(user_id, slugs=tuple(slugs), redirect_url=body.redirect_url)
        return answers.json(
            {
                "link_token": minted.token,
                "link_web_url": link_url(self._link_page, minted.token),
            }
        )


def _user_id(request: Request) -> JunctionUserId | None:
    """The one that the path names, if it could be one."""
    try:
        return JunctionUserId(str(UUID(request.path_params["user_id"])))
    except ValueError:
        return None
