"""Where a comparison in Spark's terms must be wider in DynamoDB's, so that no row is lost.

Spark compares what a column holds; DynamoDB compares what the item holds. A double is the nearest
to a number of up to 38 digits, so numbers on both sides of a double's shortest text are equal to it
in Spark. A timestamp is written in many ways, of which all begin with a date that is at most one
day away from its date in UTC. So a bound is moved outwards, and Spark compares again.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final, NamedTuple

_DIGITS: Final = 20  # more than a double is sure of, and few enough for any number of DynamoDB's
_SMALLEST: Final = Decimal("1E-130")
_LARGEST: Final = Decimal("9.99E+125")
_DOWN: Final = Context(prec=_DIGITS, rounding=ROUND_FLOOR)
_UP: Final = Context(prec=_DIGITS, rounding=ROUND_CEILING)
# Half the distance of two neighbours is at most 2**-53 of a double, 2**-24 of a float; then some.
_DOUBLE_MARGIN: Final = Decimal(2) ** -51
_FLOAT_MARGIN: Final = Decimal(2) ** -22
# The same where the neighbours' distance no longer shrinks: below 1e-37 and 1e-307.
_FLOAT_STEP: Final = Decimal("1E-44")
_DAY: Final = timedelta(days=1)


class Bounds(NamedTuple):
    """Texts between which, both included, everything lies that is equal to a value in Spark.

    None where there is no such text: then nothing can be said on that side.
    """

    lower: str | None
    upper: str | None


def float_bounds(value: float, *, is_double: bool) -> Bounds:
    """Numbers that a double, or a float, may stand for.

    Args:
        value: finite.
        is_double: False for a float, of 32 bits.
    """
    exact = Decimal(value)
    margin = abs(exact) * (_DOUBLE_MARGIN if is_double else _FLOAT_MARGIN)
    margin += _SMALLEST if is_double else _FLOAT_STEP
    return Bounds(
        _number(_DOWN, _DOWN.subtract(exact, margin)), _number(_UP, _UP.add(exact, margin))
    )


def _number(towards: Context, bound: Decimal) -> str | None:
    """A bound as a number of DynamoDB's, moved outwards to the next that there is."""
    is_lower = towards is _DOWN
    if abs(bound) > _LARGEST:
        return None
    if 0 < abs(bound) < _SMALLEST:
        bound = Decimal(0) if (bound > 0) == is_lower else _SMALLEST.copy_sign(bound)
    return str(bound)


def timestamp_bounds(value: datetime, *, has_offset: bool) -> Bounds:
    """Texts that a timestamp may stand for; they are dates, of which the text is the beginning.

    Args:
        value: with its offset, if `has_offset`; else without one.
        has_offset: whether texts with any offset are the same as this moment.
    """
    day = value.astimezone(UTC).date() if has_offset else value.date()
    apart = _DAY if has_offset else timedelta(0)
    return Bounds(_day(day, -apart), _day(day, apart + _DAY))


def _day(day: date, apart: timedelta) -> str | None:
    try:
        return (day + apart).isoformat()
    except OverflowError:
        return None
