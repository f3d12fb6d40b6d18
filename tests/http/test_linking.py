"""From mint through Link to exchange: the answer is about what was linked with this token."""

from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from domain.provider import Slug
from entrypoints.container import Container
from tests.asgi import Client
from tests.http.calls import assert_refused, connections_of, exchange, mint


async def test_apple_health_linked_by_the_phone_can_be_exchanged(
    client: Client, container: Container
) -> None:
    token = await mint(client, patient="anna")
    anna = user_id_of(PatientId("anna"))
    container.junction_model().list_provider(anna, Slug("apple_health_kit"))

    answer = await exchange(client, token, patient="anna", provider="apple_health_kit")

    assert (answer.status, answer.json["status"]) == (201, "connected")


async def test_link_without_a_provider_is_answered_by_what_was_linked(
    client: Client, container: Container
) -> None:
    token = await mint(client)
    container.junction_model().link(token, Slug("garmin"))

    answer = await exchange(client, token)

    assert answer.status == 201
    assert (answer.json["provider"], answer.json["status"]) == ("garmin", "connected")


async def test_provider_outside_the_eight_keeps_junctions_slug(
    client: Client, container: Container
) -> None:
    token = await mint(client)
    container.junction_model().link(token, Slug("fitbit"))

    answer = await exchange(client, token)

    assert (answer.status, answer.json["provider"]) == (201, "fitbit")


async def test_exchange_before_anything_was_linked_is_undetermined_and_can_be_tried_again(
    client: Client, container: Container
) -> None:
    token = await mint(client, patient="anna")

    assert_refused(await exchange(client, token, patient="anna"), 400, "provider_undetermined")
    assert await connections_of(client, "anna") == []

    container.junction_model().link(token, Slug("garmin"))
    assert (await exchange(client, token, patient="anna")).status == 201


async def test_named_provider_that_is_not_linked_yet_is_pending_and_then_connected(
    client: Client, container: Container
) -> None:
    token = await mint(client, provider="garmin")

    early = await exchange(client, token)
    container.junction_model().link(token, Slug("garmin"))
    late = await exchange(client, token)

    assert (early.status, early.json["status"]) == (201, "pending")
    assert (late.status, late.json["status"]) == (201, "connected")
    assert late.json["id"] == early.json["id"]


async def test_exchanged_token_keeps_its_provider(client: Client, container: Container) -> None:
    token = await mint(client)
    container.junction_model().link(token, Slug("garmin"))
    await exchange(client, token)

    assert_refused(await exchange(client, token, provider="oura"), 400, "provider_mismatch")


async def test_second_token_for_a_provider_keeps_the_connection(
    client: Client, container: Container
) -> None:
    ids = set()
    for _ in range(2):
        token = await mint(client, provider="garmin")
        container.junction_model().link(token, Slug("garmin"))
        ids.add((await exchange(client, token)).json["id"])

    assert len(ids) == 1
