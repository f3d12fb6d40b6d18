"""What the service is to reach, as ratios within one run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bench.figures import Figures, Spread

_US: Final = "service"
_WRITTEN, _CORE, _LEANEST = "fastapi_httpx", "fastapi_core", "fastapi_aiosqlite"
_FLOOR: Final = "floor_extras"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`bound` is what the median has to reach, or to stay within; `concerns` are candidates."""

    title: str
    scenario: str
    measure: Callable[[Figures], Spread]
    bound: float
    at_least: bool = True
    concerns: frozenset[str] = frozenset()

    def is_met(self, measured: Spread) -> bool:
        if self.at_least:
            return measured.median >= self.bound
        return measured.median <= self.bound


def _throughput() -> Iterator[Goal]:
    of = {
        "FastAPI + pydantic + httpx + SQLAlchemy": (_WRITTEN, (5, 18, 27)),
        "FastAPI + aiohttp + SQLAlchemy Core, one connection": (_CORE, (4, 11, 15)),
        "FastAPI + aiohttp + bare aiosqlite, the leanest": (_LEANEST, (1.1, 3.5, 4.8)),
        "the floor with the same extras": (_FLOOR, (1.0, 1.1, 1.15)),
    }
    for title, (peer, bounds) in of.items():
        for level, bound in zip((1, 16, 64), bounds, strict=True):
            yield Goal(
                title=f"throughput against {title}, {level} in flight",
                scenario="exchange",
                measure=lambda it, peer=peer, level=level: it.ratio("rate", _US, peer, level),  # type: ignore[misc]  # mypy cannot tell a default from an argument
                bound=bound,
            )


def _growth() -> Iterator[Goal]:
    """Five million connections on record against none, in the same round."""
    for of, title, bound in (("rate", "throughput", 0.9), ("p99", "p99", 2.0)):
        yield Goal(
            title=f"{title} with 5,000,000 connections on record against none, 64 in flight",
            scenario="growth",
            measure=lambda it, of=of: it.ratio(of, "5000000", "0", 64),  # type: ignore[misc]  # see above
            bound=bound,
            at_least=of == "rate",
            concerns=frozenset({"5000000"}),
        )


def _latency() -> Iterator[Goal]:
    for of, peer, title, bound in (
        ("p50", _FLOOR, "the floor's", 1.15),
        ("p99", _FLOOR, "the floor's", 1.15),
        ("p50", _LEANEST, "the leanest FastAPI's", 1.0),
    ):
        yield Goal(
            title=f"{of} that is added to 20 ms of Junction's, 16 in flight, against {title}",
            scenario="delay",
            measure=lambda it, of=of, peer=peer: _added(it, of, peer),  # type: ignore[misc]  # see above
            bound=bound,
            at_least=False,
        )
    yield Goal(
        title="p99 against our own p50, 256 in flight",
        scenario="concurrency",
        measure=lambda it: Spread.of([each.p99 / each.p50 for each in it.of(_US, 256)]),
        bound=3.0,
        at_least=False,
    )


def _added(figures: Figures, of: str, peer: str, *, delay: float = 0.020) -> Spread:
    pairs = zip(figures.of(_US, 16), figures.of(peer, 16), strict=True)
    return Spread.of(
        [(getattr(us, of) - delay) / (getattr(them, of) - delay) for us, them in pairs]
    )


GOALS: Final = (*_throughput(), *_latency(), *_growth())
