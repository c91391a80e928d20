"""Latencies in a histogram: percentiles to three digits, in memory that does not grow."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.batch.latencies import Latencies


def of(*seconds: float) -> Latencies:
    latencies = Latencies()
    for each in seconds:
        latencies.add(each)
    return latencies


def test_without_calls_everything_is_zero() -> None:
    latencies = Latencies()
    assert (latencies.count, latencies.fastest_s, latencies.slowest_s, latencies.mean_s) == (
        0, 0.0, 0.0, 0.0,
    )  # fmt: skip
    assert latencies.percentile_s(99) == 0.0
    assert list(latencies.buckets()) == []
    assert latencies.encoded() == ""


@given(
    st.lists(st.floats(1e-6, 3000), min_size=1, max_size=200), st.sampled_from([50, 95, 99, 100])
)
def test_percentiles_are_those_of_the_calls_to_three_digits(
    seconds: list[float], percentile: int
) -> None:
    ordered = sorted(seconds)
    exact = ordered[-(-len(ordered) * percentile // 100) - 1]
    assert of(*seconds).percentile_s(percentile) == pytest.approx(exact, rel=2e-3, abs=1e-6)


def test_calls_of_no_time_and_of_hours_are_kept_within_bounds() -> None:
    latencies = of(0.0, 1e9)
    assert latencies.fastest_s == pytest.approx(1e-6)
    assert latencies.slowest_s == pytest.approx(3600, rel=2e-3)


def test_two_runs_of_a_job_are_added() -> None:
    both = of(0.010, 0.020)
    both.add_encoded(of(0.030).encoded())
    both.add_encoded(Latencies().encoded())
    assert both.count == 3
    assert both.percentile_s(100) == pytest.approx(0.030, rel=2e-3)
    assert sum(count for _, count in both.buckets()) == 3


@pytest.mark.parametrize("text", ["x", "AAAA", "HISTFAAAAXXX"])
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Latencies().add_encoded(text)


def test_memory_does_not_grow_with_the_calls() -> None:
    chance = random.Random(4)
    latencies = of(*(chance.lognormvariate(-5, 0.7) for _ in range(100_000)))
    assert len(latencies.encoded()) < 20_000
    assert latencies._histogram.counts_len < 30_000
