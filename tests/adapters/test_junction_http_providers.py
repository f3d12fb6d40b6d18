"""How HttpJunctionGateway reads Junction's provider list."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pytest

from domain.junction_errors import JunctionBadResponse
from domain.provider import Listing, Slug
from tests.adapters.upstream import BY, junction, reply
from tests.builders import ANNAS_USER

ROW: Final = {"slug": "oura", "status": "connected", "created_on": "2026-11-22T12:00:00+00:00"}


async def _listed(*rows: object) -> list[Listing] | None:
    async with junction(reply(200, {"providers": rows})) as (gateway, _):
        return await gateway.list_providers(ANNAS_USER, by=BY)


async def test_row_is_read_as_junction_documents_it() -> None:
    unread = {"name": "Oura", "external_user_id": "o-1", "resource_availability": {"sleep": {}}}

    assert await _listed(ROW | unread) == [
        Listing(
            slug=Slug("oura"),
            status="connected",
            created_on=datetime(2026, 11, 22, 12, tzinfo=UTC),
        )
    ]


async def test_user_who_is_gone_has_no_list() -> None:
    async with junction(reply(404, {"detail": "Not found"})) as (gateway, _):
        assert await gateway.list_providers(ANNAS_USER, by=BY) is None


@pytest.mark.parametrize(
    ("details", "error_type"),
    [
        ({"error_type": "token_refresh_failed", "errored_at": None}, "token_refresh_failed"),
        ({"error_message": "No type"}, None),
        ({"error_type": None}, None),
        ({}, None),
        ("token_refresh_failed", None),
        (None, None),
    ],
    ids=["object", "no type", "null type", "empty", "string", "null"],
)
async def test_reason_of_an_error_is_read_where_there_is_one(
    details: object, error_type: str | None
) -> None:
    listed = await _listed(ROW | {"status": "error", "error_details": details})

    assert listed
    assert listed[0].error_type == error_type


@pytest.mark.parametrize("status", ["paused", "Connected", "a word of tomorrow", ""])
async def test_status_is_kept_as_junction_has_it(status: str) -> None:
    listed = await _listed(ROW | {"status": status})

    assert listed
    assert listed[0].status == status


@pytest.mark.parametrize(
    "row",
    [
        ROW | {"error_details": ["token_refresh_failed"]},
        ROW | {"error_details": {"error_type": 5}},
        ROW | {"error_details": {}},
        ROW | {"error_details": "token_refresh_failed"},
        {"slug": "oura", "created_on": "2026-11-22T12:00:00Z"},
        ROW | {"status": None},
    ],
    ids=["list", "number", "no reason", "string", "no status", "null status"],
)
async def test_oddity_of_one_row_does_not_hide_the_others(row: Any) -> None:
    listed = await _listed(row, ROW | {"slug": "garmin"})

    assert listed
    assert [listing.slug for listing in listed] == ["oura", "garmin"]
    assert listed[0].error_type is None
    assert listed[0].status in {ROW["status"], ""}


async def test_slugs_are_kept_known_or_not_in_their_order() -> None:
    slugs = ["fitbit", "whoop_v2", "a_slug_of_tomorrow"]

    listed = await _listed(*(ROW | {"slug": slug} for slug in slugs))

    assert [listing.slug for listing in listed or ()] == slugs


@pytest.mark.parametrize(
    ("created_on", "moment"),
    [
        ("2026-11-22T12:00:00Z", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("2026-11-22T14:00:00+02:00", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("2026-11-22T12:00:00", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("2026-11-22T12:00:00.123456", datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)),
    ],
    ids=["UTC", "offset", "naive", "naive with a fraction"],
)
async def test_time_is_in_utc(created_on: str, moment: datetime) -> None:
    listed = await _listed(ROW | {"created_on": created_on})

    assert listed
    assert listed[0].created_on == moment
    assert listed[0].created_on.tzinfo is UTC


@pytest.mark.parametrize(
    "row",
    [
        {"status": "connected", "created_on": "2026-11-22T12:00:00Z"},
        {"slug": "oura", "status": "connected"},
        ROW | {"slug": ""},
        ROW | {"slug": None},
        ROW | {"slug": "ou\0ra"},
        ROW | {"status": "connected\0"},
        ROW | {"status": 1},
        ROW | {"created_on": "yesterday"},
        ROW | {"created_on": "0001-01-01T00:00:00+14:00"},
        ROW | {"created_on": "9999-12-31T23:59:59-14:00"},
        ROW | {"slug": "x" * 65},
        ROW | {"slug": "ou\x1b[2Jra"},
        None,
    ],
    ids=[
        "no slug",
        "no created_on",
        "empty slug",
        "null slug",
        "NUL in slug",
        "NUL in status",
        "number for a status",
        "no time",
        "before the first day",
        "after the last day",
        "long slug",
        "slug that moves a terminal's cursor",
        "null",
    ],
)
async def test_row_that_cannot_be_read_is_a_bad_response(row: Any) -> None:
    with pytest.raises(JunctionBadResponse):
        await _listed(ROW, row)


@pytest.mark.parametrize("body", [{}, {"providers": None}, [ROW]], ids=["none", "null", "bare"])
async def test_answer_without_a_list_is_a_bad_response(body: object) -> None:
    async with junction(reply(200, body)) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.list_providers(ANNAS_USER, by=BY)


async def test_details_that_are_no_text_are_no_reason() -> None:
    row = msgspec.json.encode(ROW)[:-1] + b', "error_details": {"error_type": "\xff"}}'
    async with junction(reply(200, b'{"providers": [' + row + b"]}")) as (gateway, _):
        listed = await gateway.list_providers(ANNAS_USER, by=BY)

    assert listed
    assert listed[0].error_type is None
