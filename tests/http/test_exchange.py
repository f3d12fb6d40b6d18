"""POST /v1/wearables/link/exchange, as the published contract has it."""

import asyncio
import re
from typing import Any
from uuid import UUID

import pytest

from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from entrypoints.container import Container
from tests.asgi import Client
from tests.http.calls import EXCHANGE, assert_refused, connections_of, exchange, send

DEMOS_USER = user_id_of(PatientId("demo"))
RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.mark.parametrize(
    ("token", "provider", "status"),
    [
        ("link-test-connected", "oura", "connected"),
        ("link-test-pending", "whoop", "pending"),
        ("link-test-error", "dexcom", "error"),
    ],
)
async def test_well_known_token_answers_its_connection(
    client: Client, token: str, provider: str, status: str
) -> None:
    answer = await exchange(client, token)

    assert answer.status == 201
    body = answer.json
    UUID(body.pop("id"))
    assert RFC_3339_UTC.fullmatch(body.pop("connected_at"))
    assert body == {
        "patient_id": "demo",
        "provider": provider,
        "junction_user_id": DEMOS_USER,
        "status": status,
        "last_synced_at": None,
    }


@pytest.mark.parametrize(
    ("token", "status", "error"),
    [
        ("link-test-expired", 400, "link_token_expired"),
        ("link-test-foreign", 400, "invalid_link_token"),
        ("link-test-junction-down", 502, "junction_unavailable"),
        ("link-test-junction-slow", 502, "junction_timeout"),
        ("nobody-minted-this", 400, "invalid_link_token"),
        ("link-test-connected\0", 400, "invalid_link_token"),
        ("link-test-connected ", 400, "invalid_link_token"),
        ("x" * 60_000, 400, "invalid_link_token"),
    ],
    ids=["expired", "foreign", "down", "slow", "unknown", "with a NUL", "with a space", "long"],
)
async def test_refused_token_leaves_nothing_behind(
    client: Client, token: str, status: int, error: str
) -> None:
    answer = await exchange(client, token)

    assert_refused(answer, status, error)
    assert await connections_of(client) == []


async def test_connection_is_answered_as_json_that_no_cache_keeps(client: Client) -> None:
    answer = await exchange(client, "link-test-connected")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


async def test_provider_may_be_named_if_it_is_the_tokens_own(client: Client) -> None:
    answer = await exchange(client, "link-test-connected", provider="oura")

    assert (answer.status, answer.json["provider"]) == (201, "oura")


async def test_another_provider_than_the_tokens_own_is_a_mismatch(client: Client) -> None:
    answer = await exchange(client, "link-test-connected", provider="garmin")

    assert_refused(answer, 400, "provider_mismatch")
    assert await connections_of(client) == []


async def test_another_patients_token_is_no_different_from_an_unknown_one(client: Client) -> None:
    foreign = await exchange(client, "link-test-connected", patient="ben")
    unknown = await exchange(client, "nobody-minted-this", patient="ben")

    assert_refused(foreign, 400, "invalid_link_token")
    assert (foreign.status, foreign.body) == (unknown.status, unknown.body)


async def test_another_patients_token_is_refused_after_its_owner_exchanged_it_too(
    client: Client,
) -> None:
    await exchange(client, "link-test-connected")

    answer = await exchange(client, "link-test-connected", patient="ben", provider="garmin")

    assert_refused(answer, 400, "invalid_link_token")
    assert await connections_of(client, "ben") == []


@pytest.mark.parametrize("token", ["link-test-connected", "link-test-pending", "link-test-error"])
async def test_same_exchange_again_gives_an_equal_answer(client: Client, token: str) -> None:
    first = await exchange(client, token)
    again = await exchange(client, token)

    assert (again.status, again.body) == (201, first.body)


async def test_equal_exchanges_at_once_get_equal_answers_and_ask_junction_once(
    client: Client, container: Container
) -> None:
    before = container.junction_model().reads

    answers = await asyncio.gather(*[exchange(client, "link-test-error") for _ in range(50)])

    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    assert container.junction_model().reads == before + 1


@pytest.mark.parametrize("more", [1, None, "text", [], {"link_token": "other"}], ids=repr)
async def test_unknown_member_is_ignored(client: Client, more: Any) -> None:
    answer = await exchange(client, "link-test-connected", unknown=more)

    assert answer.status == 201


async def test_of_duplicate_members_the_last_counts(client: Client) -> None:
    body = (
        b'{"link_token": "first", "provider": "garmin",'
        b' "link_token": "link-test-connected", "provider": "oura"}'
    )

    assert (await send(client, EXCHANGE, body)).status == 201


async def test_standing_connection_needs_no_look_at_junction(
    client: Client, container: Container
) -> None:
    first = await exchange(client, "link-test-connected")
    reads = container.junction_model().reads

    again = await exchange(client, "link-test-connected")

    assert again.body == first.body
    assert container.junction_model().reads == reads


async def test_user_who_is_gone_at_junction_makes_the_token_invalid(
    client: Client, container: Container
) -> None:
    container.junction_model().delete_user(DEMOS_USER)

    assert_refused(await exchange(client, "link-test-connected"), 400, "invalid_link_token")
