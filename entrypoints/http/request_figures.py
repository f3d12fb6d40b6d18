"""How many requests there were, how they ended, and how long they took."""

from typing import Final

from ports.figures import Distribution

Kind = tuple[str | None, str, int]
"""The template of the route, None where none was reached; the method; the status."""

# Seconds: an exchange takes a few milliseconds and Junction's time, its caller leaves after ten.
_BOUNDS: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


class RequestFigures:
    """One look-up and three additions a request: they are put together by whoever reads them."""

    def __init__(self) -> None:
        self._took: dict[Kind, Distribution] = {}

    def count(self, kind: Kind, seconds: float) -> None:
        took = self._took.get(kind)
        if took is None:
            took = self._took[kind] = Distribution(*_BOUNDS)
        took.add(seconds)

    def ended(self) -> dict[Kind, int]:
        """How many, of each kind that there was."""
        return {kind: sum(took.counts) for kind, took in self._took.items()}

    def took(self) -> dict[str | None, Distribution]:
        """Seconds, by route."""
        by_route: dict[str | None, Distribution] = {}
        for (route, _, _), took in self._took.items():
            by_route.setdefault(route, Distribution(*_BOUNDS)).join(took)
        return by_route
