"""Evaluates one alarm at a time: gets its data points, judges them, words the reason."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from pannier.engine.cloudwatch.alarms.alarm import Alarm, State
from pannier.engine.cloudwatch.alarms.judgement import EXTRA_PERIODS, Judgement, judge
from pannier.engine.cloudwatch.errors import CloudWatchError
from pannier.engine.cloudwatch.periods import MINUTE_S, Span
from pannier.engine.cloudwatch.queries import (
    Results,
    metric_of,
    points_of,
    read_queries,
    values_of,
)
from pannier.engine.cloudwatch.statistics import percentile_of
from pannier.engine.metrics import Metrics

COMPARISONS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanOrEqualToThreshold": (
        lambda value, threshold: value >= threshold,
        "greater than or equal to",
    ),
    "GreaterThanThreshold": (lambda value, threshold: value > threshold, "greater than"),
    "LessThanThreshold": (lambda value, threshold: value < threshold, "less than"),
    "LessThanOrEqualToThreshold": (
        lambda value, threshold: value <= threshold,
        "less than or equal to",
    ),
}

_REASON_MAX: Final = 1023
_SAMPLES_FACTOR: Final = 10
_STOOD_IN: Final = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


class Finding:
    """What an evaluation found.

    Attributes:
        state: the state to be in; None to stay in the one there is.
        reason: why, in words.
        reason_data: why, as JSON.
    """

    __slots__ = ("reason", "reason_data", "state")

    def __init__(self, state: State | None, reason: str, reason_data: str) -> None:
        self.state = state
        self.reason = reason
        self.reason_data = reason_data


def period_of(configuration: Mapping[str, Any]) -> int:
    """The period of an alarm, in seconds: its metric's, or the longest of its metrics'."""
    if "Period" in configuration:
        period_s: int = configuration["Period"]
        return period_s
    periods_s = [
        each["MetricStat"]["Period"] if "MetricStat" in each else each.get("Period", 0)
        for each in configuration["Metrics"]
    ]
    return max(periods_s) or MINUTE_S


def evaluate(metrics: Metrics, alarm: Alarm, at_s: int) -> Finding:
    """Evaluate an alarm at a time, by the periods that end there.

    Args:
        metrics: everything recorded so far was collected.
        alarm: the alarm.
        at_s: the time, in seconds since 1970.
    """
    configuration = alarm.configuration
    period_s = period_of(configuration)
    periods: int = configuration["EvaluationPeriods"]
    start_s = at_s - (periods + EXTRA_PERIODS) * period_s
    span = Span(start_s, at_s, period_s)
    try:
        values = _values(metrics, configuration, span)
    except CloudWatchError as error:
        return Finding("INSUFFICIENT_DATA", error.message[:_REASON_MAX], "{}")
    breaches, _ = COMPARISONS[configuration["ComparisonOperator"]]
    threshold: float = configuration["Threshold"]
    breaching = [
        breaches(values[time_s], threshold) if time_s in values else None for time_s in span.times()
    ]
    datapoints = configuration.get("DatapointsToAlarm", periods)
    treat_missing = configuration.get("TreatMissingData", "missing")
    judgement = judge(breaching, periods, datapoints, treat_missing)
    if judgement.state == "ALARM" and _samples_are_too_few(metrics, configuration, span):
        judgement = Judgement(None, judgement.evaluated, judgement.missing)
    times = [span.times()[position] for position in judgement.evaluated]
    evaluated = [(time_s, values[time_s]) for time_s in times]
    return Finding(
        judgement.state,
        _reason(configuration, judgement, evaluated, treat_missing)[:_REASON_MAX],
        _reason_data(configuration, evaluated, at_s, period_s),
    )


def _values(metrics: Metrics, configuration: Mapping[str, Any], span: Span) -> Mapping[int, float]:
    if "MetricName" in configuration:
        stat = configuration.get("Statistic") or configuration["ExtendedStatistic"]
        unit = configuration.get("Unit")
        return values_of(metrics, metric_of(configuration), span, stat, unit)
    queries = read_queries(configuration["Metrics"])
    results = Results(metrics, queries, span.start_s, span.stop_s)
    (returned,) = (query for query in queries if query.returned)
    found = results.of(returned)
    return found[0].values if len(found) == 1 else {}


def _samples_are_too_few(metrics: Metrics, configuration: Mapping[str, Any], span: Span) -> bool:
    """Whether an alarm shall wait until a percentile has samples enough (User Guide)."""
    if configuration.get("EvaluateLowSampleCountPercentile") != "ignore":
        return False
    percent = percentile_of(configuration.get("ExtendedStatistic", ""))
    if percent is None:
        return False
    share = percent / 100
    rest = 1 - share if share >= 0.5 else share
    points = points_of(
        metrics, metric_of(configuration), span, configuration.get("Unit"), with_counts=False
    )
    samples = sum(point.count for point in points.values())
    return rest <= 0 or samples < _SAMPLES_FACTOR / rest


def _reason(
    configuration: Mapping[str, Any],
    judgement: Judgement,
    evaluated: list[tuple[int, float]],
    treat_missing: str,
) -> str:
    _, words = COMPARISONS[configuration["ComparisonOperator"]]
    threshold = f"the threshold ({configuration['Threshold']})"
    periods = configuration["EvaluationPeriods"]
    datapoints = configuration.get("DatapointsToAlarm", periods)
    missing = judgement.missing
    if not evaluated:
        if judgement.state == "INSUFFICIENT_DATA" or treat_missing not in _STOOD_IN:
            return f"Insufficient Data: {_counted(missing, 'datapoint')} {_were(missing)} unknown."
        return (
            f"Threshold Crossed: no datapoints were received for {_counted(periods, 'period')} and "
            f"{_counted(missing, 'missing datapoint')} {_were(missing)} treated as "
            f"[{_STOOD_IN[treat_missing]}]."
        )
    shown = ", ".join(f"{value} ({_day(time_s)})" for time_s, value in reversed(evaluated))
    if judgement.state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(missing, 'datapoint')} {_were(missing)} unknown."
    if judgement.state == "ALARM":
        breaching = _breaching(configuration, evaluated)
        return (
            f"Threshold Crossed: {breaching} out of the last {len(evaluated)} datapoints [{shown}] "
            f"{_were(breaching)} {words} {threshold} (minimum "
            f"{_counted(datapoints, 'datapoint')} for OK -> ALARM transition)."
        )
    return (
        f"Threshold Crossed: {_counted(len(evaluated), 'datapoint')} [{shown}] "
        f"{_were(len(evaluated))} not {words} {threshold}."
    )


def _breaching(configuration: Mapping[str, Any], evaluated: list[tuple[int, float]]) -> int:
    breaches, _ = COMPARISONS[configuration["ComparisonOperator"]]
    return sum(breaches(value, configuration["Threshold"]) for _, value in evaluated)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _day(time_s: int) -> str:
    return f"{datetime.fromtimestamp(time_s, UTC):%d/%m/%y %H:%M:%S}"


def _reason_data(
    configuration: Mapping[str, Any], evaluated: list[tuple[int, float]], at_s: int, period_s: int
) -> str:
    data: dict[str, Any] = {"version": "1.0", "queryDate": stamp(at_s)}
    if evaluated:
        data["startDate"] = stamp(evaluated[0][0])
    statistic = configuration.get("Statistic") or configuration.get("ExtendedStatistic")
    if statistic:
        data["statistic"] = statistic
    data |= {
        "period": period_s,
        "recentDatapoints": [value for _, value in evaluated],
        "threshold": configuration["Threshold"],
        "evaluatedDatapoints": [
            {"timestamp": stamp(time_s), "value": value} for time_s, value in reversed(evaluated)
        ],
    }
    return orjson.dumps(data).decode()


def stamp(time_s: float) -> str:
    """A time as CloudWatch's own JSON has it."""
    moment = datetime.fromtimestamp(time_s, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
