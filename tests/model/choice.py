"""Which of Junction's rows an exchange is about: the rules once more, as in `rules`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

NAMES: Final = {"whoop_v2": "whoop"}  # of the slugs in these histories that have one


class Refused(Exception):
    """With the status and the error of the answer."""


class Listed(NamedTuple):
    """A row of Junction's list; of two that are equally old the later slug counts."""

    created_on: datetime
    slug: str
    status: str

    @property
    def provider(self) -> str:
        return NAMES.get(self.slug, self.slug)


def choose(
    rows: Sequence[Listed], name: str | None, *, since: datetime | None
) -> tuple[str, Listed | None]:
    """The provider and its row, if it has one; `since` is the mint, where that is known."""
    connected = [row for row in rows if row.status == "connected"]
    if name is not None:
        theirs = [row for row in rows if row.provider == name]
        best = [row for row in connected if row.provider == name] or theirs
        return name, max(best, default=None)
    if since is None:
        candidates = connected if len(connected) == 1 else []
    else:
        new = [row for row in rows if row.created_on >= since - timedelta(minutes=5)]
        linked = [row for row in new if row.status == "connected"]
        candidates = linked or [row for row in new if row.status == "error"]
    if not candidates:
        raise Refused(400, "provider_undetermined")
    return max(candidates).provider, max(candidates)
