"""The functions of metric math.

Source: CloudWatch User Guide, "Functions supported for metric math". What is not said there: MIN,
MAX and STDDEV over an array look at the values that there are; FILL leaves open what lies before
the first value (REPEAT) or outside the values (LINEAR), and fills in nothing that lies ahead.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import Final, TypeAlias

from pannier.engine.cloudwatch.expressions.expression_error import ExpressionError
from pannier.engine.cloudwatch.expressions.values import (
    Scope,
    TimeSeries,
    Value,
    map_values,
)

Argument: TypeAlias = Value | str

_UNSUPPORTED: Final = frozenset(
    (
        "ANOMALY_DETECTION_BAND",
        "DB_PERF_INSIGHTS",
        "INSIGHT_RULE_METRIC",
        "LAMBDA",
        "SEARCH",
        "SERVICE_QUOTA",
    )
)


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        run: computes it.
        arguments: how many it takes, at least and at most.
        words: what may stand as an argument for itself.
    """

    run: Callable[[Scope, list[Argument]], Value]
    arguments: tuple[int, int] = (1, 1)
    words: frozenset[str] = frozenset()


def unknown(function: str) -> str:
    """What is said about a function that there is not."""
    if function in _UNSUPPORTED:
        return f"{function} is not supported by this engine"
    if function.upper() in FUNCTIONS:
        return f"functions are written in capitals: {function.upper()}"
    return f"there is no function {function}; there are {', '.join(sorted(FUNCTIONS))}"


# Arguments of the right kind


def _series(argument: Argument) -> TimeSeries:
    if not isinstance(argument, TimeSeries):
        raise ExpressionError("a single time series is needed")
    return argument


def _array(argument: Argument) -> list[TimeSeries]:
    if isinstance(argument, TimeSeries):
        return [argument]
    if not isinstance(argument, list):
        raise ExpressionError("an array of time series is needed")
    return argument


def _number(argument: Argument) -> float:
    if not isinstance(argument, float):
        raise ExpressionError("a number is needed")
    return argument


def _value(argument: Argument) -> Value:
    if isinstance(argument, str):
        raise ExpressionError(f"a text can't stand here: {argument!r}")
    return argument


def _each(
    change: Callable[[TimeSeries], TimeSeries],
) -> Callable[[Scope, list[Argument]], Value]:
    """A function of a time series that takes arrays as well."""

    def run(_: Scope, arguments: list[Argument]) -> Value:
        argument = arguments[0]
        if isinstance(argument, list):
            return [change(each) for each in argument]
        return change(_series(argument))

    return run


def _by_value(function: Callable[[float], float]) -> Callable[[Scope, list[Argument]], Value]:
    return lambda _, arguments: map_values(_value(arguments[0]), function)


# Sums, means, bounds


def _average(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _least(values: list[float]) -> float:
    return min(values, default=math.nan)


def _greatest(values: list[float]) -> float:
    return max(values, default=math.nan)


def _deviation(values: list[float]) -> float:
    if not values:
        return math.nan
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((each - mean) ** 2 for each in values) / len(values))


_SORTS: Final = {"AVG": _average, "MAX": _greatest, "MIN": _least, "SUM": math.fsum}


def _aggregate(
    function: Callable[[list[float]], float], *, with_zeros: bool = False
) -> Callable[[Scope, list[Argument]], Value]:
    """Of one time series a number; of an array a time series.

    Args:
        function: what it computes.
        with_zeros: whether values that are missing from some series of an array count as 0.
    """

    def run(scope: Scope, arguments: list[Argument]) -> Value:
        argument = _value(arguments[0])
        if isinstance(argument, float):
            return argument
        if isinstance(argument, TimeSeries):
            return float(function(list(argument.values.values())))
        values: dict[int, list[float]] = {}
        for series in argument:
            for time_s, each in series.values.items():
                values.setdefault(time_s, []).append(each)
        if with_zeros:
            for each_time in values.values():
                each_time += [0.0] * (len(argument) - len(each_time))
        span = argument[0].span if argument else scope.span
        return TimeSeries({}, span).with_values(
            {time_s: function(values[time_s]) for time_s in sorted(values)}
        )

    return run


