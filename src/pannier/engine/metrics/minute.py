"""What was recorded within one minute, and how it becomes points.

Samples are kept in plain lists, which is the cheapest that a request can do, and folded into points
whenever a few hundred have come together.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from pannier.engine.capacity import Consumed
from pannier.engine.catalog import Table
from pannier.engine.metrics import dynamodb
from pannier.engine.metrics.archive import Sample
from pannier.engine.metrics.dynamodb import COUNT, MILLISECONDS
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.series import Metric

SAMPLES_MAX: Final = 512  # of one kind, before they are folded
_MS: Final = 1000.0


class Cell:
    """One operation on one table.

    Attributes:
        latencies: seconds, of requests that are counted here.
        shared: seconds, of requests that touched several tables and are counted with another.
        reads: read units.
        writes: write units.
        returned: items returned.
    """

    __slots__ = ("_indexes", "_points", "latencies", "reads", "returned", "shared", "writes")

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.shared: list[float] = []
        self.reads: list[float] = []
        self.writes: list[float] = []
        self.returned: list[float] = []
        self._indexes: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._points: dict[str | tuple[str, str], Point] = {}

    def add_indexed(self, consumed: Consumed) -> None:
        """Note units that were consumed on indexes, too."""
        units = consumed.units
        for index, index_units in consumed.indexes.items():
            if not index.is_global:
                units += index_units
            elif index_units:
                self._indexes[index.name, consumed.units_of].append(index_units)
        if units:
            (self.writes if consumed.units_of == "Write" else self.reads).append(units)

    def fold(self) -> None:
        """Make points of what is in the lists."""
        self._fold("latencies", self.latencies, many=True)
        self._fold("shared", self.shared, many=True)
        self._fold("reads", self.reads)
        self._fold("writes", self.writes)
        self._fold("returned", self.returned)
        for key, units in self._indexes.items():
            self._fold(key, units)

    def point(self, name: str) -> Point | None:
        """The point of one of the lists, by its name."""
        return self._points.get(name)

    def indexes(self) -> Iterator[tuple[str, str, Point]]:
        """Index, Read or Write, and the point of its units."""
        for key, point in self._points.items():
            if isinstance(key, tuple):
                yield *key, point

    def _fold(
        self, name: str | tuple[str, str], values: list[float], *, many: bool = False
    ) -> None:
        if not values:
            return
        point = Point.of_values(values, many=many)
        values.clear()
        there = self._points.get(name)
        if there is None:
            self._points[name] = point
        else:
            there.add(point)


class Minute:
    """What was recorded within a minute.

    Attributes:
        start_s: its beginning, in seconds since 1970.
        cells: by operation and table.
        untouched: requests that consumed nothing, by operation.
        events: how often something happened, by its metric.
        errors: how many requests failed, by operation and the error's name.
        left: how many items of batches were left unprocessed, by operation and table.
    """

    __slots__ = ("cells", "errors", "events", "left", "start_s", "untouched")

    def __init__(self, start_s: int) -> None:
        self.start_s = start_s
        self.cells: dict[tuple[str, Table], Cell] = {}
        self.untouched: dict[str, Cell] = defaultdict(Cell)
        self.events: dict[Metric, float] = defaultdict(int)
        self.errors: dict[tuple[str, str], int] = defaultdict(int)
        self.left: dict[tuple[str, str], int] = defaultdict(int)

    def __bool__(self) -> bool:
        return bool(self.cells or self.untouched or self.events or self.errors)

    def cell(self, operation: str, table: Table) -> Cell:
        """The cell of an operation on a table."""
        cell = self.cells.get((operation, table))
        if cell is None:
            cell = self.cells[operation, table] = Cell()
        return cell

    def samples(self) -> Iterator[Sample]:
        """Its points, for the archive; `fold` comes first."""
        for metric, count in self.events.items():
            yield metric, COUNT, self.start_s, Point.of_ones(count)
        for (operation, table), cell in self.cells.items():
            name = table.name
            for kind, units in (("Read", cell.point("reads")), ("Write", cell.point("writes"))):
                if units is not None:
                    metric = dynamodb.of_table(dynamodb.CONSUMED[kind], name)
                    yield metric, COUNT, self.start_s, units.copy()
            for index, kind, units in cell.indexes():
                metric = dynamodb.of_table(dynamodb.CONSUMED[kind], name, index)
                yield metric, COUNT, self.start_s, units.copy()
            returned = cell.point("returned")
            if returned is not None:
                metric = dynamodb.of_operation(dynamodb.RETURNED_ITEMS, name, operation)
                yield metric, COUNT, self.start_s, returned.copy()
            for list_name in ("latencies", "shared"):
                latencies = cell.point(list_name)
                if latencies is not None:
                    metric = dynamodb.of_operation(dynamodb.LATENCY, name, operation)
                    yield metric, MILLISECONDS, self.start_s, latencies.scaled(_MS)

    def fold(self) -> None:
        """Make points of all that is in lists."""
        for cell in (*self.cells.values(), *self.untouched.values()):
            cell.fold()
