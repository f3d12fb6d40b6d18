"""Values by how large they are, as Prometheus counts them: a bound belongs to what is below it."""

import pytest

from ports.figures import Distribution


@pytest.mark.parametrize(
    ("value", "counts"),
    [(0.5, [1, 0, 0]), (1, [1, 0, 0]), (1.5, [0, 1, 0]), (2, [0, 1, 0]), (99, [0, 0, 1])],
)
def test_value_is_counted_below_the_first_bound_that_is_not_smaller(
    value: float, counts: list[int]
) -> None:
    distribution = Distribution(1, 2)

    distribution.add(value)

    assert (distribution.counts, distribution.total) == (counts, value)


def test_joined_distributions_count_the_values_of_both() -> None:
    ours, theirs = Distribution(1), Distribution(1)
    ours.add(0.5)
    theirs.add(0.5)
    theirs.add(4)

    ours.join(theirs)

    assert (ours.counts, ours.total) == ([2, 1], 5.0)
    assert theirs.counts == [1, 1]
