"""Sum and difference of numbers, exact.

DynamoDB keeps 38 significant digits and never rounds: a result that needs more is an error, as is
one beyond its range. Python's default decimal context would round to 28 digits, so this module has
a context of its own that holds every sum exactly: from 9.9E+125 to the last of 38 digits of a
number near 1E-130 there are under 300 digits.

The texts of the errors are those of a number that is stored (`model.messages`). DynamoDB Local has
another for the first, "DynamoDB only supports precision up to 38 digits".
"""

from decimal import Context, Decimal, Inexact
from typing import Final

from pannier.model.number import from_decimal

_CONTEXT: Final = Context(prec=320, traps=[Inexact])
_SHORT: Final = 18  # characters; sums of such integers need no check


def add(left: str, right: str) -> str:
    """The canonical sum of two canonical numbers.

    Raises:
        ValidationException: the sum has too many digits or is out of range.
    """
    if len(left) <= _SHORT and len(right) <= _SHORT and "." not in left and "." not in right:
        return str(int(left) + int(right))
    return from_decimal(_CONTEXT.add(Decimal(left), Decimal(right)))


def subtract(left: str, right: str) -> str:
    """The canonical difference of two canonical numbers.

    Raises:
        ValidationException: the difference has too many digits or is out of range.
    """
    if len(left) <= _SHORT and len(right) <= _SHORT and "." not in left and "." not in right:
        return str(int(left) - int(right))
    return from_decimal(_CONTEXT.subtract(Decimal(left), Decimal(right)))
