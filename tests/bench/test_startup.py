"""Starts that were measured, as they are told and kept."""

import msgspec

from bench.startup import Figures, Starts, table


def figures() -> Figures:
    """The second round was run while the machine had other things to do."""
    ours = Starts(seconds=[0.4, 1.2], cpu=[0.3, 0.3], idle=[50, 52], loaded=[60, 60])
    theirs = Starts(seconds=[0.8, 2.4], cpu=[0.6, 0.6], idle=[80, 80], loaded=[90, 90])
    return Figures(
        rounds=2,
        titles={"service": "Ours", "fastapi_httpx": "Theirs"},
        measured={"service": ours, "fastapi_httpx": theirs},
    )


def test_starts_are_compared_within_a_round() -> None:
    assert figures().ratio("seconds", "service").high == 0.5


def test_table_has_medians_with_their_spread_and_ratios_beside_goals() -> None:
    head, _, ours, theirs = table(figures()).splitlines()

    assert "first answer after, ms | ratio, goal ≤ 0.6 |" in head
    assert "idle, MiB | ratio, goal ≤ 0.8 |" in head
    assert ours.startswith("| Ours | 800 (400-1200) | 0.50 | 300 (300-300) | 0.50 | 51 (50-52) |")
    assert theirs.startswith("| Theirs | 1600 (800-2400) | 1 |")


def test_figures_are_read_back_as_they_were_written() -> None:
    written = msgspec.json.encode(figures())

    assert msgspec.json.decode(written, type=Figures) == figures()
