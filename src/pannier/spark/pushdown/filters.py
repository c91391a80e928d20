"""Spark's filters as conditions of DynamoDB: fewer items come over the wire.

Spark evaluates every filter again, so a condition may let through what Spark will drop, and never
the other way round: nothing is lost that Spark would keep. Filters do not lower what is read and
billed; only a fixed partition key does (`key_conditions`).

What Spark keeps is judged by what a column holds: where a value that does not fit its column is
null (`permissive`), nobody can ask DynamoDB for nulls.
"""

from collections.abc import Sequence
from typing import Final

from pyspark.sql import types as spark
from pyspark.sql.datasource import (
    EqualNullSafe,
    EqualTo,
    Filter,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNotNull,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Not,
    StringContains,
    StringEndsWith,
    StringStartsWith,
)

from pannier.spark.options import Mode
from pannier.spark.pushdown.condition import Condition
from pannier.spark.pushdown.operands import Operand, operand_of
from pannier.spark.schemas.marks import marks_of

SIGNS: Final[dict[type[Filter], str]] = {
    EqualTo: "=",
    GreaterThan: ">",
    GreaterThanOrEqual: ">=",
    LessThan: "<",
    LessThanOrEqual: "<=",
}
# Nothing meets these that is null, nor their opposites.
_DROP_NULL: Final[tuple[type[Filter], ...]] = (
    *SIGNS, In, StringStartsWith, StringContains, StringEndsWith,
)  # fmt: skip


def conditions(
    filters: Sequence[Filter], schema: spark.StructType, mode: Mode, without: Sequence[str] = ()
) -> list[Condition]:
    """The conditions that some filters make, those that say most first.

    Args:
        filters: all of them hold.
        schema: of the rows.
        mode: what is done about a value that does not fit its column.
        without: attributes that must not be in a condition, as a query's key.
    """
    hints = dict(marks_of(schema))
    strong: list[Condition] = []
    weak: dict[tuple[str, ...], Condition] = {}
    compared = set()
    for each in filters:
        names = _names_of(each)
        operand = None if names is None else operand_of(schema, names, hints)
        if names is None or operand is None or names[0] in without:
            continue
        condition = _condition(each, operand, mode)
        if condition is not None:
            strong.append(condition)
            if not isinstance(each, Not | IsNull):
                compared.add(names)
        elif _drops_null(each):
            weak[names] = operand.is_there
    return strong + [each for names, each in weak.items() if names not in compared]


def _names_of(given: Filter) -> tuple[str, ...] | None:
    names = getattr(given.child if isinstance(given, Not) else given, "attribute", None)
    return None if names is None else tuple(names)


def _condition(given: Filter, operand: Operand, mode: Mode) -> Condition | None:
    if isinstance(given, Not):
        return _negated(given.child, operand, mode)
    if isinstance(given, IsNull):
        return operand.is_null if mode == "failfast" else None
    if isinstance(given, EqualNullSafe):
        if given.value is None:
            return operand.is_null if mode == "failfast" else None
        return operand.compared("=", given.value)
    if isinstance(given, In):
        return operand.one_of([value for value in given.value if value is not None])
    sign = SIGNS.get(type(given))
    if sign is not None:
        value = given.value  # type: ignore[attr-defined]  # those with a sign have one
        return None if value is None else operand.compared(sign, value)
    if isinstance(given, StringStartsWith):
        return operand.begins(given.value)
    return operand.contains(given.value) if isinstance(given, StringContains) else None


def _negated(given: Filter, operand: Operand, mode: Mode) -> Condition | None:
    if isinstance(given, EqualTo | EqualNullSafe) and given.value is not None:
        return operand.unlike(given.value)
    if isinstance(given, IsNotNull):
        return operand.is_null if mode == "failfast" else None
    return None


def _drops_null(given: Filter) -> bool:
    """Whether nothing that is null meets a filter."""
    if isinstance(given, Not):
        inner = given.child
        if isinstance(inner, EqualNullSafe):
            return inner.value is None
        return isinstance(inner, (IsNull, *_DROP_NULL))
    if isinstance(given, EqualNullSafe):
        return given.value is not None
    return isinstance(given, (IsNotNull, *_DROP_NULL))
