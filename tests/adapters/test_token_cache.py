from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.identity import token_cache
from adapters.identity.token_cache import TokenCache
from domain.principal import Principal
from tests.builders import NOW

ANNAS = Principal(subject="anna")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.mark.parametrize(
    ("said", "lifetime", "seconds"),
    [(ANNAS, 3600.0, 30), (ANNAS, 10.0, 10), (None, 3600.0, 5), (None, -1.0, 5)],
    ids=["active", "about to expire", "not active", "expired"],
)
def test_word_on_a_token_counts_for_a_while(
    clock: FixedClock, said: Principal | None, lifetime: float, seconds: int
) -> None:
    cache = TokenCache(clock)
    cache.keep(b"digest", said, lifetime=lifetime)

    clock.advance(timedelta(seconds=seconds - 1))
    found = cache.find(b"digest")
    assert found is not None
    assert found.principal == said
    clock.advance(timedelta(seconds=1))
    assert cache.find(b"digest") is None


def test_unknown_token_was_not_spoken_of(clock: FixedClock) -> None:
    assert TokenCache(clock).find(b"digest") is None


def test_what_was_learned_first_goes_first(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_cache, "_MOST", 2)
    cache = TokenCache(clock)
    for digest in (b"one", b"two", b"one", b"three"):
        cache.keep(digest, ANNAS, lifetime=60.0)

    assert cache.find(b"two") is None
    assert cache.find(b"one") is not None
    assert cache.find(b"three") is not None
