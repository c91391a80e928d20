"""What every request adds to the metrics.

`record` runs with every request, under the database's lock, and must cost next to nothing: it looks
at the clock, appends to lists, and when the minute is over puts them aside. Who asks for metrics,
or the thread that writes them once a minute, takes them and does the rest.
"""

from collections.abc import Callable
from typing import Any, Final

from pannier.clock import Clock
from pannier.engine.catalog import Table, plain_name
from pannier.engine.metrics import dynamodb
from pannier.engine.metrics.minute import SAMPLES_MAX, Cell, Minute
from pannier.engine.metrics.series import Metric
from pannier.engine.usage import Throttled, Usage
from pannier.errors import ServiceError, UnknownOperationException
from pannier.limits import TABLE_NAME_LENGTH_MAX

MINUTE_S: Final = 60
UNKNOWN: Final = "Unknown"  # any operation that the API does not have

# By name, since an injected fault has no class of its own for each.
_THROTTLES: Final = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
_FALSE_CONDITION: Final = "ConditionalCheckFailedException"
_MINUTES_WAITING_MAX: Final = 60
# What changes a table's settings, and where its name is.
_CHANGES: Final = {
    "CreateTable": "TableName",
    "DeleteTable": "TableName",
    "RestoreTableFromBackup": "TargetTableName",
    "RestoreTableToPointInTime": "TargetTableName",
    "UpdateTable": "TableName",
}
_BATCHES: Final = frozenset({"BatchGetItem", "BatchWriteItem"})
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500


