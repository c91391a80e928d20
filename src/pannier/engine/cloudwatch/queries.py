"""What the queries of a GetMetricData request, or of an alarm, stand for: time series.

Each query is a metric with a statistic, or an expression over the others, which may be expressions
themselves. A result is computed when it is first needed, and once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.errors import ValidationError
from pannier.engine.cloudwatch.expressions import (
    Evaluation,
    ExpressionError,
    Scope,
    TimeSeries,
    parse,
)
from pannier.engine.cloudwatch.expressions.tree import Node
from pannier.engine.cloudwatch.expressions.values import Value
from pannier.engine.cloudwatch.periods import MINUTE_S, Span, buckets, is_period
from pannier.engine.cloudwatch.statistics import is_simple, statistic
from pannier.engine.metrics import Metrics
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.series import Metric, dimensions_of

_ID: Final = re.compile(r"[a-z][A-Za-z0-9_]*")
_NESTED_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Query:
    """One query.

    Attributes:
        id: what expressions call it.
        label: what answers call it.
        period_s: how long its periods are; None where the metrics of its expression say so.
        metric: its metric, or None for an expression.
        stat: the metric's statistic.
        unit: the metric's unit, or None for any.
        tree: its expression, or None for a metric.
        returned: whether it is answered.
    """

    id: str
    label: str
    period_s: int | None
    metric: Metric | None = None
    stat: str = ""
    unit: str | None = None
    tree: Node | None = None
    returned: bool = True


def read_queries(requested: Sequence[Mapping[str, Any]]) -> list[Query]:
    """The queries of a request.

    Raises:
        ValidationError: one is malformed.
    """
    queries: dict[str, Query] = {}
    for number, each in enumerate(requested, start=1):
        name: str = each["Id"]
        if not _ID.fullmatch(name):
            raise ValidationError(messages.QUERY_ID.format(number=number, id=name))
        if name in queries:
            raise ValidationError(messages.QUERY_ID_TWICE.format(id=name))
        if ("MetricStat" in each) == ("Expression" in each):
            raise ValidationError(messages.QUERY_EITHER.format(id=name))
        path = f"MetricDataQueries.member.{number}"
        _check_period(each.get("Period"), f"{path}.Period")
        if "MetricStat" in each:
            queries[name] = _metric_query(each, path, number)
        else:
            queries[name] = _expression_query(each)
    return list(queries.values())


def metric_of(described: Mapping[str, Any]) -> Metric:
    """The metric that a request describes by `Namespace`, `MetricName` and `Dimensions`."""
    pairs = ((each["Name"], each["Value"]) for each in described.get("Dimensions", ()))
    return Metric(described["Namespace"], described["MetricName"], dimensions_of(pairs))


def _metric_query(each: Mapping[str, Any], path: str, number: int) -> Query:
    stat = each["MetricStat"]
    described = stat["Metric"]
    if "Namespace" not in described or "MetricName" not in described:
        raise ValidationError(messages.QUERY_PARTS.format(number=number))
    _check_period(stat["Period"], f"{path}.MetricStat.Period")
    if statistic(stat["Stat"]) is None:
        text = messages.NOT_A_STATISTIC.format(path=f"{path}.MetricStat.Stat")
        raise ValidationError(text)
    return Query(
        each["Id"],
        each.get("Label", described["MetricName"]),
        stat["Period"],
        metric=metric_of(described),
        stat=stat["Stat"],
        unit=stat.get("Unit"),
        returned=each.get("ReturnData", True),
    )


def _expression_query(each: Mapping[str, Any]) -> Query:
    try:
        tree = parse(each["Expression"])
    except ExpressionError as error:
        raise _refused(each["Id"], error) from None
    return Query(
        each["Id"],
        each.get("Label", each["Id"]),
        each.get("Period"),
        tree=tree,
        returned=each.get("ReturnData", True),
    )


def _check_period(period_s: int | None, path: str) -> None:
    if period_s is not None and not is_period(period_s):
        raise ValidationError(messages.NOT_PERIOD.format(path=path, value=period_s))


def _refused(name: str, error: ExpressionError) -> ValidationError:
    if error.position is not None:
        text = messages.SYNTAX.format(id=name, position=f"(1,{error.position})", what=error.what)
    else:
        text = messages.EXPRESSION.format(id=name, what=error.what)
    return ValidationError(text)


class Results:
    """The time series of queries between two times.

    Args:
        metrics: everything recorded so far was collected.
        queries: the queries.
        start_s: where the first periods begin, in seconds since 1970; rounded down.
        end_s: where the last ends.
    """

    def __init__(
        self, metrics: Metrics, queries: Sequence[Query], start_s: float, end_s: float
    ) -> None:
        self._metrics = metrics
        self._queries = queries
        self._times = (start_s, end_s)
        self._known: dict[str, Value] = {}
        self._under_way: set[str] = set()
        self._names: dict[str, Callable[[], Value]] = {
            query.id: partial(self._value, query) for query in queries
        }

    def of(self, query: Query) -> list[TimeSeries]:
        """The time series that a query stands for, each with its label.

        Raises:
            ValidationError: its expression can't be evaluated.
        """
        value = self._value(query)
        if isinstance(value, list):
            prefix = f"{query.label} " if query.label else ""
            return [
                TimeSeries(each.values, each.span, prefix + (each.label or str(number)))
                for number, each in enumerate(value, start=1)
            ]
        assert isinstance(value, TimeSeries)  # a number is refused
        return [TimeSeries(value.values, value.span, query.label)]

    def _value(self, query: Query) -> Value:
        known = self._known.get(query.id)
        if known is None:
            known = self._known[query.id] = self._computed(query)
        return known

    def _computed(self, query: Query) -> Value:
        if query.metric is not None:
            return self._metric(query)
        if query.id in self._under_way or len(self._under_way) > _NESTED_MAX:
            raise _refused(query.id, ExpressionError("it depends on itself, or on too many others"))
        self._under_way.add(query.id)
        try:
            assert query.tree is not None
            return Evaluation(self._scope(query), self._names).result(query.tree)
        except ExpressionError as error:
            raise _refused(query.id, error) from None
        finally:
            self._under_way.discard(query.id)

    def _scope(self, query: Query) -> Scope:
        metrics = {each.id: self._metric_value(each) for each in self._queries if each.metric}
        periods_s = [each.period_s for each in self._queries if each.metric and each.period_s]
        period_s = query.period_s or max(periods_s, default=MINUTE_S)
        return Scope(metrics, Span.of(*self._times, period_s), self._metrics.clock())

    def _metric_value(self, query: Query) -> TimeSeries:
        value = self._value(query)
        assert isinstance(value, TimeSeries)
        return value

    def _metric(self, query: Query) -> TimeSeries:
        assert query.metric is not None
        assert query.period_s is not None
        span = Span.of(*self._times, query.period_s)
        values = values_of(self._metrics, query.metric, span, query.stat, query.unit)
        return TimeSeries(values, span, query.label, is_metric=True)


def values_of(
    metrics: Metrics, metric: Metric, span: Span, stat: str, unit: str | None = None
) -> dict[int, float]:
    """A statistic of a metric in each period that has samples, in order of time.

    Args:
        metrics: everything recorded so far was collected.
        metric: the metric.
        span: the periods.
        stat: the statistic's name; it is one.
        unit: only samples in this unit; None takes all of them together.
    """
    points = points_of(metrics, metric, span, unit, with_counts=not is_simple(stat))
    compute = statistic(stat)
    assert compute is not None
    computed = ((time_s, compute(points[time_s])) for time_s in sorted(points))
    return {time_s: value for time_s, value in computed if value is not None}


def points_of(
    metrics: Metrics, metric: Metric, span: Span, unit: str | None, *, with_counts: bool
) -> dict[int, Point]:
    """The samples of a metric in each period, in all units together."""
    together: dict[int, Point] = {}
    found = buckets(metrics, metric, span, unit=unit, with_counts=with_counts)
    for points in found.values():
        for time_s, point in points.items():
            if time_s in together:
                together[time_s].add(point)
            else:
                together[time_s] = point
    return together
