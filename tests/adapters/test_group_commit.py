"""GroupCommit: what waits is committed together, and what was accepted is committed."""

import asyncio
from contextlib import suppress

from adapters.persistence.group_commit import GroupCommit
from tests.adapters.committing import Store, committing, submit, submit_behind_another


async def test_single_write_is_committed_at_once() -> None:
    store = Store()
    store.gate.set()
    async with committing(store) as commits:
        assert await commits.submit("a") == "A"
        assert await commits.submit("b") == "B"

    assert store.batches == [["a"], ["b"]]


async def test_what_waits_is_committed_together_in_order_of_arrival() -> None:
    store = Store()
    async with committing(store) as commits:
        waiting = await submit_behind_another(commits, store, "c", "a", "b", "a")
        assert await asyncio.gather(*waiting) == ["C", "A", "B", "A"]

    assert store.batches == [["first"], ["c", "a", "b", "a"]]


async def test_no_batch_is_larger_than_256() -> None:
    store = Store()
    names = [f"w{n}" for n in range(600)]
    async with committing(store) as commits:
        waiting = await submit_behind_another(commits, store, *names)
        await asyncio.gather(*waiting)

    assert [len(batch) for batch in store.batches] == [1, 256, 256, 88]
    assert [write for batch in store.batches[1:] for write in batch] == names


async def test_nothing_is_answered_before_its_commit() -> None:
    store = Store()
    async with committing(store) as commits:
        [waiting] = submit(commits, "a")
        await store.begun.wait()
        await asyncio.sleep(0.01)
        assert store.batches == [["a"]]
        assert not waiting.done()


async def test_caller_who_goes_away_cancels_nothing() -> None:
    store = Store()
    async with committing(store) as commits:
        under_way = submit(commits, "a")
        await store.begun.wait()
        waiting = submit(commits, "b", "c")
        await asyncio.sleep(0)
        for gone in (under_way[0], waiting[0]):
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
        store.gate.set()
        assert await waiting[1] == "C"

    assert store.batches == [["a"], ["b", "c"]]


async def test_closing_commits_what_waits_and_ends() -> None:
    store = Store()
    store.gate.set()
    commits: GroupCommit[str, str] = GroupCommit(store.commit)
    waiting = submit(commits, *(f"w{n}" for n in range(300)))
    await asyncio.sleep(0)
    commits.close()
    await commits.run()  # it returns

    assert len(await asyncio.gather(*waiting)) == 300


async def test_closing_an_idle_writer_ends_it() -> None:
    store = Store()
    async with committing(store):
        await asyncio.sleep(0)

    assert store.batches == []


async def test_batches_are_counted_by_their_size() -> None:
    store = Store()
    async with committing(store) as commits:
        await asyncio.gather(
            *await submit_behind_another(commits, store, "a", "b", "bad rule"),
            return_exceptions=True,
        )

        assert sum(commits.batches.counts) == 2
        assert commits.batches.total == 1 + 3
        assert commits.failed == 0


async def test_commit_that_fails_is_counted_as_failed() -> None:
    store = Store()
    store.gate.set()
    async with committing(store) as commits:
        await asyncio.gather(*submit(commits, "full"), return_exceptions=True)
        await asyncio.gather(*submit(commits, "bad data", "a"), return_exceptions=True)

        assert commits.failed == 1 + 2  # both together, then the bad one by itself
        assert commits.batches.total == 1


async def test_writes_are_waiting_until_a_commit_takes_them() -> None:
    store = Store()
    async with committing(store) as commits:
        submit(commits, "first")
        await store.begun.wait()
        submit(commits, "a", "b")
        await asyncio.sleep(0)

        assert commits.waiting_count == 2
    assert commits.waiting_count == 0
