"""The law of the metrics: what the points add up to is what was recorded.

Whatever happens in between: minutes end, metrics are looked at, written, trimmed, the database is
closed and opened again, the clock jumps forward and back.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metered import Metered, MovableClock

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 25)),
        st.tuples(st.just("advance"), st.sampled_from([1.0, 59.0, 60.0, 3600.0, 40_000.0])),
        st.tuples(st.just("back"), st.sampled_from([0.5, 61.0, 7200.0, 86_400.0])),
        st.tuples(st.sampled_from(["flush", "look", "reopen"]), st.just(0)),
    ),
    min_size=1,
    max_size=20,
)


def _run(steps: list[tuple[str, float]], reopened: Callable[[Metered | None], Metered]) -> None:
    metered = reopened(None)
    metered.create("orders")
    put, requests = 0, 0
    for what, amount in steps:
        match what:
            case "put":
                metered.put("orders", int(amount))
                put, requests = put + int(amount), requests + 1
            case "advance":
                metered.clock.advance(amount)
            case "back":
                metered.clock.set(metered.clock() - amount)
            case "flush":
                metered.database.metrics.flush()
            case "look":
                assert metered.total("ConsumedWriteCapacityUnits", table="orders") == put
            case "reopen":
                metered = reopened(metered)
    assert metered.total("ConsumedWriteCapacityUnits", table="orders") == put
    points = metered.statistics(
        "SuccessfulRequestLatency",
        "SampleCount",
        start_s=metered.clock() - 14 * 86400,
        end_s=metered.clock() + 14 * 86400,
        period=86400,
        table="orders",
        operation="BatchWriteItem",
    )
    assert sum(point["SampleCount"] for point in points) == requests
    metered.database.close()


@settings(deadline=None, max_examples=30)
@given(STEPS)
def test_points_add_up_on_disk(steps: list[tuple[str, float]]):
    with tempfile.TemporaryDirectory() as folder:

        def reopened(before: Metered | None) -> Metered:
            if before is not None:
                before.database.close()
            clock = before.clock if before is not None else MovableClock(1_700_000_000.0)
            return Metered(Path(folder) / "database", clock=clock)

        _run(steps, reopened)


@settings(deadline=None)
@given(STEPS)
def test_points_add_up_in_memory(steps: list[tuple[str, float]]):
    _run(steps, lambda before: before or Metered())


def test_a_killed_process_loses_a_minute_at_most(tmp_path: Path):
    """What was written once a minute is there; only the rest waits in memory."""
    metered = Metered(tmp_path / "database")
    metered.create("orders")
    metered.put("orders", 10)
    metered.database.metrics.flush()
    metered.put("orders", 3)
    archive = metered.database.metrics.archive
    metered.database.metrics.collect()
    archive._buffer.clear()  # as if the process ended here
    archive._buffered = 0
    assert metered.total("ConsumedWriteCapacityUnits", table="orders") == 10
    metered.database.close()


@pytest.mark.parametrize("minutes", [61, 200])
def test_minutes_that_nobody_asks_for_do_not_pile_up(minutes: int):
    """A database that is never looked at keeps points, not raw minutes."""
    metered = Metered()
    metered.create("orders")
    for _ in range(minutes):
        metered.put("orders", 1)
        metered.clock.advance(60)
    assert len(metered.database.recorder._over) <= 61
    assert metered.total("ConsumedWriteCapacityUnits", table="orders") == minutes
