"""What is counted of a storage over a database: its commits, and what comes behind them."""

from typing import Any

from adapters.persistence.engine import Engine
from adapters.persistence.group_commit import GroupCommit
from ports.figures import Distribution


class SqlFigures:
    """See `StorageFigures`."""

    def __init__(self, commits: GroupCommit[Any, Any], engine: Engine) -> None:
        self._commits = commits
        self._engine = engine

    @property
    def batches(self) -> Distribution:
        return self._commits.batches

    @property
    def failed(self) -> int:
        return self._commits.failed

    @property
    def waiting_count(self) -> int:
        return self._commits.waiting_count

    @property
    def under_way(self) -> float:
        return self._commits.under_way

    @property
    def checkpoints_failed(self) -> int:
        return self._engine.checkpoints_failed
