"""What was provisioned when: the settings of tables and global indexes over time.

ProvisionedReadCapacityUnits and ProvisionedWriteCapacityUnits are not recorded minute by minute,
but made up from this history when they are asked for: a point for each minute that has begun since
the table was made, whether a server ran or not. On demand there is nothing provisioned, and no
point. A minute in which the setting changed shows the last.
"""

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import orjson

from pannier.engine.catalog import Catalog, Table
from pannier.engine.metrics import dynamodb
from pannier.engine.metrics.archive import Archive
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.series import Metric
from pannier.engine.metrics.space import RETENTION_S, THROUGHPUT_PREFIX, after
from pannier.engine.table_settings import is_on_demand
from pannier.errors import StorageError
from pannier.storage.store import Group

Resource: TypeAlias = tuple[str, str]
"""A table and its global index, or "" for the table itself."""

Setting: TypeAlias = tuple[float, float, float]
"""Since when, in seconds since 1970; read units; write units. Zeros for nothing provisioned."""

_LOG: Final = logging.getLogger(__name__)
_NOTHING: Final = (0, 0)
_SETTINGS_MAX: Final = 2000  # of one table or index; the oldest go
_GONE_MAX: Final = 2000  # tables and indexes that are gone; of more, those gone longest are let go
_MINUTE_S: Final = 60
_KINDS: Final = {name: position for position, name in enumerate(dynamodb.PROVISIONED.values(), 1)}


class Provisioned:
    """The history of all settings.

    Args:
        archive: keeps it.
        catalog: the tables as they are.
    """

    def __init__(self, archive: Archive, catalog: Callable[[], Catalog]) -> None:
        self._archive = archive
        self._catalog = catalog
        self._loaded: dict[Resource, list[Setting]] | None = None

    def load(self, now_s: float) -> None:
        """Read what is kept, and note where tables differ from it. Does nothing the next time.

        The caller holds the database's lock.
        """
        if self._loaded is not None:
            return
        with self._archive.lock:
            self._loaded = {}
            prefix = THROUGHPUT_PREFIX
            gone = self._archive.store.new_group()
            for key, data in self._archive.store.range(prefix, after(prefix)):
                table, index = orjson.loads(key[len(prefix) :])
                settings = [(each[0], each[1], each[2]) for each in orjson.loads(data)]
                if settings[-1][1:] == _NOTHING and settings[-1][0] < now_s - RETENTION_S:
                    gone.delete(key)
                else:
                    self._loaded[table, index] = settings
            self._write(gone)
        catalog = self._catalog()
        for name in {*catalog.names(), *(table for table, _ in self._loaded)}:
            self._note(name, now_s)

    def note(self, name: str, now_s: float) -> None:
        """Note what a table and its indexes have now; nothing if the table is gone.

        The caller holds the database's lock.
        """
        self.load(now_s)
        if not self._note(name, now_s):
            self._forget_gone(now_s)

    def _note(self, name: str, now_s: float) -> bool:
        """As `note`; whether the table is there."""
        assert self._loaded is not None
        table = self._catalog().find(name)
        now = dict(_settings(table)) if table is not None else {}
        for resource in {*now, *(each for each in self._loaded if each[0] == name)}:
            settings = self._loaded.setdefault(resource, [])
            while settings and settings[-1][0] > now_s:  # the clock went back
                settings.pop()
            units = now.get(resource, _NOTHING)
            if units != (settings[-1][1:] if settings else _NOTHING):
                settings.append((now_s, *units))
                self._keep(resource, _trimmed(settings, now_s))
        return table is not None

    def metrics(self, now_s: float) -> list[tuple[Metric, int]]:
        """Every metric that has points, and the time of the newest."""
        found = []
        for (table, index), settings in self._settings().items():
            for name, kind in _KINDS.items():
                if not any(each[kind] for each in settings):
                    continue
                newest_s = now_s if settings[-1][kind] else settings[-1][0]
                found.append((dynamodb.of_table(name, table, index or None), int(newest_s)))
        return found

    def points(
        self, metric: Metric, start_s: int, stop_s: int, now_s: float
    ) -> Iterator[tuple[int, Point]]:
        """The points of a metric from `start_s` up to, not including, `stop_s`."""
        dimensions = dict(metric.dimensions)
        resource = (dimensions.get("TableName", ""), dimensions.get("GlobalSecondaryIndexName", ""))
        kind = _KINDS[metric.name]
        settings = self._settings().get(resource, [])
        if not settings:
            return
        times_s = [each[0] for each in settings]
        made_s = int(times_s[0] // _MINUTE_S) * _MINUTE_S
        first_s = -(-max(start_s, made_s) // _MINUTE_S) * _MINUTE_S
        for minute_s in range(first_s, min(stop_s, int(now_s) + 1), _MINUTE_S):
            position = bisect_left(times_s, minute_s + _MINUTE_S) - 1
            units = settings[position][kind] if position >= 0 else 0
            if units:
                yield minute_s, Point(1, units, units, units, {units: 1})

    def _forget_gone(self, now_s: float) -> None:
        """Let go of what nobody can ask for any more, and of the oldest if that is not enough."""
        with self._archive.lock:
            assert self._loaded is not None
            gone = sorted(
                (settings[-1][0], resource)
                for resource, settings in self._loaded.items()
                if settings and not any(settings[-1][1:])
            )
            group = self._archive.store.new_group()
            for position, (since_s, resource) in enumerate(gone):
                if since_s >= now_s - RETENTION_S and len(gone) - position <= _GONE_MAX:
                    break
                del self._loaded[resource]
                group.delete(THROUGHPUT_PREFIX + orjson.dumps(resource))
            self._archive.store.write(group)

    def _settings(self) -> dict[Resource, list[Setting]]:
        with self._archive.lock:
            return {each: list(settings) for each, settings in (self._loaded or {}).items()}

    def _keep(self, resource: Resource, settings: list[Setting]) -> None:
        with self._archive.lock:
            assert self._loaded is not None
            self._loaded[resource] = settings
            group = self._archive.store.new_group()
            group.put(THROUGHPUT_PREFIX + orjson.dumps(resource), orjson.dumps(settings))
            self._write(group)

    def _write(self, group: Group) -> None:
        """Write what is known in memory already; if that fails, it is noted anew the next time."""
        try:
            self._archive.store.write(group)
        except StorageError as error:
            _LOG.warning("the history of throughput can't be written: %s", error.message)


def is_provisioned(metric: Metric) -> bool:
    """Whether a metric is one of those that are made up here."""
    return metric.namespace == dynamodb.NAMESPACE and metric.name in _KINDS


def _settings(table: Table) -> Iterator[tuple[Resource, tuple[float, float]]]:
    described = table.description
    if is_on_demand(described):
        return
    for index, each in (
        ("", described),
        *((each["IndexName"], each) for each in described.get("GlobalSecondaryIndexes", ())),
    ):
        throughput = each["ProvisionedThroughput"]
        units = (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"])
        yield (table.name, index), units


def _trimmed(settings: list[Setting], now_s: float) -> list[Setting]:
    """Without what was over before the oldest point that is kept."""
    times_s = [each[0] for each in settings]
    first = max(bisect_right(times_s, now_s - RETENTION_S) - 1, len(settings) - _SETTINGS_MAX, 0)
    return settings[first:]
