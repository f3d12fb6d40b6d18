"""What one exchange costs, alone and beside others: who adds to it has to change a number here."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from tests.http.counted import Counted, counted
from tests.http.gated import LIST, exchange

_IN_FLIGHT: Final = 64

_LEDGER: Final = Counter({"SELECT link_tokens": 1})  # before Junction is asked; the one read
_TRANSACTION: Final = Counter(  # of a batch, whatever its size
    {
        "BEGIN IMMEDIATE": 1,
        "SELECT junction_users": 1,
        "SELECT link_tokens": 1,
        "SELECT connections": 1,
        "COMMIT": 1,
    }
)
_STORED: Final = Counter(  # of each exchange in it: a prepared statement that is given a row
    {"UPDATE link_tokens": 1, "INSERT connections": 1, "INSERT connection_events": 1}
)
_READ_HOPS: Final = 1
_TRANSACTION_HOPS: Final = 1


@pytest.fixture
async def counting(
    empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Counted]:
    shutil.copy(empty_database, tmp_path / "counted.db")
    async with counted(tmp_path / "counted.db", monkeypatch) as counting:
        yield counting


def times(count: int, statements: Counter[str]) -> Counter[str]:
    return Counter({statement: count * each for statement, each in statements.items()})


async def exchanged(counting: Counted, patient: str, token: str) -> None:
    answer = await counting.service.edge.ask(exchange(patient, token))
    assert answer.status == 201


async def exchanged_together(counting: Counted, count: int) -> None:
    """The first of them is committed alone; all others wait for that, and are committed next."""
    patients = [f"patient-{n}" for n in range(count)]
    tokens = [await counting.service.mint(patient) for patient in patients]
    counting.clear()
    counting.costs.hold()
    in_flight = [
        asyncio.create_task(exchanged(counting, patient, token))
        for patient, token in zip(patients, tokens, strict=True)
    ]
    await counting.costs.is_held()
    await counting.all_wait(count)
    counting.costs.go_on()
    await asyncio.gather(*in_flight)


async def test_exchange_alone_is_one_read_one_transaction_and_one_call(counting: Counted) -> None:
    token = await counting.service.mint("anna")
    counting.clear()

    await exchanged(counting, "anna", token)

    assert counting.costs.statements == _LEDGER + _TRANSACTION + _STORED
    assert counting.costs.hops == _READ_HOPS + _TRANSACTION_HOPS
    assert [path.startswith(LIST) for path in counting.calls] == [True]


async def test_exchanges_in_flight_together_share_their_transactions(counting: Counted) -> None:
    await exchanged_together(counting, _IN_FLIGHT)

    transactions = counting.costs.commits
    assert transactions in {1, 2}  # two on Python 3.11; on newer ones all may be in time for one
    of_each = times(_IN_FLIGHT, _LEDGER + _STORED)
    assert counting.costs.statements == of_each + times(transactions, _TRANSACTION)
    assert counting.costs.hops == _IN_FLIGHT * _READ_HOPS + transactions * _TRANSACTION_HOPS
    assert len(counting.calls) == _IN_FLIGHT


async def test_exchange_of_a_token_that_stands_reads_twice_and_asks_nobody(
    counting: Counted,
) -> None:
    token = await counting.service.mint("anna")
    await exchanged(counting, "anna", token)
    counting.clear()

    await exchanged(counting, "anna", token)

    assert counting.costs.statements == _LEDGER + Counter({"SELECT connections": 1})
    assert counting.costs.hops == 2 * _READ_HOPS
    assert counting.calls == []
