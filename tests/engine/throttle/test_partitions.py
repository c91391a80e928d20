"""The simulated partition map: how many there are, whose row lies where, when they split."""

from hypothesis import given
from hypothesis import strategies as st

from pannier.engine.throttle.partitions import (
    Partitions,
    partitions_needed,
    partitions_on_demand,
)


def row(hashed: int) -> bytes:
    """The key of a row whose partition key has that hash."""
    return b"\0\0\0\1" + hashed.to_bytes(4, "big") + b"rest"


def test_a_table_has_the_partitions_that_throughput_and_size_need():
    assert partitions_needed(1, 1, 0) == 1
    assert partitions_needed(3000, 0, 0) == 1
    assert partitions_needed(3000, 1000, 0) == 2
    assert partitions_needed(0, 5001, 0) == 6
    assert partitions_needed(1, 1, 10 * 10**9) == 1
    assert partitions_needed(1, 1, 25 * 10**9) == 3
    assert partitions_on_demand(12_000, 4000, 0) == 4


@given(st.integers(1, 50), st.lists(st.integers(0, 2**32 - 1), max_size=40), st.integers(1, 80))
def test_every_hash_has_one_partition_and_growth_moves_none_across_others(
    count: int, hashes: list[int], more: int
):
    """Partitions are ranges of hashes: growing only splits them, so their order never changes."""
    partitions = Partitions(count, 0.0)
    before = [partitions.number(row(hashed)) for hashed in sorted(hashes)]
    assert before == sorted(before)
    assert all(0 <= number < count for number in before)
    partitions.grow(more, 0.0)
    assert len(partitions) == max(count, more)
    after = [partitions.number(row(hashed)) for hashed in sorted(hashes)]
    assert after == sorted(after)
    assert all(a >= b for a, b in zip(after, before, strict=True))


@given(
    st.integers(1, 9),
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 1.0, 4.0])), min_size=1),
)
def test_shares_add_up_by_partition(count: int, rows: list[tuple[int, float]]):
    """The quick sum over a batch must be what item by item would have been."""
    partitions = Partitions(count, 0.0)
    keys = [row(hashed) for hashed, _ in rows]
    expected: dict[int, float] = {}
    for place, (_, units) in zip(keys, rows, strict=True):
        expected[partitions.number(place)] = expected.get(partitions.number(place), 0) + units
    shares = partitions.shares(keys, [units for _, units in rows])
    named = {id(partitions.of(place)): partitions.number(place) for place in keys}
    assert {named[id(partition)]: units for partition, units in shares} == expected


def test_heat_splits_a_partition_between_the_hot_keys():
    """Throttled for five minutes on end, it splits so that both halves get some of the heat."""
    partitions = Partitions(1, 0.0)
    for second in range(0, 301, 10):
        partitions.throttled(row(1000), float(second))
        partitions.throttled(row(5000), float(second))
    assert len(partitions) > 1
    assert partitions.number(row(1000)) != partitions.number(row(5000))


def test_one_hot_key_splits_nothing():
    """No split would help it: that is why a hot key stays throttled however large the table."""
    partitions = Partitions(1, 0.0)
    for second in range(0, 3600, 10):
        partitions.throttled(row(1000), float(second))
    assert len(partitions) == 1


def test_heat_that_pauses_does_not_add_up():
    partitions = Partitions(1, 0.0)
    for start in (0, 400, 800, 1200):
        for second in range(start, start + 200, 20):
            partitions.throttled(row(1), float(second))
            partitions.throttled(row(2), float(second))
    assert len(partitions) == 1
