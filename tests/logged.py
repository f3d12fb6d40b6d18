"""What was logged, as the service would have written it."""

from io import BytesIO
from typing import Any

import msgspec

# In every line, and different in each.
_CIRCUMSTANCES = {"at", "milliseconds"}


class Logged(BytesIO):
    @property
    def text(self) -> str:
        return self.getvalue().decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line, but for when it was written and how long things took."""
        decoded = [msgspec.json.decode(line) for line in self.getvalue().splitlines()]
        return [
            {name: value for name, value in line.items() if name not in _CIRCUMSTANCES}
            for line in decoded
        ]
