"""The estimate of a count is right in the mean, and its interval holds what it promises."""

import random

import pytest

from pannier.batch.pages.count_estimate import _student, estimate, segments_to_count

TOTAL = 2000


def drawn(counts: list[int], chance: random.Random, number: int = 100) -> list[int]:
    return chance.sample(counts, number)


def table(chance: random.Random, partition_items: int, partitions: int) -> list[int]:
    """Of each segment how many items it has; partitions of that many items, more or less."""
    counts = [0] * TOTAL
    for _ in range(partitions):
        counts[chance.randrange(TOTAL)] += chance.randint(1, 2 * partition_items - 1)
    return counts


@pytest.mark.parametrize(
    ("partition_items", "partitions"), [(1, 200_000), (20, 10_000), (50, 6_000), (1, 2_000)]
)
def test_the_interval_holds_the_truth_in_about_95_of_100_samples(
    partition_items: int, partitions: int
) -> None:
    chance = random.Random(partitions)
    counts = table(chance, partition_items, partitions)
    truth = sum(counts)
    estimates = [estimate(TOTAL, drawn(counts, chance)) for _ in range(1000)]
    held = sum(each.low <= truth <= each.high for each in estimates)
    assert 925 <= held <= 975
    assert sum(each.value for each in estimates) / 1000 == pytest.approx(truth, rel=0.03)


def test_all_segments_are_the_truth() -> None:
    counted = estimate(3, [5, 0, 7])
    assert (counted.value, counted.low, counted.high) == (12, 12, 12)
    assert counted.is_exact


def test_nothing_found_is_not_nothing_there() -> None:
    counted = estimate(TOTAL, [0] * 100)
    assert (counted.value, counted.low, counted.high) == (0, 0, 60)


def test_the_interval_never_denies_what_was_seen() -> None:
    counted = estimate(1000, [40] + [0] * 99)
    assert counted.low == 40
    assert counted.value == 400
    assert counted.high > 400


@pytest.mark.parametrize(("freedom", "quantile"), [(10, 2.228), (30, 2.042), (99, 1.984)])
def test_students_quantiles_are_those_of_the_tables(freedom: int, quantile: float) -> None:
    assert _student(freedom) == pytest.approx(quantile, abs=0.003)


def test_a_small_table_is_counted_in_full_and_a_large_one_in_part() -> None:
    chance = random.Random(1)
    assert len(segments_to_count(0, chance)[1]) == 1
    total, chains = segments_to_count(10 * 2**20, chance)
    assert (total, len(chains)) == (40, 40)
    total, chains = segments_to_count(10**12, chance)
    assert total == 1_000_000
    assert len({each.members["Segment"] for each in chains}) == 100
