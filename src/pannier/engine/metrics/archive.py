"""The points of all series: 15 days of them, in the store or, with the database, in memory.

What is recorded waits in a buffer and is written once a minute, so that no request waits for it;
a crash may cost the last minute. What clients publish is written at once. A point that is there
already, of a minute before a restart or before the clock went back, is added to, not replaced.

Safe to share between threads.
"""

import logging
import struct
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeAlias

from pannier.engine.metrics.point import Point
from pannier.engine.metrics.series import Metric, Register, Series
from pannier.engine.metrics.space import POINT_PREFIX, RETENTION_S, after
from pannier.errors import StorageError
from pannier.limits import MIB
from pannier.storage.memory import MemoryStore
from pannier.storage.store import Store

Sample: TypeAlias = tuple[Metric, str, int, Point]
"""A metric, its unit, the time in seconds since 1970, and the point to add there."""

_LOG: Final = logging.getLogger(__name__)

_DAY_S: Final = 24 * 3600
_DAY_MAX: Final = 0xFFFF
_KEY: Final = struct.Struct(">HI")
_SECOND_BYTES: Final = 3
_BUFFER_MAX: Final = 20_000  # points
_GROUP_MAX: Final = 2_000  # points that are written in one group
_TRIM_EVERY_S: Final = 3600
_MEMORY_BYTES_MAX: Final = 32 * MIB
_ENTRY_BYTES: Final = 250  # what a point in memory needs beside its own bytes


class TooManySeriesError(Exception):
    """There is no room for another series."""


