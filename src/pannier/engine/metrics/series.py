"""The series that there are: a metric of a namespace, its dimensions, and a unit.

A series is a number in the keys of its points. Data of one metric in two units are two series.
Records are read when the first is asked for, and written when points are.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

import orjson

from pannier.engine.metrics.space import SERIES_PREFIX, after
from pannier.storage.store import Group, Store

Dimensions: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values, sorted."""

SERIES_MAX: Final = 50_000  # about 30 MB of memory

_NUMBER: Final = struct.Struct(">I")
_RECORD_EVERY_S: Final = 3600  # how far the time in a record may lag behind


class Metric(NamedTuple):
    """What CloudWatch calls a metric."""

    namespace: str
    name: str
    dimensions: Dimensions


class Series:
    """One series.

    Attributes:
        number: stands for it in keys.
        metric: what is measured.
        unit: one of CloudWatch's, `None` included.
        newest_s: the time of its newest point, in seconds since 1970.
    """

    __slots__ = ("metric", "newest_s", "number", "recorded_s", "unit")

    def __init__(self, number: int, metric: Metric, unit: str, newest_s: int) -> None:
        self.number = number
        self.metric = metric
        self.unit = unit
        self.newest_s = newest_s
        self.recorded_s: int | None = None  # as its record has it


class Register:
    """All series of a database. Not safe to share between threads: the archive sees to that."""

    def __init__(self, store: Store) -> None:
        self._units: dict[Metric, dict[str, Series]] = {}
        self._numbered: dict[int, Series] = {}
        self._dirty: dict[int, Series] = {}
        for key, record in store.range(SERIES_PREFIX, after(SERIES_PREFIX)):
            (number,) = _NUMBER.unpack(key[len(SERIES_PREFIX) :])
            namespace, name, dimensions, unit, newest_s = orjson.loads(record)
            metric = Metric(namespace, name, tuple((each[0], each[1]) for each in dimensions))
            series = Series(number, metric, unit, newest_s)
            series.recorded_s = newest_s
            self._keep(series)
        self._next = max(self._numbered, default=0) + 1

    def __len__(self) -> int:
        return len(self._numbered)

    def has_room(self, wanted: Iterable[tuple[Metric, str]]) -> bool:
        """Whether there may be series for these metrics and units."""
        new = sum(unit not in self._units.get(metric, {}) for metric, unit in wanted)
        return len(self._numbered) + new <= SERIES_MAX

    def obtain(self, metric: Metric, unit: str, time_s: int) -> Series | None:
        """The series for new data of a time; None if there are too many of them already."""
        series = self._units.get(metric, {}).get(unit)
        if series is None:
            if len(self._numbered) >= SERIES_MAX:
                return None
            series = Series(self._next, metric, unit, time_s)
            self._next += 1
            self._keep(series)
        series.newest_s = max(series.newest_s, time_s)
        if series.recorded_s is None or series.newest_s >= series.recorded_s + _RECORD_EVERY_S:
            self._dirty[series.number] = series
        return series

    def of(self, metric: Metric, unit: str | None = None) -> list[Series]:
        """The series of a metric, in one unit or in all."""
        units = self._units.get(metric, {})
        return [series for series in units.values() if unit is None or series.unit == unit]

    def metrics(self) -> Iterator[tuple[Metric, int]]:
        """Every metric, and the time of its newest point."""
        for metric, units in self._units.items():
            yield metric, max(series.newest_s for series in units.values())

    def save(self, group: Group) -> None:
        """Add the records of series that are new, or have moved on, to a group."""
        for series in self._dirty.values():
            record = (*series.metric, series.unit, series.newest_s)
            group.put(SERIES_PREFIX + _NUMBER.pack(series.number), orjson.dumps(record))

    def saved(self) -> None:
        """What `save` added is in the store."""
        for series in self._dirty.values():
            series.recorded_s = series.newest_s
        self._dirty.clear()

    def forget_before(self, time_s: float, group: Group) -> list[Series]:
        """Let go of the series whose newest point is older; the caller writes the group."""
        gone = [each for each in self._numbered.values() if each.newest_s < time_s]
        for series in gone:
            del self._numbered[series.number]
            self._dirty.pop(series.number, None)
            del self._units[series.metric][series.unit]
            if not self._units[series.metric]:
                del self._units[series.metric]
            group.delete(SERIES_PREFIX + _NUMBER.pack(series.number))
        return gone

    def _keep(self, series: Series) -> None:
        self._numbered[series.number] = series
        self._units.setdefault(series.metric, {})[series.unit] = series


def dimensions_of(pairs: Iterable[tuple[str, str]]) -> Dimensions:
    """Dimensions in the form that makes equal ones equal."""
    return tuple(sorted(pairs))
