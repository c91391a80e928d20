"""Reading charts: the catalog, what there is of it at a place, and the values of a span.

All series of a reading have the same times: the starts of its periods. What a period without a
point stands for, the chart's declaration says. The period at hand is not over yet: its rates are
of the seconds that have passed, its counts of what there is so far. The future is None.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pannier.monitoring.catalog import CATALOG, SUCCESS_RATE
from pannier.monitoring.charts import Absent, Chart, ChartKind, Line, Resource, Scope, Series
from pannier.monitoring.inventory import Inventory, MetricId
from pannier.monitoring.source import MetricQuery, MetricSource
from pannier.monitoring.span import Span, range_s, span_of
from pannier.monitoring.success import success_rate

# For how long a setting holds that was said: it comes every five minutes.
_HELD_S: Final = 600
_INVENTORY_S: Final = 300.0
_COUNTED: Final = frozenset({"Sum", "SampleCount"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read at one moment.

    Attributes:
        place: of the metrics, as it is shown.
        span: the time that was looked at.
        now_s: the time it was there.
        tables: that were asked for, or all that have metrics.
        silent: of these, the ones without metrics.
        charts: in the order of the catalog, for each table in turn.
    """

    place: str
    span: Span
    now_s: float
    tables: tuple[str, ...]
    silent: tuple[str, ...]
    charts: tuple[Chart, ...]

    def of(self, resource: Resource) -> list[Chart]:
        """The charts of a table, an index, or the account."""
        return [chart for chart in self.charts if chart.resource == resource]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "metrics": 1,
            "place": self.place,
            "start_s": self.span.start_s,
            "end_s": self.span.end_s,
            "period_s": self.span.period_s,
            "now_s": self.now_s,
            "times_s": list(self.span.times_s),
            "tables": list(self.tables),
            "silent": list(self.silent),
            "charts": [chart.to_json() for chart in self.charts],
        }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A line of a chart at one place: the metric that it needs."""

    label: str
    line: Line
    metric: MetricId


class Reader:
    """Reads the charts of one place, again and again.

    It remembers for five minutes which metrics there are, unless asking costs nothing.

    Args:
        source: of the metrics.
    """

    def __init__(self, source: MetricSource) -> None:
        self.source = source
        self._inventory: Inventory | None = None
        self._listed_s = 0.0

    def inventory(self, now_s: float | None = None) -> Inventory:
        """Which metrics there are.

        Raises:
            MetricsError: they can't be had.
        """
        now_s = self.source.now_s() if now_s is None else now_s
        is_fresh = 0 <= now_s - self._listed_s < _INVENTORY_S
        if self._inventory is None or self.source.is_near or not is_fresh:
            self._inventory = Inventory(self.source.metrics())
            self._listed_s = now_s
        return self._inventory

    def read_last(
        self, length: str, tables: Sequence[str] = (), period_s: int | None = None
    ) -> Reading:
        """Read what was in a time that ends now, such as `3h`; otherwise as `read`."""
        now_s = self.source.now_s()
        span = span_of(now_s - range_s(length), now_s, now_s, period_s)
        return self._read(span, tables, now_s)

    def read(
        self,
        start_s: float,
        end_s: float,
        tables: Sequence[str] = (),
        period_s: int | None = None,
    ) -> Reading:
        """Read the charts of tables, their indexes and the account.

        Args:
            start_s: where to begin, in seconds since 1970.
            end_s: where to end.
            tables: of which; none for all that have metrics.
            period_s: of the points; None for the shortest that will do.

        Raises:
            UserError: the times can't be.
            MetricsError: the metrics can't be had.
        """
        now_s = self.source.now_s()
        return self._read(span_of(start_s, end_s, now_s, period_s), tables, now_s)

    def _read(self, span: Span, tables: Sequence[str], now_s: float) -> Reading:
        inventory = self.inventory(now_s)
        chosen = list(dict.fromkeys(tables)) or inventory.tables
        plan = list(_planned(inventory, chosen))
        wanted = [each for _, _, lines in plan for each in lines]
        queries = [MetricQuery(each.metric, each.line.statistic) for each in wanted]
        answers = iter(self.source.values(queries, span) if queries else [])
        read = [
            Chart(
                kind,
                resource,
                tuple(_series(each, next(answers), span, now_s) for each in lines),
            )
            for kind, resource, lines in plan
        ]
        charts = tuple(
            replace(chart, series=success_rate(read, chart.resource))
            if chart.kind is SUCCESS_RATE
            else chart
            for chart in read
        )
        known = set(inventory.tables)
        silent = tuple(name for name in chosen if name not in known)
        return Reading(self.source.name, span, now_s, tuple(chosen), silent, charts)


def _planned(
    inventory: Inventory, tables: Sequence[str]
) -> Iterator[tuple[ChartKind, Resource, list[_Wanted]]]:
    """Every chart, what it is of, and the metrics it needs."""
    for table in tables:
        for resource in inventory.resources(table):
            for kind in CATALOG:
                is_whole = resource.index is None
                if kind.scope is Scope.RESOURCE or (is_whole and kind.scope is not Scope.ACCOUNT):
                    yield kind, resource, list(_lines(inventory, kind, resource))
    account = Resource()
    for kind in CATALOG:
        if kind.scope not in (Scope.ACCOUNT, Scope.OPERATIONS):
            continue
        lines = list(_lines(inventory, kind, account))
        if lines or kind.scope is Scope.ACCOUNT:
            yield kind, account, lines


def _lines(inventory: Inventory, kind: ChartKind, resource: Resource) -> Iterator[_Wanted]:
    for line in kind.lines:
        if kind.scope is Scope.OPERATIONS:
            for operation in inventory.operations(resource.table, line.metric):
                dimensions = (("Operation", operation), *resource.dimensions)
                yield _Wanted(operation, line, MetricId(line.metric, dimensions))
            continue
        metric = MetricId(line.metric, resource.dimensions)
        if not line.is_optional or metric in inventory:
            yield _Wanted(line.label, line, metric)


def _series(wanted: _Wanted, points: dict[int, float], span: Span, now_s: float) -> Series:
    line = wanted.line
    values: list[float | None] = []
    held: float | None = None
    held_until_s = 0.0
    for time_s in span.times_s:
        value = points.get(time_s)
        if value is not None:
            held, held_until_s = value, time_s + max(_HELD_S, span.period_s)
            if line.per_s:
                value /= min(span.period_s, max(1.0, now_s - time_s))
        elif time_s <= now_s and line.absent is Absent.ZERO:
            value = 0.0
        elif time_s <= now_s and line.absent is Absent.HOLD and time_s < held_until_s:
            value = held
        values.append(value)
    total = sum(points.values()) if line.statistic in _COUNTED else None
    return Series(wanted.label, tuple(values), total, line)
