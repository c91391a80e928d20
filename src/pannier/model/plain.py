"""Plain Python <-> DynamoDB JSON, with one rule for every type.

| Python | DynamoDB | back |
|---|---|---|
| `str` | S | `str` |
| `int`, `float`, `Decimal`, numpy numbers | N | `int` if whole, else `Decimal` |
| `bool`, `numpy.bool_` | BOOL | `bool` |
| `None` | NULL | `None` |
| `bytes`, `bytearray`, `memoryview` | B | `bytes` |
| `dict` (keys are texts) | M | `dict` |
| `list`, `tuple`, numpy arrays | L | `list` |
| `set`, `frozenset` of texts, numbers or bytes | SS, NS, BS | `set` |
| `datetime`, `date`, `time` | S, ISO 8601 | `str` |
| `UUID` | S | `str` |

A float is written as its shortest decimal text that reads back as the same float. NaN and
infinities have no DynamoDB form and are refused, as is an empty set.
"""

import datetime
import sys
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from pannier.errors import UserError, ValidationException
from pannier.limits import NESTING_DEPTH_MAX
from pannier.model import messages, number
from pannier.model.attribute_value import AttributeValue, Item

_DOUBLE_BYTES: Final = 8
_TIMES: Final = "mM"  # numpy's letters for durations and dates


class ConversionError(UserError):
    """A Python value that has no DynamoDB form."""


_PLAIN_INTEGER: Final = 10**38  # below it, Python's own text is the canonical one


def to_item(values: Mapping[Any, Any]) -> Item:
    """A whole item from plain Python values.

    Raises:
        ConversionError: names the attribute and what to do about it.
    """
    return _to_item(values, 0)


def _to_item(values: Mapping[Any, Any], depth: int) -> Item:
    item: Item = {}
    for name, value in values.items():
        if not isinstance(name, str):
            raise ConversionError(f"attribute name {name!r} is not a text")
        if value.__class__ is str:  # the most frequent by far
            item[name] = {"S": value}
            continue
        try:
            item[name] = _to_value(value, depth)
        except ConversionError as error:
            raise ConversionError(f"attribute {name!r}: {error.message}", error.advice) from None
    return item


def to_value(value: Any) -> AttributeValue:
    """One DynamoDB value from a plain Python value.

    Raises:
        ConversionError: the value has no DynamoDB form.
    """
    return _to_value(value, 0)


def _to_value(value: Any, depth: int) -> AttributeValue:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": _number(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, Mapping):
        return {"M": _to_item(value, _deeper(depth))}
    if isinstance(value, list | tuple):
        return _list(value, _deeper(depth))
    if isinstance(value, bytes | bytearray | memoryview):
        return {"B": b64encode(value).decode()}
    if isinstance(value, set | frozenset):
        return _set(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return {"S": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"S": str(value)}
    return _foreign(value, depth)


def from_item(item: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """A whole item as plain Python values."""
    return {name: from_value(value) for name, value in item.items()}


def from_value(value: AttributeValue) -> Any:
    """One DynamoDB value as a plain Python value."""
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return _from_number(content)
        case "NULL":
            return None
        case "M":
            return from_item(content)
        case "L":
            return [from_value(element) for element in content]
        case "B":
            return b64decode(content)
        case "SS":
            return set(content)
        case "NS":
            return {_from_number(member) for member in content}
        case "BS":
            return {b64decode(member) for member in content}
    raise ConversionError(f"{kind!r} is not a DynamoDB type")


def _from_number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:  # a point, or an exponent from a service that keeps texts as they were put
        number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def _number(value: Any) -> str:
    # The base types' own texts: an enumeration's member or a numpy float writes itself differently.
    # float.__repr__ is the shortest text that reads back as the same float.
    if value.__class__ is int and -_PLAIN_INTEGER < value < _PLAIN_INTEGER:
        return str(value)
    try:
        if isinstance(value, float):
            text = float.__repr__(value)
        else:
            text = str(value) if isinstance(value, Decimal) else int.__repr__(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        raise ConversionError(messages.NUMBER_OVERFLOW) from None
    try:
        return number.measure(text)[0]
    except ValidationException as error:
        if "numeric value" in error.message:
            raise ConversionError(
                f"{text} has no DynamoDB form", "Replace it by a number, or leave it out."
            ) from None
        raise ConversionError(f"{text}: {error.message}") from None


def _set(members: Iterable[Any]) -> AttributeValue:
    values = [to_value(member) for member in members]
    kinds = {next(iter(value)) for value in values}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        raise ConversionError(
            "a set must hold at least one member, and all texts, all numbers or all bytes",
            "Use a list instead, or leave an empty set out.",
        )
    (kind,) = kinds
    # Members that Python tells apart may be one here: 0.1 and Decimal("0.1"), a date and its text.
    return {kind + "S": sorted({value[kind] for value in values})}


def _list(elements: Iterable[Any], depth: int) -> AttributeValue:
    return {"L": [_to_value(element, depth) for element in elements]}


def _deeper(depth: int) -> int:
    if depth >= NESTING_DEPTH_MAX:
        raise ConversionError(f"it is nested deeper than {NESTING_DEPTH_MAX} levels")
    return depth + 1


def _foreign(value: Any, depth: int) -> AttributeValue:
    """A value of a library that is only looked at where the program has loaded it."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        # float32 and float16 by their own shortest text, not by that of the double
        plain = Decimal(str(value)) if _is_short_float(value) else value.item()
        # A long double stays what it is; a time finer than microseconds becomes a bare integer.
        is_bare = value.dtype.kind in _TIMES and isinstance(plain, int)
        if not is_bare and not isinstance(plain, numpy.generic):
            return _to_value(plain, depth)
    if numpy is not None and isinstance(value, numpy.ndarray):
        # `tolist` is the fast way, but makes doubles of short floats and integers of times.
        if not _is_short_float(value) and value.dtype.kind not in _TIMES:
            return _to_value(value.tolist(), depth)
        return _list(value, _deeper(depth)) if value.ndim else _to_value(value[()], depth)
    raise ConversionError(
        f"a {type(value).__name__} has no DynamoDB form",
        "Use text, numbers, bytes, booleans, None, lists, dicts or sets.",
    )


def _is_short_float(value: Any) -> bool:
    return bool(value.dtype.kind == "f" and value.dtype.itemsize < _DOUBLE_BYTES)
