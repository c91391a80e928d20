"""Plain Python items as the JSON that is sent, in one pass that converts, checks and measures.

This is the hot way of a write. It assumes a good item of usual types and makes no object for each
attribute. Whatever is unusual (a number that is too long, half of a surrogate pair, a type of
another library) is left to the long way, `to_item` and `check_item`, which knows each error.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from pannier.errors import PannierError
from pannier.model.attribute_value import check_value
from pannier.model.number import measure
from pannier.model.plain import to_value

_NAMES_MAX: Final = 10_000  # names that are remembered; some 3 MB
_PLAIN_DIGITS_MAX: Final = 38  # up to them Python's text of an integer is the canonical one
_NAME_CHARACTERS_MAX: Final = 100
_SPECIAL: Final = (b"", 0)


class _Name:
    """An attribute's name as JSON, with what stands around it.

    Attributes:
        text: `,"name":{"S":"`.
        number: `,"name":{"N":"`.
        other: `,"name":`.
        size: in characters.
    """

    def __init__(self, name: str) -> None:
        quoted = orjson.dumps(name).decode()
        self.text = f',{quoted}:{{"S":"'
        self.number = f',{quoted}:{{"N":"'
        self.other = f",{quoted}:"
        self.size = len(name)


_names: Final[dict[str, _Name]] = {}


def encode_plain(values: Mapping[Any, Any]) -> tuple[bytes, int]:
    """An item in the API's JSON form, canonical, and its size in bytes as DynamoDB counts it.

    Args:
        values: by attribute name; see `model.plain` for their types.

    Returns:
        Nothing, and a size of 0, if there is anything unusual about the item.
    """
    if not isinstance(values, dict):
        return _SPECIAL
    try:
        return _encoded(values, False) or _encoded(values, True) or _SPECIAL
    except (PannierError, UnicodeEncodeError, TypeError, ValueError):
        return _SPECIAL  # the long way says what is wrong


def _encoded(values: dict[Any, Any], escape: bool) -> tuple[bytes, int] | None:
    """The item, unless there is something special about it.

    Args:
        values: by attribute name.
        escape: whether texts may hold what JSON escapes; without it, an item with such a text is
            special.
    """
    parts: list[str] = []
    texts: list[str] = []
    size = 0  # in characters, until it is known what UTF-8 takes beyond them
    for name, value in values.items():
        if type(name) is not str:
            return None
        known = _names.get(name)
        if known is None:
            known = _name_of(name)
        size += known.size
        kind = type(value)
        if kind is str:
            text: str = value
            size += len(text)
            if escape:
                text = orjson.dumps(text)[1:-1].decode()
            else:
                texts.append(text)
            parts.append(known.text)
            parts.append(text)
            parts.append('"}')
        elif kind is int:
            number = str(value)
            digits = len(number)
            if number.startswith("-"):
                digits -= 1
                size += 1
            if digits > _PLAIN_DIGITS_MAX:
                return None
            if number.endswith("0"):
                digits -= len(number) - len(number.rstrip("0"))
            size += (digits + 1) // 2 + 1
            parts.append(known.number)
            parts.append(number)
            parts.append('"}')
        elif kind is float:
            canonical, number_bytes = measure(repr(value))
            size += number_bytes
            parts.append(known.number)
            parts.append(canonical)
            parts.append('"}')
        elif kind is bool:
            size += 1
            parts.append(known.other)
            parts.append('{"BOOL":true}' if value else '{"BOOL":false}')
        elif value is None:
            size += 1
            parts.append(known.other)
            parts.append('{"NULL":true}')
        else:
            made = to_value(value)
            size += check_value(made)
            inner = orjson.dumps(made)
            json = inner.decode()
            size -= len(inner) - len(json)  # comes below
            parts.append(known.other)
            parts.append(json)
    if not parts:
        return None
    whole = "".join(parts)
    encoded = whole.encode()
    if not escape and _has_escapes("".join(texts), len(encoded) == len(whole)):
        return None
    # All that is not ASCII counts in the size, and JSON writes it as UTF-8.
    return b"{" + encoded[1:] + b"}", size + len(encoded) - len(whole)


def _has_escapes(text: str, is_ascii: bool) -> bool:
    size_bytes = len(text) if is_ascii else len(text.encode())
    return len(orjson.dumps(text)) != size_bytes + 2  # quotes


def _name_of(name: str) -> _Name:
    made = _Name(name)
    if len(_names) < _NAMES_MAX and len(name) <= _NAME_CHARACTERS_MAX:
        _names[name] = made
    return made
