"""Everything since the database was opened, added up: what Prometheus and OpenTelemetry ask for.

Tables come and go, and requests name tables that never were: of each kind there are at most
`TOTALS_MAX` sums. Beyond that the oldest is forgotten; should it be counted again, it begins anew.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from pannier.engine.metrics import dynamodb
from pannier.engine.metrics.minute import Minute
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.series import Metric

LATENCY_BOUNDS_S: Final = (
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1, 0.25, 0.5, 1.0, 2.5,
)  # fmt: skip

TOTALS_MAX: Final = 20_000
"""Of each kind of sums; about 5 MB of memory."""

_Key = TypeVar("_Key")


@dataclass(slots=True)
class Latency:
    """How long requests took.

    Attributes:
        buckets: how many took up to each of `LATENCY_BOUNDS_S`, and at the end how many took
            longer; each request in one bucket. Exact to within 1.6 % of the bound.
        count: how many there were.
        total_s: the sum of their times.
        least_s: the shortest time.
        greatest_s: the longest.
    """

    buckets: list[float] = field(default_factory=lambda: [0.0] * (len(LATENCY_BOUNDS_S) + 1))
    count: float = 0
    total_s: float = 0.0
    least_s: float = math.inf
    greatest_s: float = -math.inf

    def add(self, point: Point) -> None:
        """Add the latencies of a point, in seconds."""
        self.count += point.count
        self.total_s += point.total
        self.least_s = min(self.least_s, point.minimum)
        self.greatest_s = max(self.greatest_s, point.maximum)
        for value, often in (point.counts or {}).items():
            self.buckets[bisect_left(LATENCY_BOUNDS_S, value)] += often


@dataclass(slots=True)
class Totals:
    """Sums since the database was opened.

    Attributes:
        units: consumed, by table, index ("" for the table itself), and Read or Write.
        latencies: of requests that succeeded, by operation.
        errors: failed requests, by operation and the error's name.
        unprocessed: items of batches that were left unprocessed for want of capacity, or by an
            injected fault; by operation and table.
        returned: items that queries, scans and statements returned, by operation and table.
        events: how often something happened, by its CloudWatch metric: throttled items and
            requests, false conditions, errors.
    """

    units: dict[tuple[str, str, str], float] = field(default_factory=dict)
    latencies: dict[str, Latency] = field(default_factory=lambda: defaultdict(Latency))
    errors: dict[tuple[str, str], float] = field(default_factory=dict)
    unprocessed: dict[tuple[str, str], float] = field(default_factory=dict)
    returned: dict[tuple[str, str], float] = field(default_factory=dict)
    events: dict[Metric, float] = field(default_factory=dict)

    def add(self, minute: Minute) -> None:
        """Add what was recorded within a minute; it is folded already."""
        for (operation, table), cell in minute.cells.items():
            for kind, name in (("Read", "reads"), ("Write", "writes")):
                point = cell.point(name)
                if point is not None:
                    _count(self.units, (table.name, "", kind), point.total)
            for index, kind, point in cell.indexes():
                _count(self.units, (table.name, index, kind), point.total)
            latencies = cell.point("latencies")
            if latencies is not None:
                self.latencies[operation].add(latencies)
            returned = cell.point("returned")
            if returned is not None:
                _count(self.returned, (operation, table.name), returned.total)
        for operation, cell in minute.untouched.items():
            latencies = cell.point("latencies")
            if latencies is not None:
                self.latencies[operation].add(latencies)
        for operation_and_error, count in minute.errors.items():
            _count(self.errors, operation_and_error, count)
        for operation_and_table, count in minute.left.items():
            _count(self.unprocessed, operation_and_table, count)
        for metric, events in minute.events.items():
            _count(self.events, metric, events)

    def copy(self) -> "Totals":
        """The totals of this moment, unmoved by what comes later."""
        latencies = {
            operation: replace(each, buckets=list(each.buckets))
            for operation, each in self.latencies.items()
        }
        return Totals(
            dict(self.units),
            latencies,
            dict(self.errors),
            dict(self.unprocessed),
            dict(self.returned),
            dict(self.events),
        )

    def throttled_items(self) -> dict[tuple[str, str, str], float]:
        """Throttled items by table, index ("" for the table itself), and Read or Write."""
        return {
            (dimensions["TableName"], dimensions.get("GlobalSecondaryIndexName", ""), kind): count
            for kind in ("Read", "Write")
            for dimensions, count in self._events(dynamodb.throttle_events(kind))
        }

    def throttled_requests(self) -> dict[tuple[str, str], float]:
        """Throttled requests by operation and table."""
        return {
            (dimensions["Operation"], dimensions.get("TableName", "")): count
            for dimensions, count in self._events(dynamodb.THROTTLED_REQUESTS)
        }

    def failed_conditions(self) -> dict[str, float]:
        """Conditions that were false, by table."""
        return {
            dimensions["TableName"]: count
            for dimensions, count in self._events(dynamodb.FAILED_CONDITIONS)
        }

    def _events(self, name: str) -> list[tuple[dict[str, str], float]]:
        return [
            (dict(metric.dimensions), count)
            for metric, count in self.events.items()
            if metric.name == name
        ]


def _count(sums: dict[_Key, float], key: _Key, more: float) -> None:
    if key not in sums and len(sums) >= TOTALS_MAX:
        del sums[next(iter(sums))]
    sums[key] = sums.get(key, 0) + more
