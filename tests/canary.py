"""What a patient or an operator keeps to themselves shows in no log, metric, span or refusal."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from entrypoints.http.metrics import Metrics
from entrypoints.webhook_settings import STAGING_SECRET
from tests.asgi import Answer
from tests.authority import CLIENT_SECRET
from tests.logged import Logged

# Of every test that sets the service up, and of those that talk to it over a socket.
_EVERYWHERE: Final = {
    CLIENT_SECRET,
    "sk_us_made_up",
    "sk_us_simulator",
    "staging.",
    "link-test-",
    "whsec_",
    STAGING_SECRET.removeprefix("whsec_"),
}

_KEPT: Final = {
    "link_token",
    "link_web_url",
    "redirect_url",
    "patient_id",
    "junction_user_id",
    "client_user_id",
    "user_id",
}

# A shorter one would be found in many a word.
_SHORTEST: Final = 3


@dataclass
class Canary:
    """Learns from the traffic what must not show."""

    logged: Logged
    kept: set[str] = field(default_factory=set)
    refusals: list[Answer] = field(default_factory=list)
    scraped: dict[int, str] = field(default_factory=dict)
    exported: list[str] = field(default_factory=list)
    """What collectors were sent."""

    def hear(self, headers: Iterable[tuple[str, str]], body: bytes, answer: Answer) -> None:
        for name, value in headers:
            if name == "authorization":
                _, _, token = value.partition(" ")
                self._keep(token, token.removeprefix("staging."))
            if name.endswith("-signature"):
                self._keep(*(each.partition(",")[2] for each in value.split(" ")))
        self._keep(*_kept_in(body), *_kept_in(answer.body))
        if answer.status >= 400:
            self.refusals.append(answer)

    def watch(self, metrics: Metrics | None) -> None:
        """Look at all that was counted until now; nothing of it goes away again."""
        if metrics is not None:
            lines = metrics.text().decode().splitlines()
            counted = "\n".join(line for line in lines if not line.startswith("#"))
            self.scraped[id(metrics)] = counted

    def check(self) -> None:
        shown = [kept for kept in self.kept | _EVERYWHERE if kept in self.logged.text]
        assert not shown, self.logged.text
        for sent in (*self.scraped.values(), *self.exported):
            shown = [kept for kept in self.kept | _EVERYWHERE if kept in sent]
            assert not shown, sent
        for answer in self.refusals:
            told = [kept for kept in self.kept if kept.encode() in answer.body]
            assert not told, answer

    def _keep(self, *values: str) -> None:
        self.kept |= {value for value in values if len(value) >= _SHORTEST}


def _kept_in(body: bytes) -> list[str]:
    try:
        return list(_kept(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []


def _kept(value: Any) -> Iterable[str]:
    if isinstance(value, list):
        for each in value:
            yield from _kept(each)
    if isinstance(value, dict):
        for name, each in value.items():
            if name in _KEPT and isinstance(each, str):
                yield each
            yield from _kept(each)
