"""The simulator's HTTP where something ends, as Junction's was seen to answer."""

from typing import Final

import pytest

from adapters.junction.model import JunctionModel
from domain.provider import Slug
from tests.adapters.asking import ask
from tests.asgi import Client
from tests.builders import ANNA

UNKNOWN: Final = "00000000-0000-4000-8000-000000000000"


async def test_deregistered_provider_is_listed_no_more(
    client: Client, model: JunctionModel
) -> None:
    user = model.create_user(ANNA)
    model.list_provider(user.id, Slug("oura"))
    answer = await ask(client, "DELETE", f"/v2/user/{user.id}/oura")

    assert (answer.status, answer.json) == (200, {"success": True})
    assert model.providers(user.id) == []


async def test_apple_health_answers_success_and_stays(
    client: Client, model: JunctionModel
) -> None:
    user = model.create_user(ANNA)
    model.list_provider(user.id, Slug("apple_health_kit"))
    answer = await ask(client, "DELETE", f"/v2/user/{user.id}/apple_health_kit")

    assert (answer.status, answer.json) == (200, {"success": True})
    assert [row.slug for row in model.providers(user.id) or []] == ["apple_health_kit"]


@pytest.mark.parametrize("slug", ["oura", "dexcom_v3"])
async def test_provider_that_is_not_linked_is_not_found(
    client: Client, model: JunctionModel, slug: str
) -> None:
    user = model.create_user(ANNA)
    answer = await ask(client, "DELETE", f"/v2/user/{user.id}/{slug}")

    assert (answer.status, answer.json) == (404, {"detail": "Not found"})


@pytest.mark.parametrize(
    ("user", "slug", "wrong"), [("me", "oura", "user_id"), (None, "sundial", "provider")]
)
async def test_word_that_names_nothing_is_a_422_with_a_string(
    client: Client, model: JunctionModel, user: str | None, slug: str, wrong: str
) -> None:
    user = user or model.create_user(ANNA).id
    answer = await ask(client, "DELETE", f"/v2/user/{user}/{slug}")

    assert answer.status == 422
    assert answer.json["detail"].startswith(f"Invalid format for parameter {wrong}")


async def test_deleted_user_is_said_to_be_scheduled(client: Client, model: JunctionModel) -> None:
    user = model.create_user(ANNA)
    deleted = await ask(client, "DELETE", f"/v2/user/{user.id}")

    assert (deleted.status, deleted.json) == (200, {"success": True})
    for method, path, body in (
        ("GET", f"/v2/user/providers/{user.id}", None),
        ("DELETE", f"/v2/user/{user.id}/oura", None),
        ("POST", "/v2/link/token", {"user_id": user.id}),
    ):
        answer = await ask(client, method, path, body)
        assert answer.status == 404
        assert answer.json == {"detail": "You have scheduled this user for deletion."}


async def test_second_deletion_is_told_of_the_first(client: Client, model: JunctionModel) -> None:
    user = model.create_user(ANNA)
    await ask(client, "DELETE", f"/v2/user/{user.id}")
    again = await ask(client, "DELETE", f"/v2/user/{user.id}")

    assert again.status == 404
    assert again.json["detail"].startswith("The user has been scheduled for deletion")


async def test_deletion_of_nobody_is_not_found(client: Client) -> None:
    answer = await ask(client, "DELETE", f"/v2/user/{UNKNOWN}")

    assert answer.status == 404
    assert answer.json["detail"] == "The user does not or no longer exists in this team"
    assert (await ask(client, "DELETE", "/v2/user/me")).status == 422


async def test_deregistering_of_nobody_is_not_found(client: Client) -> None:
    answer = await ask(client, "DELETE", f"/v2/user/{UNKNOWN}/oura")

    assert (answer.status, answer.json) == (404, {"detail": "Not found"})


async def test_user_made_again_is_no_longer_to_be_deleted(
    client: Client, model: JunctionModel
) -> None:
    user = model.create_user(ANNA)
    await ask(client, "DELETE", f"/v2/user/{user.id}")
    model.create_user(ANNA)

    answer = await ask(client, "GET", f"/v2/user/providers/{user.id}")
    assert (answer.status, answer.json) == (200, {"providers": []})
