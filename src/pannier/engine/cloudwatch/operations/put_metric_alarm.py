"""PutMetricAlarm: makes an alarm, or overwrites the configuration of the one of that name.

| rule | evidence |
|---|---|
| a metric with one statistic, or a list of metrics and expressions of which one is watched | service model; one text captured |
| at most 10 metrics in an expression's alarm | CloudWatch User Guide |
| no more than a day is looked at; from periods of an hour on, seven days | CloudWatch User Guide |
| 5,000 alarms | CloudWatch User Guide |
| tags are taken when it is made, and ignored later | service model |

Actions are kept and shown, and never carried out. What an alarm can't be held to here (anomaly
detection, PromQL, windows by the clock on the wall, warm-up) is refused.
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.alarms.evaluation import COMPARISONS, period_of
from pannier.engine.cloudwatch.alarms.register import ALARMS_MAX
from pannier.engine.cloudwatch.errors import LimitExceededError, ValidationError
from pannier.engine.cloudwatch.periods import MINUTE_S
from pannier.engine.cloudwatch.queries import read_queries
from pannier.engine.cloudwatch.statistics import statistic

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

_UNSUPPORTED: Final = (
    "EvaluationCriteria",
    "EvaluationInterval",
    "ThresholdMetricId",
    "WarmUpConfiguration",
)
_OF_ONE_METRIC: Final = (
    "MetricName",
    "Namespace",
    "Dimensions",
    "Period",
    "Unit",
    "Statistic",
    "ExtendedStatistic",
)
_REQUIRED: Final = ("EvaluationPeriods", "Threshold", "ComparisonOperator")
_PERIODS_S: Final = (10, 20, 30)
_METRICS_MAX: Final = 10
_TREATMENTS: Final = ("breaching", "notBreaching", "ignore", "missing")
_LOW_SAMPLES: Final = ("evaluate", "ignore")
_HOUR_S: Final = 3600
_DAY_S: Final = 24 * _HOUR_S
TAGS_MAX: Final = 50


def run(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Make or change an alarm."""
    configuration = {member: value for member, value in request.items() if member != "Tags"}
    configuration.setdefault("ActionsEnabled", True)
    configuration.setdefault("Dimensions", [])
    _check(configuration)
    tags = {each["Key"]: each["Value"] for each in request.get("Tags", ())}
    if len(tags) > TAGS_MAX:
        raise ValidationError(messages.TAGS_MAX.format(limit=TAGS_MAX))
    alarms = cloudwatch.alarms
    with alarms.lock:
        if len(alarms) >= ALARMS_MAX and alarms.find(request["AlarmName"]) is None:
            raise LimitExceededError(messages.ALARMS_MAX.format(limit=ALARMS_MAX))
        alarms.put(configuration, tags)
    return {}


def _check(alarm: dict[str, Any]) -> None:
    if not alarm["AlarmName"].isprintable():
        raise ValidationError(messages.ALARM_NAME)
    for member in _UNSUPPORTED:
        if member in alarm:
            raise ValidationError(messages.ALARM_UNSUPPORTED.format(member=member))
    if "WallClockWindow" in alarm.get("EvaluationWindow", {}):
        raise ValidationError(messages.ALARM_UNSUPPORTED.format(member="WallClockWindow"))
    if ("MetricName" in alarm) == ("Metrics" in alarm):
        raise ValidationError(messages.ALARM_METRIC)
    for member in _REQUIRED:
        if member not in alarm:
            raise ValidationError(messages.REQUIRED.format(path=member))
    if alarm["ComparisonOperator"] not in COMPARISONS:
        raise ValidationError(messages.ALARM_BAND.format(operator=alarm["ComparisonOperator"]))
    if "Metrics" in alarm:
        _check_metrics(alarm)
    else:
        _check_metric(alarm)
    _check_range(alarm)
    _check_options(alarm)


def _check_metric(alarm: Mapping[str, Any]) -> None:
    for member in ("Namespace", "Period"):
        if member not in alarm:
            raise ValidationError(messages.ALARM_REQUIRED.format(member=member))
    if ("Statistic" in alarm) == ("ExtendedStatistic" in alarm):
        raise ValidationError(messages.ALARM_STATISTIC)
    if "ExtendedStatistic" in alarm and statistic(alarm["ExtendedStatistic"]) is None:
        raise ValidationError(messages.NOT_A_STATISTIC.format(path="ExtendedStatistic"))


def _check_metrics(alarm: dict[str, Any]) -> None:
    if not alarm["Dimensions"]:
        del alarm["Dimensions"]
    for member in _OF_ONE_METRIC:
        if member in alarm:
            raise ValidationError(messages.STATISTIC_NEEDLESS.format(member=member))
    queries = read_queries(alarm["Metrics"])
    if sum(query.metric is not None for query in queries) > _METRICS_MAX:
        raise ValidationError(messages.ALARM_METRICS_MAX.format(limit=_METRICS_MAX))
    if sum(query.returned for query in queries) != 1:
        raise ValidationError(messages.ALARM_RETURNS)


def _check_range(alarm: Mapping[str, Any]) -> None:
    period_s = period_of(alarm)
    if period_s not in _PERIODS_S and period_s % MINUTE_S:
        raise ValidationError(messages.ALARM_PERIOD.format(period=period_s))
    days, limit_s = ("a day", _DAY_S) if period_s < _HOUR_S else ("7 days", 7 * _DAY_S)
    if period_s * alarm["EvaluationPeriods"] > limit_s:
        raise ValidationError(messages.ALARM_RANGE.format(days=days, limit=limit_s))
    if alarm.get("DatapointsToAlarm", 1) > alarm["EvaluationPeriods"]:
        raise ValidationError(messages.ALARM_DATAPOINTS)


def _check_options(alarm: Mapping[str, Any]) -> None:
    treatment = alarm.get("TreatMissingData", "missing")
    if treatment not in _TREATMENTS:
        raise ValidationError(messages.ALARM_MISSING_DATA.format(value=treatment))
    low_samples = alarm.get("EvaluateLowSampleCountPercentile", "evaluate")
    if low_samples not in _LOW_SAMPLES:
        raise ValidationError(messages.ALARM_LOW_SAMPLES.format(value=low_samples))