# Changes over time


def _rate(series: TimeSeries) -> TimeSeries:
    return series.with_values(
        {
            time_s: (value - before) / (time_s - before_s)
            for (before_s, before), (time_s, value) in pairwise(series.values.items())
        }
    )


def _difference(series: TimeSeries) -> TimeSeries:
    pairs = pairwise(series.values.items())
    return series.with_values({time_s: value - before for (_, before), (time_s, value) in pairs})


def _time_difference(series: TimeSeries) -> TimeSeries:
    pairs = pairwise(series.values)
    return series.with_values({time_s: time_s - before_s for before_s, time_s in pairs})


def _running_sum(series: TimeSeries) -> TimeSeries:
    return series.with_values(
        dict(zip(series.values, accumulate(series.values.values()), strict=True))
    )


# What is missing


def _fill(scope: Scope, arguments: list[Argument]) -> Value:
    filler = arguments[1]
    if isinstance(filler, list) or (isinstance(filler, str) and filler not in _FILLERS):
        raise ExpressionError("FILL takes a number, a time series, REPEAT or LINEAR")

    def filled(series: TimeSeries) -> TimeSeries:
        values = series.values
        filling = _filling(filler, series)
        return series.with_values(
            {
                time_s: values[time_s] if time_s in values else filling(time_s)
                for time_s in sorted({*scope.grid(series.span), *values})
            }
        )

    return _each(filled)(scope, arguments[:1])


_FILLERS: Final = frozenset(("REPEAT", "LINEAR"))


def _filling(filler: Argument, series: TimeSeries) -> Callable[[int], float]:
    """What takes the place of a missing value, by its time; NaN for nothing."""
    if isinstance(filler, float):
        return lambda _: filler
    if isinstance(filler, TimeSeries):
        return lambda time_s: filler.values.get(time_s, math.nan)
    times, values = list(series.values), list(series.values.values())

    def between(time_s: int) -> float:
        position = bisect_right(times, time_s)
        if position == 0:
            return math.nan
        before = values[position - 1]
        if filler == "REPEAT":
            return before
        if position == len(times):
            return math.nan
        share = (time_s - times[position - 1]) / (times[position] - times[position - 1])
        return before + (values[position] - before) * share

    return between


def _if(scope: Scope, arguments: list[Argument]) -> Value:
    condition = _value(arguments[0])
    then = _value(arguments[1])
    other = _value(arguments[2]) if len(arguments) > 2 else None
    if isinstance(condition, float):
        chosen = then if condition else other
        return TimeSeries({}, scope.span) if chosen is None else chosen
    if isinstance(condition, list) or isinstance(then, list) or isinstance(other, list):
        raise ExpressionError("IF takes single time series and numbers, no arrays")
    values = {}
    for time_s, each in condition.values.items():
        if each:
            values[time_s] = _at(then, time_s, 0.0)
        elif other is not None:
            values[time_s] = _at(other, time_s, math.nan)
    return condition.with_values(values)


def _at(value: float | TimeSeries, time_s: int, missing: float) -> float:
    return value if isinstance(value, float) else value.values.get(time_s, missing)


def _time_series(scope: Scope, arguments: list[Argument]) -> Value:
    number = _number(arguments[0])
    return TimeSeries({}, scope.span).with_values(dict.fromkeys(scope.grid(scope.span), number))


def _clock(part: Callable[[datetime], float]) -> Callable[[Scope, list[Argument]], Value]:
    def run(scope: Scope, arguments: list[Argument]) -> Value:
        series = _series(arguments[0])
        return series.with_values(
            {
                time_s: part(datetime.fromtimestamp(time_s, UTC))
                for time_s in scope.grid(series.span)
            }
        )

    return run


# Arrays


