"""A setting that must not be shown."""


class Secret:
    """Shows its value to `reveal` only, so that no log or message can show it by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(***)"

    def reveal(self) -> str:
        return self._value
