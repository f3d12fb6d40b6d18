"""Text that must not be shown."""


class Secret:
    """Gives its value to `reveal` only, so that no log or message can show it by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    def reveal(self) -> str:
        return self._value
