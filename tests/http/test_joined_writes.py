"""An answer's head and body leave together, and before the connection does."""

import asyncio

from entrypoints.http.lingering import PoliteTransport


class Raw(asyncio.Transport):
    """Writes down what it is told to do."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("close")

    def is_closing(self) -> bool:
        return "close" in self.told

    def write_eof(self) -> None:
        self.told.append("eof")

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0


def polite(raw: Raw) -> PoliteTransport:
    return PoliteTransport(raw, lambda: None, unread_seconds=1)


async def test_what_is_written_in_one_turn_is_sent_together() -> None:
    transport = polite(raw := Raw())

    transport.write(b"head ")
    transport.write(b"body")
    await asyncio.sleep(0)

    assert raw.told == [b"head body"]


async def test_what_is_flushed_is_sent_once() -> None:
    transport = polite(raw := Raw())

    transport.write(b"all")
    transport.flush()
    await asyncio.sleep(0)

    assert raw.told == [b"all"]


async def test_connection_is_closed_after_what_was_written() -> None:
    transport = polite(raw := Raw())

    transport.write(b"last")
    transport.close_now()
    await asyncio.sleep(0)

    assert raw.told == [b"last", "close"]


async def test_client_that_is_waited_for_has_its_answer_first() -> None:
    transport = polite(raw := Raw())

    transport.write(b"last")
    transport.linger(asyncio.Protocol(), seconds=0, room=1)
    await asyncio.sleep(0)

    assert raw.told == [b"last", "eof"]


async def test_nothing_is_sent_to_a_client_who_left_meanwhile() -> None:
    transport = polite(raw := Raw())

    transport.write(b"late")
    raw.close()
    await asyncio.sleep(0)

    assert raw.told == ["close"]
