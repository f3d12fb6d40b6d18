"""What Junction sends by itself: the events of a link and of its data.

In the shapes that are left once those deprecated for 14 September 2026 are gone (Junction docs,
webhooks/event-structure and changelog/wearables/deprecations; OpenAPI document 0.4.687).
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.junction.simulated_user import SimulatedUser
from domain.provider import Listing, Slug

Payload = dict[str, Any]

SUMMARIES: Final = {"activity", "body", "meal", "menstrual_cycle", "profile", "sleep", "workouts"}
"""Resources whose data say when Junction took them in; a time series does not."""

_HISTORY: Final = timedelta(days=90)


def link_event(user: SimulatedUser, listing: Listing, *, team_id: str) -> Payload | None:
    """What is sent when `listing` comes to say this: a pause, for one, is silent."""
    if listing.status == "connected":
        return _event("provider.connection.created", user, _created(user, listing), team_id)
    if listing.status == "error":
        return _event("provider.connection.error", user, _failed(user, listing), team_id)
    return None


def data_event(
    name: str, user: SimulatedUser, slug: Slug, *, at: datetime, team_id: str
) -> Payload:
    """Data of `slug`; `at` is when Junction took them in. `daily` is a misnomer: it is at once."""
    era, _, resource, _ = name.split(".")
    if era == "historical":
        data = _history(user, slug, at)
    elif resource in SUMMARIES:
        data = _summary(user, slug, at)
    else:
        data = _time_series(slug, at)
    return _event(name, user, data, team_id)


def _event(name: str, user: SimulatedUser, data: Payload, team_id: str) -> Payload:
    return {
        "event_type": name,
        "user_id": user.id,
        "client_user_id": user.client_user_id,
        "team_id": team_id,
        "data": data,
    }


def _created(user: SimulatedUser, listing: Listing) -> Payload:
    return {
        "user_id": user.id,
        "provider": {
            "name": listing.slug.replace("_", " ").title(),
            "slug": listing.slug,
            "logo": f"https://logo.invalid/{listing.slug}.svg",
        },
        "resource_availability": {},
        "external_user_id": None,
    }


def _failed(user: SimulatedUser, listing: Listing) -> Payload:
    return {
        "user_id": user.id,
        "provider": listing.slug,
        "error_type": listing.error_type or "unknown",
        "error_details": "The provider refused to go on.",
        "message": "We won't try to fetch again from this specific provider. "
        "Please reconnect device.",
    }


def _history(user: SimulatedUser, slug: Slug, at: datetime) -> Payload:
    """That it has been pulled; there are no data in it."""
    return {"user_id": user.id, "start_date": at - _HISTORY, "end_date": at, "provider": slug}


def _summary(user: SimulatedUser, slug: Slug, at: datetime) -> Payload:
    return {
        "id": str(uuid.uuid4()),
        "user_id": user.id,
        "calendar_date": at.date(),
        "source": _source(slug),
        "created_at": at,
        "updated_at": at,
    }


def _time_series(slug: Slug, at: datetime) -> Payload:
    sample = {"start": at - timedelta(minutes=5), "end": at, "unit": "count", "value": 123}
    return {"data": [sample], "source": _source(slug)}


def _source(slug: Slug) -> Payload:
    return {"provider": slug, "type": "unknown", "app_id": None}
