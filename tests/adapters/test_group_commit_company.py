"""How long a batch waits for others: turns of the event loop, and none for who is alone."""

import asyncio

from adapters.persistence.group_commit import GroupCommit
from tests.adapters.committing import Store, committing, submit, submit_behind_another


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def submit_later(commits: GroupCommit[str, str], count: int, write: str) -> str:
    await turns(count)
    return await commits.submit(write)


async def test_who_is_alone_waits_for_nobody() -> None:
    store = Store()
    async with committing(store) as commits:
        for write in ("a", "b"):
            store.begun.clear()
            [waiting] = submit(commits, write)
            await turns(3)  # the caller's task, the writer's, and the commit itself
            assert store.begun.is_set()
            store.gate.set()
            await waiting


async def test_who_comes_within_a_few_turns_comes_along() -> None:
    store = Store()
    async with committing(store) as commits:
        waiting = await submit_behind_another(commits, store, "a", "b")
        others = (submit_later(commits, n, write) for n, write in ((8, "c"), (20, "d")))
        await asyncio.gather(*waiting, *others)

    assert store.batches == [["first"], ["a", "b", "c", "d"]]


async def test_company_of_the_batch_before_is_waited_for_again() -> None:
    store = Store()
    async with committing(store) as commits:
        await asyncio.gather(*await submit_behind_another(commits, store, "a", "b"))
        await asyncio.gather(commits.submit("c"), submit_later(commits, 8, "d"))

    assert store.batches == [["first"], ["a", "b"], ["c", "d"]]


async def test_stream_of_others_does_not_hold_up_the_first() -> None:
    store = Store()
    async with committing(store) as commits:
        waiting = await submit_behind_another(commits, store, "a", "b")
        stream = [submit_later(commits, n, f"w{n}") for n in range(200)]
        await asyncio.gather(*waiting, *stream)

    assert len(store.batches[1]) < 50
