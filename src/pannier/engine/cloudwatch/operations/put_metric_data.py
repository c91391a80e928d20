"""PutMetricData: samples of a client's own.

| rule | evidence |
|---|---|
| 1,000 data a call, 150 values in one, 30 dimensions | service model |
| values from -2^360 to 2^360, no NaN | service model |
| times from two weeks ago to two hours ahead | service model; text captured |
| one of Value, StatisticValues and Values; Counts are as many as Values | texts captured, but the last |
| namespaces that begin with AWS/ belong to AWS | service model, which only advises against them |
| a second or a minute is the time of all its samples, by StorageResolution | service model |

All or nothing is taken. Data is there for queries as soon as the call is answered.
"""  # noqa: E501  # a table's row can't be wrapped

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.errors import (
    CloudWatchError,
    InvalidParameterCombinationError,
    InvalidParameterValueError,
    LimitExceededError,
    MissingParameterError,
)
from pannier.engine.cloudwatch.queries import metric_of
from pannier.engine.metrics.archive import Sample, TooManySeriesError
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.series import SERIES_MAX

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

_DATA_MAX: Final = 1000
_VALUES_MAX: Final = 150
_VALUE_MAX: Final = 2.0**360
_PAST_S_MAX: Final = 14 * 24 * 3600
_AHEAD_S_MAX: Final = 2 * 3600
_RESOLUTIONS_S: Final = (1, 60)
_KINDS: Final = ("Value", "StatisticValues", "Values")


def run(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Take samples."""
    if "EntityMetricData" in request:
        raise InvalidParameterCombinationError(messages.ENTITIES_UNSUPPORTED)
    data = request.get("MetricData", [])
    if not data:
        raise MissingParameterError(messages.REQUIRED.format(path="MetricData"))
    if len(data) > _DATA_MAX:
        text = messages.TOO_MANY.format(path="MetricData", limit=_DATA_MAX)
        raise InvalidParameterValueError(text)
    namespace: str = request["Namespace"]
    if namespace.startswith("AWS/"):
        raise _invalid(namespace, "Namespace")
    now_s = cloudwatch.metrics.clock()
    samples = [
        _sample(namespace, datum, f"MetricData.member.{number}", now_s)
        for number, datum in enumerate(data, start=1)
    ]
    try:
        cloudwatch.metrics.archive.publish(samples)
    except TooManySeriesError:
        raise LimitExceededError(messages.SERIES_MAX.format(limit=SERIES_MAX)) from None
    return {}


def _sample(namespace: str, datum: Mapping[str, Any], path: str, now_s: float) -> Sample:
    names = [each["Name"] for each in datum.get("Dimensions", ())]
    if len(set(names)) != len(names):
        raise _invalid(", ".join(names), f"{path}.Dimensions")
    resolution_s = datum.get("StorageResolution", 60)
    if resolution_s not in _RESOLUTIONS_S:
        raise _invalid(resolution_s, f"{path}.StorageResolution")
    time_s = datum.get("Timestamp", now_s)
    if time_s < now_s - _PAST_S_MAX:
        raise InvalidParameterValueError(messages.TOO_OLD.format(path=f"{path}.Timestamp"))
    if time_s > now_s + _AHEAD_S_MAX:
        raise InvalidParameterValueError(messages.TOO_NEW.format(path=f"{path}.Timestamp"))
    start_s = int(time_s // resolution_s) * resolution_s
    metric = metric_of({"Namespace": namespace, **datum})
    return metric, datum.get("Unit", "None"), start_s, _point(datum, path)


def _point(datum: Mapping[str, Any], path: str) -> Point:
    given = [kind for kind in _KINDS if kind in datum]
    if not given:
        raise InvalidParameterCombinationError(messages.NO_VALUE.format(path=path))
    if len(given) > 1:
        text = messages.TWO_VALUES.format(path=path, first=given[0], second=given[1])
        raise InvalidParameterCombinationError(text)
    if "Counts" in datum and "Values" not in datum:
        raise InvalidParameterCombinationError(messages.COUNTS_NEEDLESS.format(path=path))
    for name, value in _numbers(datum):
        if not math.isfinite(value) or abs(value) > _VALUE_MAX:
            raise _invalid(value, f"{path}.{name}")
    if "Value" in datum:
        return Point.of_counts({datum["Value"]: 1})
    if "Values" in datum:
        return _counted(datum["Values"], datum.get("Counts"), path)
    return _summed(datum["StatisticValues"], f"{path}.StatisticValues")


def _numbers(datum: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    if "Value" in datum:
        yield "Value", datum["Value"]
    for name in ("Values", "Counts"):
        for number, value in enumerate(datum.get(name, ()), start=1):
            yield f"{name}.member.{number}", value
    for name, value in datum.get("StatisticValues", {}).items():
        yield f"StatisticValues.{name}", value


def _counted(values: list[float], counts: list[float] | None, path: str) -> Point:
    if not values:
        raise InvalidParameterCombinationError(messages.NO_VALUE.format(path=path))
    if len(values) > _VALUES_MAX:
        text = messages.TOO_MANY.format(path=f"{path}.Values", limit=_VALUES_MAX)
        raise InvalidParameterValueError(text)
    if counts is None:
        counts = [1.0] * len(values)
    if len(counts) != len(values):
        raise InvalidParameterValueError(messages.COUNTS_LENGTH.format(path=path))
    by_value: dict[float, float] = {}
    for number, (value, count) in enumerate(zip(values, counts, strict=True), start=1):
        if count <= 0:
            raise _invalid(count, f"{path}.Counts.member.{number}")
        whole = int(count) if count.is_integer() else count  # which takes less room
        by_value[value] = by_value.get(value, 0) + whole
    return Point.of_counts(by_value)


def _summed(given: Mapping[str, float], path: str) -> Point:
    count, total = given["SampleCount"], given["Sum"]
    least, greatest = given["Minimum"], given["Maximum"]
    if count <= 0:
        raise _invalid(count, f"{path}.SampleCount")
    if least > greatest:
        raise _invalid(least, f"{path}.Minimum")
    # All samples alike: then their counts are known (service model).
    alike = least == greatest and math.isclose(total, least * count)
    return Point(count, total, least, greatest, {least: count} if alike else None)


def _invalid(value: object, path: str) -> CloudWatchError:
    return InvalidParameterValueError(messages.INVALID_VALUE.format(value=value, path=path))
