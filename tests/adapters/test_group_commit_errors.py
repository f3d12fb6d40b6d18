"""GroupCommit when a write or a commit fails: who hears of it, and that it goes on."""

import asyncio
import gc

import pytest

from domain.errors import StorageUnavailable
from tests.adapters.committing import (
    BadData,
    RuleBroken,
    Store,
    committing,
    submit,
    submit_behind_another,
)


async def test_write_that_breaks_a_rule_fails_alone() -> None:
    store = Store()
    async with committing(store) as commits:
        waiting = await submit_behind_another(commits, store, "a", "bad rule", "b")
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert outcomes[::2] == ["A", "B"]
    assert isinstance(outcomes[1], RuleBroken)
    assert store.batches == [["first"], ["a", "bad rule", "b"]]


async def test_batch_with_bad_data_is_tried_again_one_by_one() -> None:
    store = Store()
    async with committing(store) as commits:
        waiting = await submit_behind_another(commits, store, "a", "bad data", "b")
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert outcomes[::2] == ["A", "B"]
    assert isinstance(outcomes[1], BadData)
    assert store.batches[1:] == [["a", "bad data", "b"], ["a"], ["bad data"], ["b"]]


async def test_other_errors_fail_the_whole_batch_and_the_writer_lives_on() -> None:
    store = Store()
    async with committing(store) as commits:
        waiting = await submit_behind_another(commits, store, "a", "full", "b")
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert await commits.submit("later") == "LATER"

    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable] * 3
    assert store.batches == [["first"], ["a", "full", "b"], ["later"]]


@pytest.mark.parametrize("write", ["bad rule", "bad data", "full"])
async def test_error_for_a_caller_who_went_away_stops_nobody_and_alarms_nobody(
    write: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store()
    async with committing(store) as commits:
        gone = submit(commits, write)
        await store.begun.wait()
        gone.pop().cancel()
        store.gate.set()
        assert await commits.submit("later") == "LATER"
    gc.collect()  # asyncio logs an error that nobody fetched when it is thrown away

    assert caplog.records == []


async def test_closing_waits_for_storage_that_fails_no_more_than_once() -> None:
    store = Store()
    async with committing(store) as commits:
        waiting = await submit_behind_another(
            commits, store, "full", *(f"w{n}" for n in range(600))
        )
        commits.close()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable] * 601
    assert [len(batch) for batch in store.batches] == [1, 256]
