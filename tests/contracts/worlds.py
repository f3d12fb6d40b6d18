"""What may have happened at Junction before any of it reaches the service."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from domain.provider import Slug
from tests.contracts.lives import SLUG, Life

Doing = Callable[[Life], Awaitable[None]]


async def link(life: Life) -> None:
    life.junction.link(life.token.reveal(), SLUG)


def turn(status: str, error_type: str | None = None) -> Doing:
    async def doing(life: Life) -> None:
        life.junction.list_provider(life.user_id, SLUG, status=status, error_type=error_type)

    return doing


async def deregister(life: Life) -> None:
    life.junction.unlist_provider(life.user_id, SLUG)


async def link_another(life: Life) -> None:
    life.junction.list_provider(life.user_id, Slug("fitbit"))


FAIL: Final = turn("error", "token_refresh_failed")
WORLDS: Final[dict[str, Sequence[Doing]]] = {
    "never linked": [],
    "linked": [link],
    "failed": [link, FAIL],
    "repaired": [link, FAIL, turn("connected")],
    "paused": [link, turn("paused")],
    "some other word": [link, turn("linking")],
    "deregistered": [link, deregister],
    "linked again": [link, deregister, turn("connected")],
    "let go": [link, Life.exchange, Life.let_go],
    "with another": [link, link_another],
}
