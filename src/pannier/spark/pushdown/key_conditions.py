"""Filters that fix the partition key: one query for each key, instead of a scan of everything.

The sort key's filters make the query's range. One condition is all that DynamoDB takes of it, so
of several the narrowest is taken, or both ends of a range. What is said of later sort attributes,
where an index has several, is left to Spark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final

from pyspark.sql import types as spark
from pyspark.sql.datasource import EqualNullSafe, EqualTo, Filter, In, StringStartsWith

from pannier.limits import PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.key_bytes import encode, raw_bytes
from pannier.model.key_schema import KeyAttribute, KeySchema
from pannier.spark.pushdown.condition import Condition, Path
from pannier.spark.pushdown.filters import SIGNS
from pannier.spark.pushdown.operands import Bounded, Exact, Operand, operand_of
from pannier.spark.schemas.marks import marks_of

QUERIES_MAX: Final = 1000
"""With more keys than this, a scan is made: each query takes a call and at least half a unit."""


@dataclass(frozen=True, slots=True)
class KeyRange:
    """What a query reads.

    Attributes:
        partitions: the partition attributes and their values, one for each query.
        sort: the condition on the sort key; None for all of the partition.
    """

    partitions: Sequence[Item]
    sort: Condition | None


def key_range(
    filters: Sequence[Filter], schema: spark.StructType, key: KeySchema
) -> KeyRange | None:
    """The queries that read everything that meets some filters; None if there are none, or many.

    Args:
        filters: all of them hold.
        schema: of the rows.
        key: of the table, or of the index that is read.
    """
    hints = dict(marks_of(schema))
    values: list[Sequence[AttributeValue]] = []
    for attribute in key.partition:
        fixed = _fixed(filters, attribute, operand_of(schema, (attribute.name,), hints))
        if fixed is None:
            return None
        values.append(fixed)
    if prod(map(len, values)) > QUERIES_MAX:
        return None
    names = [attribute.name for attribute in key.partition]
    partitions = [dict(zip(names, each, strict=True)) for each in product(*values)]
    return KeyRange(partitions, _sort_condition(filters, schema, key, hints))


def _fixed(
    filters: Sequence[Filter], attribute: KeyAttribute, operand: Operand | None
) -> Sequence[AttributeValue] | None:
    """The fewest values to which a filter fixes a partition attribute."""
    if not isinstance(operand, Exact):
        return None
    found: list[list[AttributeValue]] = []
    for each in filters:
        given = _equal_to(each, attribute.name)
        if given is None:
            continue
        constants = [operand.constant(value) for value in given if value is not None]
        known = [each for each in constants if each is not None]
        if len(known) < len(constants) or any(attribute.kind not in each for each in known):
            continue  # the column may hold what is equal to it, and is no such value
        usable = [each for each in known if _is_key(attribute, each, PARTITION_KEY_BYTES_MAX)]
        found.append(list({str(each): each for each in usable}.values()))
    return min(found, key=len, default=None)


def _equal_to(given: Filter, name: str) -> Sequence[Any] | None:
    if getattr(given, "attribute", None) != (name,):
        return None
    if isinstance(given, EqualTo) or (isinstance(given, EqualNullSafe) and given.value is not None):
        return (given.value,)
    return given.value if isinstance(given, In) else None


def _is_key(attribute: KeyAttribute, value: AttributeValue, bytes_max: int) -> bool:
    """Whether an item can have this value in its key."""
    if attribute.kind == "N":
        return True
    return 0 < len(raw_bytes(attribute.kind, value[attribute.kind])) <= bytes_max


class _Range:
    """What the filters say of a sort attribute: its ends, both included, and its beginning."""

    def __init__(self, attribute: KeyAttribute) -> None:
        self._attribute = attribute
        self._lower: AttributeValue | None = None
        self._upper: AttributeValue | None = None
        self._begins: AttributeValue | None = None

    def at_least(self, value: AttributeValue | None) -> None:
        """It is not below this."""
        if self._fits(value) and (self._lower is None or self._at(value) > self._at(self._lower)):
            self._lower = value

    def at_most(self, value: AttributeValue | None) -> None:
        """It is not above this."""
        if self._fits(value) and (self._upper is None or self._at(value) < self._at(self._upper)):
            self._upper = value

    def begins(self, value: AttributeValue | None) -> None:
        """It begins with this."""
        if self._attribute.kind != "N" and self._fits(value):
            self._begins = value

    def condition(self) -> Condition | None:
        """All of it that one condition can say."""
        path = Path((self._attribute.name,))
        lower, upper = self._lower, self._upper
        if lower is not None and upper is not None:
            if self._at(lower) == self._at(upper):
                return [path, " = ", lower]
            if self._at(lower) < self._at(upper):
                return [path, " BETWEEN ", lower, " AND ", upper]
        if self._begins is not None:
            return ["begins_with(", path, ", ", self._begins, ")"]
        if lower is not None:
            return [path, " >= ", lower]
        return None if upper is None else [path, " <= ", upper]

    def _fits(self, value: AttributeValue | None) -> bool:
        attribute = self._attribute
        is_kind = value is not None and attribute.kind in value
        return is_kind and _is_key(attribute, value or {}, SORT_KEY_BYTES_MAX)

    def _at(self, value: AttributeValue | None) -> bytes:
        return encode(self._attribute.kind, (value or {})[self._attribute.kind])


def _sort_condition(
    filters: Sequence[Filter], schema: spark.StructType, key: KeySchema, hints: Mapping[str, Any]
) -> Condition | None:
    if not key.sort:
        return None
    name = key.sort[0].name
    operand = operand_of(schema, (name,), dict(hints))
    if not isinstance(operand, Exact | Bounded):
        return None
    found = _Range(key.sort[0])
    for each in filters:
        if getattr(each, "attribute", None) != (name,):
            continue
        if isinstance(each, StringStartsWith) and isinstance(operand, Exact):
            found.begins(operand.constant(each.value))
            continue
        equal = _equal_to(each, name)
        if equal is not None and len(equal) == 1 and equal[0] is not None:
            _narrow(found, "=", equal[0], operand)
        elif type(each) in SIGNS and getattr(each, "value", None) is not None:
            _narrow(found, SIGNS[type(each)], each.value, operand)  # type: ignore[attr-defined]
    return found.condition()


def _narrow(found: _Range, sign: str, value: Any, operand: Exact | Bounded) -> None:
    lower: AttributeValue | None
    upper: AttributeValue | None
    if isinstance(operand, Bounded):
        bounds = operand.bounds(value)
        lower = None if bounds.lower is None else {operand.type: bounds.lower}
        upper = None if bounds.upper is None else {operand.type: bounds.upper}
    else:
        lower = upper = operand.constant(value)
    if sign in ("=", ">", ">="):
        found.at_least(lower)
    if sign in ("=", "<", "<="):
        found.at_most(upper)
