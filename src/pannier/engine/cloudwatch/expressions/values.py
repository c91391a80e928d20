"""What expressions compute with: numbers, time series, and arrays of them.

| rule | evidence |
|---|---|
| between two time series a missing value counts as 0 | User Guide, "Basic arithmetic functions" |
| where a division by zero would come out, the data point is dropped | the same |
| comparisons and logical operators give 0 or 1 | User Guide, "Comparison and logical operators" |

A number that can't be computed is NaN; a data point with one is dropped.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pannier.engine.cloudwatch.expressions.expression_error import ExpressionError
from pannier.engine.cloudwatch.periods import Span

GRID_MAX: Final = 100_800


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """Values over time.

    Attributes:
        values: finite, by seconds since 1970, in ascending order of time.
        span: the periods.
        label: what it is called, if it is shown among others.
        is_metric: whether it is data as it was kept, and no result.
    """

    values: Mapping[int, float]
    span: Span
    label: str = ""
    is_metric: bool = False

    def with_values(self, values: Mapping[int, float]) -> "TimeSeries":
        """Another series of the same periods and label; values that are no numbers are dropped."""
        kept = {time_s: each for time_s, each in values.items() if math.isfinite(each)}
        return TimeSeries(kept, self.span, self.label)


Value: TypeAlias = float | TimeSeries | list[TimeSeries]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can see.

    Attributes:
        metrics: all metrics of the request, by their id.
        span: the periods of the expression's own series.
        now_s: nothing is filled in after this time, in seconds since 1970.
    """

    metrics: Mapping[str, TimeSeries]
    span: Span
    now_s: float

    def grid(self, span: Span) -> list[int]:
        """Where each period begins, as far as it has begun.

        Raises:
            ExpressionError: there are too many.
        """
        if span.count > GRID_MAX:
            raise ExpressionError(f"it would fill in more than {GRID_MAX:,} data points")
        return [time_s for time_s in span.times() if time_s <= self.now_s]


def map_values(value: Value, function: Callable[[float], float]) -> Value:
    """Apply a function to each number."""
    if isinstance(value, list):
        return [_mapped(each, function) for each in value]
    if isinstance(value, TimeSeries):
        return _mapped(value, function)
    return _computed(function, value)


def combine(operator: str, left: Value, right: Value) -> Value:
    """Apply an operator to two values, of which one may be an array.

    Raises:
        ExpressionError: both are.
    """
    if isinstance(left, list):
        if isinstance(right, list):
            raise ExpressionError(f"{operator} can't be applied to two arrays of time series")
        return [_pair(operator, each, right) for each in left]
    if isinstance(right, list):
        return [_pair(operator, left, each, labelled=each) for each in right]
    if isinstance(left, TimeSeries) or isinstance(right, TimeSeries):
        return _pair(operator, left, right)
    return _computed(_OPERATORS[operator], left, right)


def _pair(
    operator: str,
    left: float | TimeSeries,
    right: float | TimeSeries,
    labelled: TimeSeries | None = None,
) -> TimeSeries:
    function = _OPERATORS[operator]
    if not isinstance(left, TimeSeries):
        assert isinstance(right, TimeSeries)  # one of them is
        return _mapped(right, lambda each: function(left, each))
    if not isinstance(right, TimeSeries):
        return _mapped(left, lambda each: function(each, right))
    values = {
        time_s: _computed(function, left.values.get(time_s, 0.0), right.values.get(time_s, 0.0))
        for time_s in sorted({*left.values, *right.values})
    }
    return (labelled or left).with_values(values)


def _mapped(series: TimeSeries, function: Callable[[float], float]) -> TimeSeries:
    return series.with_values(
        {time_s: _computed(function, each) for time_s, each in series.values.items()}
    )


def _computed(function: Callable[..., object], *operands: float) -> float:
    try:
        result = function(*operands)
    except (ArithmeticError, ValueError):
        return math.nan
    return float(result) if isinstance(result, int | float) else math.nan  # a root of -1 is neither


_OPERATORS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "^": lambda left, right: left**right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "AND": lambda left, right: bool(left) and bool(right),
    "OR": lambda left, right: bool(left) or bool(right),
}