class Recorder:
    """Takes note of requests. Its callers hold the database's lock.

    Args:
        clock: tells the time.
        table_changed: told the name of a table that was made, changed or deleted, and the time.
        overflow: takes the minutes that are over, if nobody has taken them for an hour.
    """

    def __init__(
        self,
        clock: Clock,
        table_changed: Callable[[str, float], None],
        overflow: Callable[[list[Minute]], None],
    ) -> None:
        self._clock = clock
        self._table_changed = table_changed
        self._overflow = overflow
        self._from_s = 0.0  # of the minute at hand
        self._to_s = 0.0
        self._minute = Minute(0)
        self._over: list[Minute] = []

    def record(
        self,
        operation: str,
        request: dict[str, Any],
        usage: Usage,
        elapsed_s: float,
        error: ServiceError | None,
    ) -> None:
        """Note one request that is over.

        Args:
            operation: its name in the API.
            request: the request; empty if it could not be read.
            usage: what it used.
            elapsed_s: how long it took inside the engine.
            error: what it was answered, or None if it succeeded.
        """
        now_s = self._clock()
        if not self._from_s <= now_s < self._to_s:
            self._turn(now_s)
        if error is not None or usage.refusals or usage.failed_conditions:
            self._record_trouble(operation, request, usage, error)
            if error is not None:
                return
        accounts = usage.consumed
        if len(accounts) != 1:
            self._record_several(operation, usage, elapsed_s)
            if operation in _CHANGES:
                name = request.get(_CHANGES[operation], "")
                self._table_changed(plain_name(name), now_s)
            return
        consumed = accounts[0]
        cell = self._minute.cells.get((operation, consumed.table))
        if cell is None:
            cell = self._minute.cell(operation, consumed.table)
        if consumed.indexes:
            cell.add_indexed(consumed)
        elif consumed.units:
            (cell.writes if consumed.units_of == "Write" else cell.reads).append(consumed.units)
        if usage.returned is not None:
            cell.returned.append(usage.returned)
        cell.latencies.append(elapsed_s)
        if len(cell.latencies) >= SAMPLES_MAX:
            cell.fold()

    def take(self) -> list[Minute]:
        """Everything that was recorded since it was last taken. What comes next begins anew."""
        taken = self._over
        if self._minute:
            taken.append(self._minute)
            self._minute = Minute(self._minute.start_s)
        self._over = []
        return taken

    def _turn(self, now_s: float) -> None:
        """Begin the minute of a time, which may lie before the one at hand."""
        if self._minute:
            self._over.append(self._minute)
            if len(self._over) > _MINUTES_WAITING_MAX:
                self._overflow(self._over)
                self._over = []
        start_s = int(now_s // MINUTE_S) * MINUTE_S
        self._from_s, self._to_s = float(start_s), float(start_s + MINUTE_S)
        self._minute = Minute(start_s)

    def _record_several(self, operation: str, usage: Usage, elapsed_s: float) -> None:
        """Note a request that touched several tables, one in several ways, or none."""
        if not usage.consumed:
            cell = self._minute.untouched[operation]
            cell.latencies.append(elapsed_s)
            if len(cell.latencies) >= SAMPLES_MAX:
                cell.fold()
            return
        cells = self._record_units(operation, usage)
        first = cells[0]
        first.latencies.append(elapsed_s)
        for cell in cells[1:]:
            cell.shared.append(elapsed_s)
        if usage.returned is not None:
            first.returned.append(usage.returned)
        for cell in cells:
            if len(cell.latencies) + len(cell.shared) >= SAMPLES_MAX:
                cell.fold()

    def _record_units(self, operation: str, usage: Usage) -> list[Cell]:
        """Note units; returns the cells of the tables that they are on, each once."""
        cells: dict[Table, Cell] = {}
        for consumed in usage.consumed:
            cell = self._minute.cell(operation, consumed.table)
            cell.add_indexed(consumed)
            cells[consumed.table] = cell
            if (
                len(cell.reads) + len(cell.writes) >= SAMPLES_MAX
            ):  # failing requests have units only
                cell.fold()
        return list(cells.values())

    def _record_trouble(
        self, operation: str, request: dict[str, Any], usage: Usage, error: ServiceError | None
    ) -> None:
        events = self._minute.events
        for refused in usage.refusals:
            self._record_refusal(refused)
        for table in usage.failed_conditions:
            events[dynamodb.of_table(dynamodb.FAILED_CONDITIONS, table)] += 1
        if error is None:
            if operation in _BATCHES:
                for refused in usage.refusals:
                    self._minute.left[operation, refused[0].table.name] += 1
            return
        if isinstance(error, UnknownOperationException):
            operation = UNKNOWN
        self._minute.errors[operation, error.code] += 1
        if error.status >= _SERVER_ERROR:
            metrics = _of_operation(dynamodb.SYSTEM_ERRORS, operation, request, usage)
        elif error.code in _THROTTLES or usage.refusals:
            metrics = _of_operation(dynamodb.THROTTLED_REQUESTS, operation, request, usage)
        elif error.status == _BAD_REQUEST and error.code != _FALSE_CONDITION:
            metrics = {dynamodb.of_account(dynamodb.USER_ERRORS)}
        else:
            metrics = set()
        for metric in metrics:
            events[metric] += 1
        if error.status < _SERVER_ERROR and usage.consumed:
            self._record_units(operation, usage)  # a failed condition has its price

    def _record_refusal(self, refused: list[Throttled]) -> None:
        """Note an item that was throttled: once for each resource, and for each of its limits."""
        events = self._minute.events
        if len(refused) > 1:
            refused = list(dict.fromkeys(refused))
        resources = set()
        for event in refused:
            name, index = event.table.name, event.index.name if event.index is not None else None
            events[
                dynamodb.of_table(
                    dynamodb.throttle_events(event.units_of, event.limit), name, index
                )
            ] += 1
            resources.add((event.units_of, name, index))
        for units_of, name, index in resources:
            events[dynamodb.of_table(dynamodb.throttle_events(units_of), name, index)] += 1


def _of_operation(
    metric: str, operation: str, request: dict[str, Any], usage: Usage
) -> set[Metric]:
    tables = {event.table.name for event in usage.throttled} or named_tables(request)
    if not tables:
        tables = {consumed.table.name for consumed in usage.consumed}
    return {dynamodb.of_operation(metric, table, operation) for table in (*tables,) or (None,)}


def named_tables(request: dict[str, Any]) -> set[str]:
    """The tables that a request names, as far as its form allows; statements name none."""
    names: set[str] = {_text(request.get("TableName"))}
    items = request.get("RequestItems")
    if isinstance(items, dict):
        names.update(items)
    actions = request.get("TransactItems")
    for action in actions if isinstance(actions, list) else ():
        for part in action.values() if isinstance(action, dict) else ():
            if isinstance(part, dict):
                names.add(_text(part.get("TableName")))
    plain = map(plain_name, names)
    return {name for name in plain if 0 < len(name) <= TABLE_NAME_LENGTH_MAX}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
