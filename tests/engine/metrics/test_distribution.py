"""The compact distribution of values, and points made of them."""

import math

from hypothesis import given
from hypothesis import strategies as st

from pannier.engine.metrics import distribution
from pannier.engine.metrics.point import Point

FINITE = st.floats(-(2.0**360), 2.0**360, allow_nan=False)
LATENCIES = st.floats(1e-7, 1e3)


def _fits(values: list[float], counts: dict[float, float]) -> None:
    """Every value is within 1.6 % of what stands for it, rank by rank."""
    shown = [value for value, often in sorted(counts.items()) for _ in range(int(often))]
    for true, stands in zip(sorted(values), shown, strict=True):
        assert math.isclose(true, stands, rel_tol=1 / 64, abs_tol=0)


@given(st.lists(st.sampled_from([0.5, 1.0, 25.0, 400.0]), min_size=1, max_size=300))
def test_few_different_values_are_kept_exactly(values: list[float]):
    """Units of requests repeat; their percentiles must be the true ones."""
    counts = distribution.counts_of(values)
    assert sorted(counts) == sorted(set(values))
    assert all(counts[value] == values.count(value) for value in counts)


@given(st.lists(st.floats(1.0, 8.0), min_size=65, max_size=300, unique=True))
def test_many_different_values_are_known_to_1_6_percent(values: list[float]):
    counts = distribution.counts_of(values, many=True)
    assert len(counts) <= 128
    _fits(values, counts)


@given(st.lists(FINITE, min_size=1, max_size=400), st.lists(FINITE, min_size=1, max_size=400))
def test_distributions_never_grow_without_bound_and_lose_no_sample(
    one: list[float], other: list[float]
):
    """Space is bounded whatever the values, but for wilder ones than a service has: 2 an octave."""
    together = distribution.add(distribution.counts_of(one), distribution.counts_of(other))
    assert sum(together.values()) == len(one) + len(other)
    signs_and_octaves = {(math.copysign(1, v), math.frexp(v)[1]) for v in (*one, *other)}
    assert len(together) <= max(128, len(signs_and_octaves) + 1)


@given(st.lists(FINITE, min_size=1, max_size=300), st.booleans())
def test_a_point_comes_back_from_the_store_as_it_was(values: list[float], many: bool):
    point = Point.of_values(values, many=many)
    again = Point.decode(point.encode())
    for name in Point.__slots__:
        assert getattr(again, name) == getattr(point, name)
    assert Point.decode(point.encode(), with_counts=False).total == point.total


@given(st.dictionaries(FINITE, st.floats(0.001, 1e12), min_size=1, max_size=64))
def test_counts_may_be_fractions(counts: dict[float, float]):
    """Clients publish counts as they like; none is rounded."""
    point = Point.of_counts(dict(counts))
    assert Point.decode(point.encode()).counts == counts


@given(st.lists(LATENCIES, min_size=2, max_size=400), st.data())
def test_points_add_up_however_samples_are_split(values: list[float], data: st.DataObject):
    """A minute is folded in pieces, merged with what is on disk, and with other minutes."""
    cut = data.draw(st.integers(1, len(values) - 1))
    point = Point.of_values(values[:cut], many=True)
    point.add(Point.of_values(values[cut:], many=True))
    assert point.count == len(values)
    assert math.isclose(point.total, math.fsum(values))
    assert (point.minimum, point.maximum) == (min(values), max(values))
    assert point.counts is not None
    assert sum(point.counts.values()) == len(values)


def test_a_point_without_counts_stays_without():
    """Sums that a client published have no distribution, whatever is added to them."""
    point = Point(3, 6.0, 1.0, 3.0, None)
    point.add(Point.of_values([1.0]))
    assert point.counts is None
    assert Point.decode(point.encode()).counts is None
    assert (point.count, point.total) == (4, 7.0)
