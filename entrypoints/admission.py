"""Which requests are let in: so many at once, and none once the server stops."""

from entrypoints.http.failures import Overloaded, ShuttingDown


class Admission:
    """One for each process. The gate asks it, and the server closes it (docs/adr/0009)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.in_flight = 0
        self.refused = {Overloaded.code: 0, ShuttingDown.code: 0}
        self.is_closed = False

    def close(self) -> None:
        """Let nobody in any more. A signal's handler may call it, at any moment."""
        self.is_closed = True

    def check(self) -> None:
        """Whether there is any use in coming.

        Raises:
            ShuttingDown: the server stops.

        """
        if self.is_closed:
            raise ShuttingDown

    def enter(self) -> None:
        """Take a place. Whoever has one gives it back by `leave`, once.

        Raises:
            ShuttingDown: the server stops.
            Overloaded: every place is taken.

        """
        if self.is_closed:
            self.refused[ShuttingDown.code] += 1
            raise ShuttingDown
        if self.in_flight >= self._most:
            self.refused[Overloaded.code] += 1
            raise Overloaded
        self.in_flight += 1

    def leave(self) -> None:
        self.in_flight -= 1
