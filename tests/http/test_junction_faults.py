"""What callers hear when Junction fails: whose fault it is, and nothing of the cause."""

import pytest

from adapters.junction.faults import Fault
from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from entrypoints.container import Container
from tests.asgi import Client
from tests.http.calls import MINT, assert_refused, connections_of, exchange

FAULTS = [
    (Fault.UNAVAILABLE, "junction_unavailable"),
    (Fault.SLOW, "junction_timeout"),
    (Fault.RATE_LIMITED, "junction_rate_limited"),
    (Fault.REJECTED_CREDENTIALS, "junction_rejected_credentials"),
    (Fault.GARBAGE, "junction_bad_response"),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_failed_exchange_stores_nothing_and_may_be_repeated(
    client: Client, container: Container, fault: Fault, error: str
) -> None:
    container.junction_model().faults.order(fault)

    assert_refused(await exchange(client, "link-test-connected"), 502, error)
    assert await connections_of(client) == []
    assert (await exchange(client, "link-test-connected")).status == 201


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_mint_fails_as_a_whole_when_junction_gives_no_user(
    client: Client, container: Container, fault: Fault, error: str
) -> None:
    container.junction_model().faults.order(fault)

    assert_refused(await client.post(MINT, {}), 502, error)
    assert (await client.post(MINT, {})).status == 201


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_mint_fails_as_a_whole_when_junction_gives_no_token(
    client: Client, container: Container, fault: Fault, error: str
) -> None:
    container.junction_model().faults.always[user_id_of(PatientId("demo"))] = fault

    assert_refused(await client.post(MINT, {}), 502, error)


async def test_rate_limit_is_passed_on_with_its_wait(client: Client, container: Container) -> None:
    container.junction_model().faults.order(Fault.RATE_LIMITED)

    answer = await exchange(client, "link-test-connected")

    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("fault", [f for f, _ in FAULTS if f is not Fault.RATE_LIMITED])
async def test_other_faults_promise_no_wait(
    client: Client, container: Container, fault: Fault
) -> None:
    container.junction_model().faults.order(fault)

    assert "retry-after" not in (await exchange(client, "link-test-connected")).headers
