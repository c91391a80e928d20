"""Which metrics there are: tables, indexes and operations out of what ListMetrics answers."""

from collections.abc import Iterable
from dataclasses import dataclass

from pannier.monitoring.charts import Resource


@dataclass(frozen=True, slots=True, order=True)
class MetricId:
    """A metric of `AWS/DynamoDB`; its dimensions by their names."""

    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


class Inventory:
    """What was recorded in the last two weeks.

    Args:
        metrics: all of them.
    """

    def __init__(self, metrics: Iterable[MetricId]) -> None:
        self._metrics = frozenset(metrics)
        self._tables: dict[str, set[str]] = {}
        self._operations: dict[tuple[str | None, str], set[str]] = {}
        for metric in self._metrics:
            self._take(metric)

    def _take(self, metric: MetricId) -> None:
        dimensions = dict(metric.dimensions)
        table = dimensions.pop("TableName", None)
        if table is not None:
            self._tables.setdefault(table, set())
        if list(dimensions) == ["Operation"]:
            self._operations.setdefault((table, metric.name), set()).add(dimensions["Operation"])
        elif table is not None and list(dimensions) == ["GlobalSecondaryIndexName"]:
            self._tables[table].add(dimensions["GlobalSecondaryIndexName"])

    def __contains__(self, metric: MetricId) -> bool:
        return metric in self._metrics

    @property
    def tables(self) -> list[str]:
        """The tables that have metrics, by name."""
        return sorted(self._tables)

    def resources(self, table: str) -> list[Resource]:
        """A table, and its global indexes that have metrics."""
        return [
            Resource(table),
            *(Resource(table, index) for index in sorted(self._tables.get(table, ()))),
        ]

    def operations(self, table: str | None, metric: str) -> list[str]:
        """The operations that have a metric, on a table, or where no table is known."""
        return sorted(self._operations.get((table, metric), ()))
