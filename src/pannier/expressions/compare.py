"""Equality and order of attribute values.

Sources: Developer Guide, "Comparison operator and function reference" and "Data types".

| rule | here |
|---|---|
| values of two types are never equal, and neither is before the other | `equal`, `before` |
| numbers by value; they are canonical, so equal numbers have equal texts | `equal`, `order_key` |
| texts by their UTF-8 bytes, which is the order of their code points | `order_key` |
| binaries byte by byte, unsigned | `order_key` |
| sets are equal if they have the same members, lists in order, maps by name | `equal` |
"""

from binascii import a2b_base64
from decimal import Decimal
from typing import Final, TypeAlias

from pannier.model.attribute_value import AttributeValue

ORDERED_TYPES: Final = frozenset({"S", "N", "B"})
SET_TYPES: Final = frozenset({"SS", "NS", "BS"})
# Types whose equal values have equal JSON.
PLAIN_TYPES: Final = frozenset({"S", "N", "B", "BOOL", "NULL"})

OrderKey: TypeAlias = str | Decimal | bytes


def equal(left: AttributeValue, right: AttributeValue) -> bool:
    """Whether two checked values are the same."""
    if left == right:
        return True
    ((kind, content),) = left.items()
    if kind not in right or kind in PLAIN_TYPES:
        return False
    other = right[kind]
    if len(content) != len(other):
        return False
    if kind in SET_TYPES:
        return set(content) == set(other)
    if kind == "L":
        return all(map(equal, content, other))
    return all(name in other and equal(value, other[name]) for name, value in content.items())


def order_key(kind: str, content: str) -> OrderKey:
    """What orders values of one type, which is one of `ORDERED_TYPES`."""
    if kind == "S":
        return content
    return Decimal(content) if kind == "N" else a2b_base64(content)


def before(left: AttributeValue, right: AttributeValue) -> bool:
    """Whether one value of an ordered type is smaller than another of the same type."""
    ((kind, content),) = left.items()
    if kind not in ORDERED_TYPES or kind not in right:
        return False
    return order_key(kind, content) < order_key(kind, right[kind])  # type: ignore[operator]