def _metrics(scope: Scope, arguments: list[Argument]) -> Value:
    wanted = arguments[0] if arguments else ""
    if not isinstance(wanted, str):
        raise ExpressionError("METRICS takes a text that the wanted ids contain")
    return [series for name, series in scope.metrics.items() if wanted in name]


def _sort(_: Scope, arguments: list[Argument]) -> Value:
    by, order = arguments[1], arguments[2]
    if not isinstance(by, str) or by not in _SORTS or order not in ("ASC", "DESC"):
        raise ExpressionError("SORT takes an array, AVG, MIN, MAX or SUM, and ASC or DESC")
    function = _SORTS[by]

    def key(series: TimeSeries) -> float:
        number = function(list(series.values.values()))
        return -math.inf if math.isnan(number) else number

    in_order = sorted(_array(arguments[0]), key=key, reverse=order == "DESC")
    return in_order[: _position(arguments[3])] if len(arguments) > 3 else in_order


def _slice(_: Scope, arguments: list[Argument]) -> Value:
    stop = _position(arguments[2]) if len(arguments) > 2 else None
    return _array(arguments[0])[_position(arguments[1]) : stop]


def _position(argument: Argument) -> int:
    number = _number(argument)
    if not math.isfinite(number) or number < 0:
        raise ExpressionError("a position in an array is a number from 0")
    return int(number)


def _end(position: int) -> Callable[[Scope, list[Argument]], Value]:
    def run(scope: Scope, arguments: list[Argument]) -> Value:
        array = _array(arguments[0])
        return array[position] if array else TimeSeries({}, scope.span)

    return run


def _period(_: Scope, arguments: list[Argument]) -> Value:
    series = _series(arguments[0])
    if not series.is_metric:
        raise ExpressionError("PERIOD takes a metric, no result of an expression")
    return float(series.span.period_s)


def _words(*words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for each in words for word in each)


FUNCTIONS: Final[dict[str, Function]] = {
    "ABS": Function(_by_value(abs)),
    "AVG": Function(_aggregate(_average, with_zeros=True)),
    "CEIL": Function(_by_value(math.ceil)),
    "DATAPOINT_COUNT": Function(_aggregate(len)),
    "DATE": Function(_clock(lambda time: time.day)),
    "DAY": Function(_clock(lambda time: time.isoweekday())),
    "DIFF": Function(_each(_difference)),
    "DIFF_TIME": Function(_each(_time_difference)),
    "EPOCH": Function(_clock(lambda time: time.timestamp())),
    "FILL": Function(_fill, (2, 2), _FILLERS),
    "FIRST": Function(_end(0)),
    "FLOOR": Function(_by_value(math.floor)),
    "HOUR": Function(_clock(lambda time: time.hour)),
    "IF": Function(_if, (2, 3)),
    "LAST": Function(_end(-1)),
    "LOG": Function(_by_value(math.log)),
    "LOG10": Function(_by_value(math.log10)),
    "MAX": Function(_aggregate(_greatest)),
    "METRICS": Function(_metrics, (0, 1)),
    "METRIC_COUNT": Function(lambda _, arguments: float(len(_array(arguments[0])))),
    "MIN": Function(_aggregate(_least)),
    "MINUTE": Function(_clock(lambda time: time.minute)),
    "MONTH": Function(_clock(lambda time: time.month)),
    "PERIOD": Function(_period),
    "RATE": Function(_each(_rate)),
    "REMOVE_EMPTY": Function(
        lambda _, arguments: [each for each in _array(arguments[0]) if each.values]
    ),
    "RUNNING_SUM": Function(_each(_running_sum)),
    "SLICE": Function(_slice, (2, 3)),
    "SORT": Function(_sort, (3, 4), _words(_SORTS, ("ASC", "DESC"))),
    "STDDEV": Function(_aggregate(_deviation)),
    "SUM": Function(_aggregate(math.fsum)),
    "TIME_SERIES": Function(_time_series),
    "YEAR": Function(_clock(lambda time: time.year)),
}
