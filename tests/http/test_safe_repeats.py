"""The same exchange again: the same id, an equal answer, and Junction is asked once."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.adapters.sqlite_files import counted
from tests.asgi import Answer
from tests.http.edge import Edge
from tests.http.gated import LIST, Linking, a_junction, exchange, request, the_service
from tests.http.hanging_up import ENDINGS, hang_up, is_at_rest, tokens_of


@pytest.fixture
def path(empty_database: Path, tmp_path: Path) -> Path:
    shutil.copy(empty_database, tmp_path / "staging.db")
    return tmp_path / "staging.db"


async def ask(server: Edge, token: str, *headers: bytes) -> Answer:
    answer = await server.ask(exchange("anna", token, *headers))
    assert answer.status == 201
    return answer


def user_of(answer: Answer) -> str:
    user: str = answer.json["junction_user_id"]
    return user


@pytest.mark.parametrize("ending", ENDINGS)
async def test_answer_that_was_lost_is_given_again_also_by_the_next_process(
    path: Path, ending: str
) -> None:
    async with a_junction() as (gate, model, url):
        async with the_service(path, url) as server:
            service = Linking(server, gate, model, path)
            token = await service.mint("anna")  # linked, so it is dead at Junction
            async with server.peer() as peer:
                await peer.send(exchange("anna", token))
                while counted(path) != (1, 1, 1):  # noqa: ASYNC110  (then it is answered)
                    await asyncio.sleep(0.001)
                await hang_up(peer, ending)
            await is_at_rest(service)
            lost = await ask(server, token)
            again = await ask(server, token)
            assert gate.passed.count(LIST + user_of(lost)) == 1
        async with the_service(path, url) as server:
            later = await ask(server, token)

    assert lost.body == again.body == later.body
    assert gate.passed.count(LIST + user_of(lost)) == 1
    assert counted(path) == (1, 1, 1)


async def test_connection_that_stands_is_answered_while_junction_is_away(path: Path) -> None:
    async with a_junction() as (gate, model, url), the_service(path, url) as server:
        service = Linking(server, gate, model, path)
        token = await service.mint("anna")
        first = await ask(server, token)
    async with the_service(path, url) as server:  # nobody listens at `url` any more
        again = await ask(server, token)

    assert again.body == first.body


async def test_idempotency_key_changes_nothing_of_an_exchange(path: Path) -> None:
    async with a_junction() as (gate, model, url), the_service(path, url) as server:
        service = Linking(server, gate, model, path)
        token, other = [await service.mint("anna") for _ in range(2)]
        keys = (b"Idempotency-Key: one", b"Idempotency-Key: another", b"Idempotency-Key: one")
        answers = [await ask(server, token, key) for key in keys]
        bare = await ask(server, token)
        refused = await server.ask(exchange("ben", token, keys[0]))
        await ask(server, other, keys[0])

    assert {answer.body for answer in answers} == {bare.body}
    assert refused.json["error"] == "invalid_link_token"
    # The other token was bound, too, under the key of the first; and a refusal is an event.
    assert counted(path) == (1, 2, 3)


async def test_idempotency_key_changes_nothing_of_a_mint(path: Path) -> None:
    mint = request("link/token", "anna", b"{}", b"Idempotency-Key: one")
    async with a_junction() as (_, _, url), the_service(path, url) as server:
        answers = [await server.ask(mint) for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json["link_token"] != answers[1].json["link_token"]
    assert tokens_of(path, "anna") == 2
