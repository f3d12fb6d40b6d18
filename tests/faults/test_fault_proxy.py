"""The proxy that the fault matrix rests on: what it leaves alone, and when it begins to fail."""

import asyncio
from typing import Final

import pytest

from tests.adapters.upstream import reply, upstream
from tests.faults.proxy import FaultProxy, Spoilt, Unheard, Withheld, a_proxy_of
from tests.faults.steps import CREATE, MINT

BODY: Final = b'{"client_user_id": "anna"}'
REQUEST: Final = (
    b"POST /v2/user HTTP/1.1\r\nHost: a\r\nX-Odd:  b\r\nContent-Length: 26\r\n\r\n" + BODY
)
NEXT: Final = b"POST /v2/link/token HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
ANSWER: Final = b"HTTP/1.1 200 OK\r\nX-Odd:  c\r\nContent-Length: 2\r\n\r\n{}"
SORRY: Final = reply(500, b"")


async def asked(proxy: FaultProxy, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port.number)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_what_passes_is_as_it_was_but_for_the_word_that_it_is_the_last() -> None:
    async with upstream(ANSWER) as behind, a_proxy_of(behind.url, tls=None) as proxy:
        answer = await asked(proxy, REQUEST)

    assert answer == ANSWER.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")
    assert proxy.requests == [REQUEST]
    assert [request.body for request in behind.received] == [BODY]


async def test_fault_of_one_step_leaves_the_others_alone() -> None:
    async with upstream(ANSWER) as behind, a_proxy_of(behind.url, tls=None) as proxy:
        await proxy.fail(Withheld(SORRY), CREATE)

        assert await asked(proxy, REQUEST) == SORRY
        assert (await asked(proxy, NEXT)).endswith(b"{}")
        assert await asked(proxy, REQUEST) == SORRY

    assert [request.target for request in behind.received] == ["/v2/link/token"]


async def test_spoilt_answer_is_of_an_upstream_that_acted() -> None:
    async with upstream(ANSWER) as behind, a_proxy_of(behind.url, tls=None) as proxy:
        await proxy.fail(Spoilt(lambda _: SORRY), CREATE, once=True)

        assert await asked(proxy, REQUEST) == SORRY
        assert (await asked(proxy, REQUEST)).endswith(b"{}")

    assert len(behind.received) == 2


async def test_nobody_is_heard_after_the_request_before_the_step_until_it_is_mended() -> None:
    async def refuse(proxy: FaultProxy) -> None:
        proxy.port.refuse()

    async with upstream(ANSWER) as behind, a_proxy_of(behind.url, tls=None) as proxy:
        await proxy.fail(Unheard(refuse), MINT)

        assert (await asked(proxy, REQUEST)).endswith(b"{}")
        with pytest.raises(ConnectionRefusedError):
            await asked(proxy, NEXT)
        await proxy.mend()
        assert (await asked(proxy, NEXT)).endswith(b"{}")
