"""Adapters that are imported once the settings have chosen them: most are never needed."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")


def late(find: Callable[[], Callable[..., T]]) -> Callable[..., T]:
    """What `find` imports and returns, to be called as it is; imported at the first call."""

    @wraps(find)
    def call(*parts: Any, **named: Any) -> T:  # noqa: ANN401  (as dependency-injector passes on)
        return find()(*parts, **named)

    return call
