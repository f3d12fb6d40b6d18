"""Junction's JSON, as far as it is read; whatever else it says is ignored.

Spelled as in Junction's OpenAPI document. Its enums are open, so none is closed here.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec

from adapters.upstream_http import UNREADABLE
from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.junction_errors import JunctionBadResponse
from domain.provider import Listing, Slug

T = TypeVar("T")

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]

# Databases end a text at NUL, or refuse it; no word of Junction's has one.
Word = Annotated[str, msgspec.Meta(max_length=255, pattern=r"^[^\x00]*\Z")]

# What becomes a provider's name here; the longest of Junction's is 19.
SlugText = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,64}\Z")]

# A browser will be sent there.
WebUrl = Annotated[str, msgspec.Meta(pattern=r"^https?://[!-~]+\Z")]


class User(msgspec.Struct, frozen=True):
    """`ClientFacingUser`."""

    user_id: UUID
    client_user_id: str
    team_id: UUID | None = None

    def as_user_of(self, patient_id: PatientId) -> JunctionUser:
        """Raises JunctionBadResponse if it is somebody else."""
        if self.client_user_id != patient_id:
            raise JunctionBadResponse
        team_id = str(self.team_id) if self.team_id else None
        return JunctionUser(
            id=JunctionUserId(str(self.user_id)), patient_id=patient_id, team_id=team_id
        )


class ConflictDetail(msgspec.Struct, frozen=True):
    user_id: UUID


class Conflict(msgspec.Struct, frozen=True):
    """`ClientUserIDConflictResponse`: the answer to creating a user who exists."""

    detail: ConflictDetail


class LinkTokenResponse(msgspec.Struct, frozen=True):
    """`LinkTokenExchangeResponse`, which is what a mint answers."""

    link_token: NonEmpty
    link_web_url: WebUrl | None = None


class ErrorDetails(msgspec.Struct, frozen=True):
    error_type: Word


class ProviderRow(msgspec.Struct, frozen=True):
    """`ClientFacingProviderWithStatus`; its `external_user_id` is personal, and left unread.

    An odd status or odd details of one provider do not hide the others.
    """

    slug: SlugText
    created_on: datetime
    status: Word | None = None
    error_details: msgspec.Raw = msgspec.Raw(b"null")

    def as_listing(self) -> Listing:
        return Listing(
            slug=Slug(self.slug),
            status=self.status or "",
            created_on=_utc(self.created_on),
            error_type=_error_type(self.error_details),
        )


class Providers(msgspec.Struct, frozen=True):
    providers: list[ProviderRow]


class Ended(msgspec.Struct, frozen=True):
    """`UserSuccessResponse`: the answer to deregistering a provider and to deleting a user."""

    success: bool

    def require_success(self) -> None:
        """Raises JunctionBadResponse if it was none, which Junction does not document."""
        if not self.success:
            raise JunctionBadResponse


_NOTHING: Final = msgspec.Raw(b"null")
_error_details: Final = msgspec.json.Decoder(ErrorDetails)


# Each way in which msgspec fails.


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Raises JunctionBadResponse."""
    try:
        return decoder.decode(body)
    except UNREADABLE as error:
        raise JunctionBadResponse from error


def _error_type(details: msgspec.Raw) -> str | None:
    """Junction's reason, if it gave one in the documented form."""
    if details == _NOTHING:  # of nearly every provider, and quicker to see than to fail to read
        return None
    try:
        return _error_details.decode(details).error_type
    except UNREADABLE:
        return None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first or last hours of the calendar, in another zone
        raise JunctionBadResponse from error
