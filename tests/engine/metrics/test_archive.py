"""Where points lie: on disk, in memory, bounded, trimmed, and safe from a disk that refuses."""

import logging
from pathlib import Path
from typing import Any

import pytest
from metered import START_S, Metered

from pannier.engine.metrics import archive as archive_module
from pannier.engine.metrics import series as series_module
from pannier.engine.metrics.archive import Archive, TooManySeriesError
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.series import Metric
from pannier.engine.metrics.space import POINT_PREFIX, SERIES_PREFIX, after
from pannier.storage.memory import MemoryStore

DAY_S = 86_400
METRIC = Metric("Mine", "visits", (("page", "home"),))


def _points(archive: Archive, metric: Metric = METRIC) -> dict[int, float]:
    (series,) = archive.series_of(metric)
    found: dict[int, float] = {}
    for second, point in archive.points(series, 0, 2**31):
        found[second] = found.get(second, 0) + point.total
    return found


def _one(value: float = 1.0) -> Point:
    return Point.of_values([value])


def test_points_of_one_time_are_added_in_the_buffer_and_on_disk():
    store = MemoryStore()
    archive = Archive(store)
    archive.add([(METRIC, "Count", 60, _one(1)), (METRIC, "Count", 60, _one(2))])
    archive.flush()
    archive.add([(METRIC, "Count", 60, _one(4)), (METRIC, "Count", 120, _one(8))])
    assert _points(archive) == {60: 7, 120: 8}
    archive.flush()
    assert _points(archive) == {60: 7, 120: 8}
    assert _points(Archive(store)) == {60: 7, 120: 8}


def test_a_range_has_its_beginning_and_not_its_end_across_days():
    archive = Archive(None)
    times = [0, DAY_S - 60, DAY_S, 3 * DAY_S]
    archive.publish([(METRIC, "Count", time_s, _one()) for time_s in times])
    (series,) = archive.series_of(METRIC)
    found = sorted(second for second, _ in archive.points(series, DAY_S - 60, 3 * DAY_S))
    assert found == [DAY_S - 60, DAY_S]


def test_what_is_older_than_15_days_is_trimmed_with_its_series():
    """Day by day; a series goes when it has had no point for so long."""
    store = MemoryStore()
    archive = Archive(store)
    other = Metric("Mine", "visits", ())
    archive.publish([(METRIC, "Count", day * DAY_S, _one()) for day in range(20)])
    archive.publish([(other, "Count", 0, _one())])
    archive.trim(20.5 * DAY_S)
    assert sorted(_points(archive)) == [day * DAY_S for day in range(5, 20)]
    assert archive.series_of(other) == []
    assert len(list(store.range(SERIES_PREFIX, after(SERIES_PREFIX)))) == 1
    archive.trim(20.5 * DAY_S + 60)  # at most once an hour
    archive.trim(60 * DAY_S)
    assert list(store.range(POINT_PREFIX, after(POINT_PREFIX))) == []


def test_queries_do_not_see_what_is_older_than_15_days():
    metered = Metered()
    metered.create("orders")
    metered.put("orders", 5)
    metered.clock.advance(15 * DAY_S - 120)
    assert metered.total("ConsumedWriteCapacityUnits", table="orders") == 0  # asks for 14 days
    points = metered.statistics(
        "ConsumedWriteCapacityUnits", "Sum", start_s=START_S, period=DAY_S, table="orders"
    )
    assert [point["Sum"] for point in points] == [5]
    metered.clock.advance(180)
    points = metered.statistics(
        "ConsumedWriteCapacityUnits", "Sum", start_s=START_S, period=DAY_S, table="orders"
    )
    assert points == []


class _Refusing(MemoryStore):
    refuses = False

    def write(self, group: Any) -> None:
        if self.refuses:
            raise OSError("no space left on device")
        super().write(group)


def test_a_disk_that_refuses_costs_nothing_but_a_line_in_the_log(caplog):
    """Points wait until it takes them again; it is said once, not every minute."""
    store = _Refusing()
    archive = Archive(store)
    archive.add([(METRIC, "Count", 60, _one())])
    store.refuses = True
    with caplog.at_level(logging.ERROR):
        archive.flush()
        archive.flush()
    assert len(caplog.records) == 1
    assert _points(archive) == {60: 1}
    store.refuses = False
    archive.flush()
    assert _points(Archive(store)) == {60: 1}


def test_a_disk_that_refuses_for_long_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(archive_module, "_BUFFER_MAX", 10)
    store = _Refusing()
    store.refuses = True
    archive = Archive(store)
    for minute in range(50):
        archive.add([(METRIC, "Count", minute * 60, _one())])
    assert len(_points(archive)) == 10


def test_memory_keeps_the_newer_half_when_it_is_full(monkeypatch):
    monkeypatch.setattr(archive_module, "_MEMORY_BYTES_MAX", 30_000)
    archive = Archive(None)
    for minute in range(300):
        archive.publish([(METRIC, "Count", minute * 60, _one())])
    left = sorted(_points(archive))
    assert 30 < len(left) < 150
    assert left[-1] == 299 * 60
    assert left == list(range(left[0], 300 * 60, 60))


def test_there_is_a_bound_on_series(monkeypatch, caplog):
    """A client is told; what the engine records itself is dropped, and said once."""
    monkeypatch.setattr(series_module, "SERIES_MAX", 2)
    archive = Archive(None)
    metrics = [Metric("Mine", f"m{number}", ()) for number in range(4)]
    with pytest.raises(TooManySeriesError):
        archive.publish([(each, "Count", 60, _one()) for each in metrics])
    assert archive.metrics() == []  # nothing of it was taken
    with caplog.at_level(logging.WARNING):
        archive.add([(each, "Count", 60, _one()) for each in metrics])
    assert len(archive.metrics()) == 2
    assert len(caplog.records) == 1


def test_units_of_one_metric_are_series_apart():
    archive = Archive(None)
    archive.publish([(METRIC, "Count", 60, _one()), (METRIC, "Bytes", 60, _one())])
    assert len(archive.series_of(METRIC)) == 2
    assert len(archive.series_of(METRIC, "Bytes")) == 1
    assert archive.metrics() == [(METRIC, 60)]


def test_a_closed_database_answers_nothing_and_writes_nothing(tmp_path: Path):
    """A query that is still under way when the server ends must not touch the closed store."""
    metered = Metered(tmp_path / "database")
    metered.create("orders")
    metered.put("orders", 1)
    metered.database.close()
    assert metered.total("ConsumedWriteCapacityUnits", table="orders") == 0
    again = Metered(tmp_path / "database", clock=metered.clock)
    assert again.total("ConsumedWriteCapacityUnits", table="orders") == 1
    again.database.close()
