"""GetMetricStatistics: statistics of one metric, at most 1,440 data points.

Order of checks: what the model says; the times; the period; the statistics; the number of data
points. Data in several units comes apart, each data point with its unit.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.errors import (
    InvalidParameterCombinationError,
    InvalidParameterValueError,
    MissingParameterError,
)
from pannier.engine.cloudwatch.periods import Span, buckets, is_period
from pannier.engine.cloudwatch.queries import metric_of
from pannier.engine.cloudwatch.statistics import SIMPLE, statistic
from pannier.engine.metrics.point import Point

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

_DATAPOINTS_MAX: Final = 1440


def run(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Compute statistics."""
    span = _span(request)
    extended = request.get("ExtendedStatistics", [])
    metrics = cloudwatch.metrics
    metrics.collect()
    found = buckets(
        metrics,
        metric_of(request),
        span,
        unit=request.get("Unit"),
        with_counts=any(each not in SIMPLE for each in extended),
    )
    datapoints = [
        {
            "Timestamp": float(time_s),
            "Unit": unit,
            **_simple(point, request.get("Statistics", ())),
            **_extended(point, extended),
        }
        for unit, points in found.items()
        for time_s, point in points.items()
    ]
    datapoints.sort(key=lambda each: each["Timestamp"])
    return {"Label": request["MetricName"], "Datapoints": datapoints}


def _span(request: Mapping[str, Any]) -> Span:
    start_s, end_s, period_s = request["StartTime"], request["EndTime"], request["Period"]
    if start_s == end_s:
        raise InvalidParameterValueError(messages.TIMES_EQUAL)
    if start_s > end_s:
        raise InvalidParameterValueError(messages.TIMES_REVERSED)
    if not is_period(period_s):
        raise InvalidParameterValueError(messages.NOT_PERIOD.format(path="Period", value=period_s))
    if "Statistics" in request and "ExtendedStatistics" in request:
        raise InvalidParameterCombinationError(messages.STATISTICS_BOTH)
    if "Statistics" not in request and "ExtendedStatistics" not in request:
        raise MissingParameterError(messages.STATISTICS_MISSING)
    for number, name in enumerate(request.get("ExtendedStatistics", ()), start=1):
        if statistic(name) is None:
            path = f"ExtendedStatistics.member.{number}"
            raise InvalidParameterValueError(messages.INVALID_VALUE.format(value=name, path=path))
    span = Span.of(start_s, end_s, period_s)
    if span.count > _DATAPOINTS_MAX:
        raise InvalidParameterCombinationError(
            messages.DATAPOINTS.format(count=span.count, limit=_DATAPOINTS_MAX)
        )
    return span


def _simple(point: Point, names: list[str]) -> dict[str, float]:
    values = {name: SIMPLE[name](point) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _extended(point: Point, names: list[str]) -> dict[str, Any]:
    values = {}
    for name in names:
        compute = statistic(name)
        assert compute is not None
        value = compute(point)
        if value is not None:
            values[name] = value
    return {"ExtendedStatistics": values} if values else {}