class Archive:
    """All points.

    Args:
        store: the database's; None keeps everything in memory, at most 32 MB of it.
    """

    def __init__(self, store: Store | None) -> None:
        self._in_memory = store is None
        self._store: Store = MemoryStore() if store is None else store
        self._lock = threading.RLock()
        self._loaded: Register | None = None
        self._buffer: dict[int, dict[int, Point]] = {}  # by series, then by second
        self._buffered = 0
        self._memory_bytes = 0
        self._trimmed_s: float | None = None
        self._failing = False
        self._full = False

    @property
    def store(self) -> Store:
        """Where the points lie. What else is kept there is written under `lock`."""
        return self._store

    @property
    def lock(self) -> threading.RLock:
        """Held while anything is read or written."""
        return self._lock

    @property
    def in_memory(self) -> bool:
        """Whether everything ends with the process."""
        return self._in_memory

    def add(self, samples: Iterable[Sample]) -> None:
        """Take what was recorded; it is written later. Series that do not fit in are dropped."""
        with self._lock:
            for metric, unit, time_s, point in samples:
                series = self._register.obtain(metric, unit, time_s)
                if series is None:
                    self._say_full(metric)
                    continue
                self._wait(series.number, time_s, point)
            if self._buffered > _BUFFER_MAX:
                self.flush()

    def publish(self, samples: list[Sample]) -> None:
        """Take what a client publishes, and write it at once.

        Raises:
            TooManySeriesError: it would need more series than there may be; nothing was taken.
            Exception: what the store raises; nothing was taken.
        """
        with self._lock:
            if not self._register.has_room({(metric, unit) for metric, unit, _, _ in samples}):
                raise TooManySeriesError
            taken: dict[tuple[int, int], Point] = {}
            for metric, unit, time_s, point in samples:
                series = self._register.obtain(metric, unit, time_s)
                assert series is not None  # there is room
                key = (series.number, time_s)
                if key in taken:
                    taken[key].add(point)
                else:
                    taken[key] = point
            self._write(taken)

    def points(
        self, series: Series, start_s: int, stop_s: int, *, with_counts: bool = True
    ) -> list[tuple[int, Point]]:
        """The points of a series from `start_s` up to, not including, `stop_s`, in any order.

        A time may have two points, which belong together. They are the caller's own.
        """
        found = []
        with self._lock:
            for day in range(max(start_s, 0) // _DAY_S, max(stop_s - 1, 0) // _DAY_S + 1):
                base_s = day * _DAY_S
                prefix = POINT_PREFIX + _KEY.pack(min(day, _DAY_MAX), series.number)
                first = _second(max(start_s - base_s, 0))
                last = _second(min(stop_s - base_s, _DAY_S))
                for key, data in self._store.range(prefix + first, prefix + last):
                    second = int.from_bytes(key[-_SECOND_BYTES:], "big")
                    found.append((base_s + second, Point.decode(data, with_counts=with_counts)))
            for second, point in self._buffer.get(series.number, {}).items():
                if start_s <= second < stop_s:
                    found.append((second, point.copy()))
        return found

    def series_of(self, metric: Metric, unit: str | None = None) -> list[Series]:
        """The series of a metric, in one unit or in all."""
        with self._lock:
            return self._register.of(metric, unit)

    def metrics(self) -> list[tuple[Metric, int]]:
        """Every metric, and the time of its newest point."""
        with self._lock:
            return list(self._register.metrics())

    def flush(self) -> None:
        """Write what waits in the buffer. A store that refuses is tried again, and said so once."""
        with self._lock:
            try:
                for points in self._in_groups():
                    self._write(points)
                    for number, second in points:
                        self._drop(number, second)
                self._failing = False
            except Exception as error:  # whatever the disk has: requests are answered all the same
                if not self._failing:
                    _LOG.error(
                        "metrics can't be written; they are kept for now: %s",
                        error,
                        exc_info=not isinstance(error, StorageError),
                    )
                self._failing = True
                for points in self._in_groups():
                    for number, second in points:
                        if self._buffered > _BUFFER_MAX:
                            self._drop(number, second)

    def trim(self, now_s: float) -> None:
        """Remove what is older than 15 days. Does nothing if it did within the last hour."""
        with self._lock:
            if self._trimmed_s is not None and abs(now_s - self._trimmed_s) < _TRIM_EVERY_S:
                return
            self._trimmed_s = now_s
            oldest_s = now_s - RETENTION_S
            group = self._store.new_group()
            self._register.forget_before(oldest_s - _DAY_S, group)  # their points went before
            day = min(max(int(oldest_s // _DAY_S), 0), _DAY_MAX)
            group.delete_range(POINT_PREFIX, POINT_PREFIX + day.to_bytes(2, "big"))
            self._store.write(group)

    def close(self) -> None:
        """Write what waits, and let go of the store. What is asked from then on is not there."""
        with self._lock:
            if not self._in_memory:
                self.flush()
            self._store = MemoryStore()
            self._loaded = None
            self._buffer.clear()

    @property
    def _register(self) -> Register:
        if self._loaded is None:
            self._loaded = Register(self._store)
        return self._loaded

    def _wait(self, series_number: int, second: int, point: Point) -> None:
        points = self._buffer.setdefault(series_number, {})
        there = points.get(second)
        if there is None:
            points[second] = point
            self._buffered += 1
        else:
            there.add(point)

    def _drop(self, series_number: int, second: int) -> None:
        del self._buffer[series_number][second]
        self._buffered -= 1
        if not self._buffer[series_number]:
            del self._buffer[series_number]

    def _in_groups(self) -> Iterator[dict[tuple[int, int], Point]]:
        """What waits, by series and second, in groups of a bounded size."""
        waiting = iter(
            [
                ((number, second), point)
                for number, points in self._buffer.items()
                for second, point in points.items()
            ]
        )
        while group := dict(islice(waiting, _GROUP_MAX)):
            yield group

    def _write(self, points: dict[tuple[int, int], Point]) -> None:
        keys = [_key(number, second) for number, second in points]
        group = self._store.new_group()
        for key, data, point in zip(keys, self._store.get_many(keys), points.values(), strict=True):
            merged = point
            if data is not None:
                merged = Point.decode(data)
                merged.add(point)
            row = merged.encode()
            group.put(key, row)
            self._memory_bytes += len(row) + (_ENTRY_BYTES if data is None else -len(data))
        self._register.save(group)
        self._store.write(group)
        self._register.saved()
        if self._in_memory and self._memory_bytes > _MEMORY_BYTES_MAX:
            self._shed()

    def _shed(self) -> None:
        """Drop the older half of what is in memory."""
        bounds = (POINT_PREFIX, after(POINT_PREFIX))
        rows = sorted(self._store.range(*bounds), key=lambda row: (row[0][-9:-7], row[0][-3:]))
        group = self._store.new_group()
        for key, _ in rows[: len(rows) // 2]:
            group.delete(key)
        self._store.write(group)
        kept = rows[len(rows) // 2 :]
        self._memory_bytes = sum(len(row) + _ENTRY_BYTES for _, row in kept)

    def _say_full(self, metric: Metric) -> None:
        if not self._full:
            _LOG.warning("there are too many metrics: %s and later ones are not kept", metric.name)
        self._full = True


def _key(series_number: int, second: int) -> bytes:
    day, rest = divmod(max(second, 0), _DAY_S)
    return POINT_PREFIX + _KEY.pack(min(day, _DAY_MAX), series_number) + _second(rest)


def _second(second: int) -> bytes:
    return second.to_bytes(_SECOND_BYTES, "big")
