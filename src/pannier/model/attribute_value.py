"""Attribute values: one pass that checks, makes canonical and measures.

The ten types are S N B BOOL NULL M L SS NS BS. `check_item` is the hottest function of the engine:
it walks an item once, rewrites numbers and base64 to their canonical text in place, and returns
the size that DynamoDB counts. It creates no object per attribute.

Sizes (Developer Guide, "DynamoDB item sizes and formats"): UTF-8 bytes of names and texts; raw
bytes of binaries; numbers as in `number`; null and bool 1; lists and maps 3, plus 1 for each
element.

A value of a wrong JSON type raises `SerializationException`. Callers that must answer in AWS's
order (serialization errors of the whole request first) check the shape of the request before.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pannier.errors import ParameterException, SerializationException, ValidationException
from pannier.limits import ITEM_BYTES_MAX, NESTING_DEPTH_MAX
from pannier.model import messages
from pannier.model.number import measure

AttributeValue: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, AttributeValue]

TYPES: Final = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})

_SETS: Final = ("SS", "NS", "BS")
_UNEXPECTED: Final = "Unexpected field type"
_CONTAINER_BYTES: Final = 3
_ELEMENT_BYTES: Final = 1
_ENOUGH_BYTES: Final = 4 * ITEM_BYTES_MAX


def check_item(item: Any) -> int:
    """Check every value of an item, make it canonical in place, and measure it.

    Args:
        item: an `Item`, or whatever else a request may have in its place.

    Returns:
        The item's size in bytes, names included. That of an item far above the limit may be less
        than it is: an update can make gigabytes out of one value, and to know it is too large is
        enough.

    Raises:
        ValidationException: a value that DynamoDB refuses.
        SerializationException: a value of the wrong JSON type.
    """
    if not isinstance(item, dict):
        raise SerializationException(_UNEXPECTED)
    size = 0
    try:
        for name, value in item.items():
            if not isinstance(name, str):
                raise SerializationException(_UNEXPECTED)
            size += len(name) if name.isascii() else len(name.encode())
            if isinstance(value, dict) and len(value) == 1:
                content = value.get("S")
                if isinstance(content, str):  # the most frequent by far
                    size += len(content) if content.isascii() else len(content.encode())
                    continue
            size += check_value(value)
            if size > _ENOUGH_BYTES:
                break
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell but UTF-8 can't
        raise SerializationException("A text is not valid Unicode") from None
    return size


def check_value(value: Any, depth: int = 0) -> int:
    """Check one value, make it canonical in place, and measure it.

    Args:
        value: `{type: content}`.
        depth: how many lists and maps are around it.

    Returns:
        The value's size in bytes.
    """
    if not isinstance(value, dict):
        raise SerializationException(_UNEXPECTED)
    if len(value) != 1:
        raise ValidationException(messages.VALUE_MULTIPLE if value else messages.VALUE_EMPTY)
    for kind, content in value.items():  # the only one
        if kind == "S":
            return _text_bytes(content)
        if kind == "N":
            canonical, size = measure(_text(content))
            if canonical != content:
                value["N"] = canonical
            return size
        if kind == "BOOL":
            return _flag(content)
        if kind == "NULL":
            if not (_flag(content) and content):
                raise ParameterException(messages.NULL_NOT_TRUE)
            return 1
        if kind == "M":
            return _map_bytes(content, depth + 1)
        if kind == "L":
            return _list_bytes(content, depth + 1)
        if kind == "B":
            value["B"], size = binary(content)
            return size
        if kind in _SETS:
            return _set_bytes(kind, value)
    raise ValidationException(messages.VALUE_EMPTY)


def binary(content: object) -> tuple[str, int]:
    """The canonical base64 of a binary and its size in bytes."""
    text = _text(content)
    try:
        raw = a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError) as error:
        raise SerializationException(f"Invalid base64: {error}") from None
    return b2a_base64(raw, newline=False).decode(), len(raw)


def type_of(value: Mapping[str, Any]) -> str:
    """The type tag of a checked value."""
    return next(iter(value))


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise SerializationException(f"{_json_name(content)} can not be converted to a String")
    return content


def _text_bytes(content: object) -> int:
    text = _text(content)
    return len(text) if text.isascii() else len(text.encode())


def _flag(content: object) -> int:
    if not isinstance(content, bool):
        raise SerializationException(f"{_json_name(content)} can not be converted to a Boolean")
    return 1


def _deeper(depth: int) -> None:
    if depth > NESTING_DEPTH_MAX:
        raise ValidationException(messages.NESTING)


def _map_bytes(content: object, depth: int) -> int:
    if not isinstance(content, dict):
        raise SerializationException(_UNEXPECTED)
    _deeper(depth)
    size = _CONTAINER_BYTES
    for name, value in content.items():
        size += _text_bytes(name) + check_value(value, depth) + _ELEMENT_BYTES
    return size


def _list_bytes(content: object, depth: int) -> int:
    if not isinstance(content, list):
        raise SerializationException(_UNEXPECTED)
    _deeper(depth)
    size = _CONTAINER_BYTES
    for value in content:
        size += check_value(value, depth) + _ELEMENT_BYTES
    return size


def _set_bytes(kind: str, value: AttributeValue) -> int:
    members = value[kind]
    if not isinstance(members, list):
        raise SerializationException(_UNEXPECTED)
    if not members:
        raise ParameterException(messages.SET_EMPTY[kind])
    size = 0
    canonical = []
    for member in members:
        if kind == "SS":
            text, member_size = _text(member), _text_bytes(member)
        elif kind == "NS":
            text, member_size = measure(_text(member))
        else:
            text, member_size = binary(member)
        canonical.append(text)
        size += member_size
    if len(set(canonical)) != len(canonical):
        raise ParameterException(messages.set_duplicates(kind, members))
    value[kind] = canonical
    return size


def _json_name(content: object) -> str:
    if content is True:
        return "TRUE_VALUE"
    if content is False:
        return "FALSE_VALUE"
    if isinstance(content, int | float):
        return "NUMBER_VALUE"
    if isinstance(content, str):
        return "STRING_VALUE"
    return "null" if content is None else "START_OF_COLLECTION"
