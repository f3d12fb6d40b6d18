"""What the stub and the client can do by themselves: no candidate may come near it."""

from itertools import count
from typing import Final

from bench.figures import Figures, Measured
from bench.load import closed_loop
from bench.running import upstream
from bench.upstream import ANSWER

_IN_FLIGHT: Final = 64

_ASKED: Final = b"GET /v2/user/providers/somebody HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_TOLD: Final = ANSWER.partition(b"\r\n\r\n")[2]


class Asking:
    """What the candidates ask of the stub."""

    def request(self, n: int) -> bytes:  # noqa: ARG002  (the same for all)
        return _ASKED

    def fault(self, n: int, status: bytes, body: bytes) -> str | None:  # noqa: ARG002  (as above)
        return None if (status, body) == (b"200", _TOLD) else "another answer"


def measure(rounds: int) -> Figures:
    """The stub asked by the client, both on one core, as when a candidate is measured."""
    figures = Figures(scenario="ceiling", title="The stub alone", rounds=rounds)
    with upstream(delay=0) as url:
        port = int(url.rpartition(":")[2])
        for _ in range(rounds):
            load = closed_loop(port, Asking(), count(), level=_IN_FLIGHT, seconds=1.5)
            figures.add("stub", _IN_FLIGHT, Measured.of(load, cpu=0.0, resident=0.0))
    return figures


def table(figures: Figures) -> str:
    rate = figures.spread("stub", _IN_FLIGHT, "rate")
    told = f"{rate.median:,.0f} answers a second ({rate.low:,.0f} to {rate.high:,.0f})"
    return f"The stub alone, asked by the client that measures, both on one core: {told}.\n"
