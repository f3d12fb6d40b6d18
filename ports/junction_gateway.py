"""What we need of Junction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.link_token import LinkToken
from domain.provider import Listing, Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class MintedLink:
    """A link token and, where Junction gave one, the page that opens Link with it."""

    token: LinkToken
    web_url: str | None = field(repr=False)  # holds the token


class JunctionGateway(Protocol):
    """Junction, as far as linking goes. Every call may be repeated without harm.

    `by` is when the caller stops waiting, on the clock's `monotonic`. Calls that serve one use
    are given the same, and share what is left until then; once it has passed, nothing is asked.

    Each method raises a `JunctionError` when Junction gives no usable answer, and then nothing
    is known of whether Junction acted:

    Raises:
        JunctionUnavailable: it could not be reached, failed on its own (5xx), or does so for most
            calls and is left alone for now; `retry_after` in seconds where that is known.
        JunctionTimeout: it did not answer by `by`.
        JunctionRateLimited: it asks to slow down; `retry_after` in seconds where it said so.
        JunctionRejectedCredentials: it refuses our API key.
        JunctionBadResponse: its answer is unreadable, oversized, or not one it documents.

    """

    async def find_or_create_user(self, patient_id: PatientId, *, by: float) -> JunctionUser:
        """The Junction user whose `client_user_id` is `patient_id`; made if there is none.

        Calls that race for one patient get one user.

        Raises:
            JunctionBadResponse: also when Junction answers with somebody else's user, when
                `patient_id` is `.` or `..`, and when a sandbox has no room for another user.

        """
        ...

    async def find_user(self, patient_id: PatientId, *, by: float) -> JunctionUser | None:
        """The Junction user whose `client_user_id` is `patient_id`; none is ever made.

        Raises:
            JunctionBadResponse: also when Junction answers with somebody else's user, and when
                `patient_id` is `.` or `..`.

        """
        ...

    async def mint_link_token(
        self,
        user_id: JunctionUserId,
        *,
        slugs: Sequence[Slug],
        redirect_url: str | None,
        by: float,
    ) -> MintedLink:
        """A new link token for `user_id`, restricted to `slugs` if there are any.

        Raises:
            JunctionBadResponse: also when Junction no longer knows the user.

        """
        ...

    async def list_providers(self, user_id: JunctionUserId, *, by: float) -> list[Listing] | None:
        """What Junction says of the user's providers now; None if it no longer knows the user."""
        ...

    async def deregister(self, user_id: JunctionUserId, slug: Slug, *, by: float) -> None:
        """End the user's connection to `slug`; nothing where there is none, or no such user.

        What Junction lists afterwards has to be asked: an app on the phone may connect again.

        Raises:
            JunctionBadResponse: also when `slug` is empty, `.` or `..`.

        """
        ...

    async def delete_user(self, user_id: JunctionUserId, *, by: float) -> None:
        """End all of the user's connections and have Junction erase them; nothing if gone."""
        ...
