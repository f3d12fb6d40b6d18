"""Which link tokens the Link page opens with."""

from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.junction.model import JunctionModel
from tests.adapters.link_visits import BACK, a_token, choose, linked, show
from tests.asgi import Client


async def test_token_that_has_worked_is_consumed(client: Client, model: JunctionModel) -> None:
    token = a_token(model)
    await choose(client, token, "oura")

    for answer in (await show(client, token), await choose(client, token, "garmin")):
        assert answer.status == 400
        assert b"token_consumed" in answer.body
        assert f'href="{BACK}"' in answer.body.decode()
    assert linked(model) == ["oura"]


async def test_token_opens_for_sixty_minutes(
    client: Client, model: JunctionModel, clock: FixedClock
) -> None:
    token = a_token(model)
    clock.advance(timedelta(minutes=60))
    assert (await show(client, token)).status == 200

    clock.advance(timedelta(microseconds=1))
    for answer in (await show(client, token), await choose(client, token, "oura")):
        assert answer.status == 400
        assert b"token_expired" in answer.body
        assert f'href="{BACK}"' in answer.body.decode()
    assert linked(model) == []


@pytest.mark.parametrize("token", ["", "unknown", "<script>"])
async def test_unknown_token_is_invalid(client: Client, token: str) -> None:
    for answer in (await show(client, token), await choose(client, token, "oura")):
        assert answer.status == 400
        assert b"invalid_token" in answer.body
        assert b"href" not in answer.body  # a simulator by itself has no front page


async def test_token_of_a_deleted_user_is_invalid(client: Client, model: JunctionModel) -> None:
    token = a_token(model)
    model.delete_user(model.open_token(token).user_id)

    assert b"invalid_token" in (await choose(client, token, "oura")).body


@pytest.mark.parametrize(
    ("slugs", "choice"),
    [(["oura"], "garmin"), ([], "apple_health_kit"), ([], ""), ([], "no_such_thing")],
)
async def test_provider_that_was_not_offered_is_refused(
    client: Client, model: JunctionModel, slugs: list[str], choice: str
) -> None:
    token = a_token(model, *slugs)

    assert (await choose(client, token, choice)).status == 400
    assert linked(model) == []
    assert model.open_token(token).token == token  # it is not used up


async def test_body_that_is_no_form_is_refused(client: Client) -> None:
    assert (await client.request("POST", "/link", body=b"\xff\x00=")).status == 400
