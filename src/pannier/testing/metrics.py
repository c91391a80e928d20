"""What CloudWatch would say of a database of this process, in one number."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, TypeAlias, get_args

from pannier.engine.database import Database
from pannier.engine.metrics import dynamodb
from pannier.engine.metrics.point import Point
from pannier.engine.usage import LimitKind
from pannier.errors import UserError

Statistic: TypeAlias = Literal["Sum", "SampleCount", "Average", "Minimum", "Maximum"]

_KEPT_S: Final = 15 * 24 * 3600
_STATISTICS: Final[dict[str, Callable[[Sequence[Point]], float]]] = {
    "Sum": lambda points: sum(point.total for point in points),
    "SampleCount": lambda points: sum(point.count for point in points),
    "Average": lambda points: (
        sum(point.total for point in points) / sum(point.count for point in points)
    ),
    "Minimum": lambda points: min(point.minimum for point in points),
    "Maximum": lambda points: max(point.maximum for point in points),
}
_OF_TABLE: Final = frozenset(
    {
        *dynamodb.CONSUMED.values(),
        dynamodb.FAILED_CONDITIONS,
        *(
            dynamodb.throttle_events(units_of, limit)
            for units_of in ("Read", "Write")
            for limit in ("", *get_args(LimitKind))
        ),
    }
)
_OF_OPERATION: Final = frozenset(
    {
        dynamodb.THROTTLED_REQUESTS,
        dynamodb.LATENCY,
        dynamodb.SYSTEM_ERRORS,
        dynamodb.RETURNED_ITEMS,
    }
)


def metric(
    database: Database,
    name: str,
    table: str | None,
    *,
    index: str | None,
    operation: str | None,
    statistic: Statistic,
) -> float:
    """A statistic of everything that was recorded of a metric; 0 where nothing was.

    Raises:
        UserError: there is no such metric or table, or a dimension of it is missing.
    """
    if statistic not in _STATISTICS:
        raise UserError(f"there is no statistic {statistic!r}", f"Use {_list(_STATISTICS)}.")
    if name in _OF_TABLE:
        wanted = dynamodb.of_table(name, _known(database, table, name), index)
    elif name in _OF_OPERATION:
        if operation is None:
            raise UserError(
                f"{name} is of one operation", 'Name it, e.g. operation="BatchWriteItem".'
            )
        wanted = dynamodb.of_operation(name, _known(database, table, name), operation)
    elif name == dynamodb.USER_ERRORS:
        wanted = dynamodb.of_account(name)
    else:
        known = _list({*_OF_TABLE, *_OF_OPERATION, dynamodb.USER_ERRORS})
        raise UserError(f"there is no metric {name!r}", f"There are: {known}.")
    database.metrics.collect()
    archive = database.metrics.archive
    points = [
        point
        for series in archive.series_of(wanted)
        for _, point in archive.points(
            series, series.newest_s - _KEPT_S, series.newest_s + 1, with_counts=False
        )
    ]
    return _STATISTICS[statistic](points) if points else 0.0


def _known(database: Database, table: str | None, name: str) -> str:
    if table is None:
        raise UserError(f"{name} is of one table", 'Name it, e.g. table="shop".')
    names = list(database.catalog.names())
    if table not in names:
        raise UserError(f"there is no table {table!r}", f"There are: {_list(names) or 'none'}.")
    return table


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
