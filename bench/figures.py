"""What was measured, round by round, and what it comes to."""

from dataclasses import dataclass
from statistics import median

import msgspec

from bench.load import Load


class Measured(msgspec.Struct, frozen=True):
    """One load: requests a second; times in seconds, `cpu` for each request; memory in MiB."""

    rate: float
    p50: float
    p99: float
    cpu: float
    resident: float
    answered: int
    refused: int = 0
    faults: dict[str, int] = {}

    @classmethod
    def of(cls, load: Load, *, cpu: float, resident: float) -> "Measured":
        answered = bool(load.answered)
        return cls(
            rate=load.rate if answered else 0.0,
            p50=load.percentile(0.5) if answered else 0.0,
            p99=load.percentile(0.99) if answered else 0.0,
            cpu=cpu,
            resident=resident,
            answered=load.answered,
            refused=load.refused,
            faults=dict(load.faults),
        )

    def __str__(self) -> str:
        said = f"{self.rate:7.0f}/s  p50 {self.p50 * 1e3:7.2f}  p99 {self.p99 * 1e3:7.2f} ms"
        said += f"  cpu {self.cpu * 1e6:6.0f} us  {self.resident:4.0f} MiB"
        return f"{said}  {self.refused or ''} {self.faults or ''}"


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, and the least and the most that one of them said."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(median(values), min(values), max(values))


class Figures(msgspec.Struct):
    """Of each candidate, at each level: what each round measured."""

    scenario: str
    title: str
    rounds: int
    measured: dict[str, dict[str, list[Measured]]] = msgspec.field(default_factory=dict)

    def add(self, candidate: str, level: int, measured: Measured) -> None:
        of_candidate = self.measured.setdefault(candidate, {})
        of_candidate.setdefault(str(level), []).append(measured)

    def of(self, candidate: str, level: int) -> list[Measured]:
        return self.measured.get(candidate, {}).get(str(level), [])

    def levels(self) -> list[int]:
        return sorted({int(level) for each in self.measured.values() for level in each})

    def is_result(self, candidate: str, level: int) -> bool:
        """A row with errors is none; a clean refusal is not an error."""
        rounds = self.of(candidate, level)
        return bool(rounds) and not any(each.faults for each in rounds)

    def spread(self, candidate: str, level: int, of: str) -> Spread:
        return Spread.of([getattr(each, of) for each in self.of(candidate, level)])

    def ratio(self, of: str, ours: str, theirs: str, level: int) -> Spread:
        """`ours` by `theirs`, within each round."""
        pairs = zip(self.of(ours, level), self.of(theirs, level), strict=True)
        return Spread.of([getattr(one, of) / getattr(two, of) for one, two in pairs])
