"""An item as a text that can be edited, and back.

DynamoDB JSON says every type. Plain JSON does not: sets stand there as lists and binaries as
base64. What was not changed keeps its type; where a change would make something else of a set or
binary, without the reader having said so, the text is refused.
"""

import json
import re
from typing import Any, Final, Literal, TypeAlias

import orjson

from pannier.console.quantities import count_text
from pannier.errors import ServiceError, UserError
from pannier.files.json_items import is_dynamodb
from pannier.files.json_text import decode_strictly, explain
from pannier.files.plain_json import pretty_plain_json, value_to_plain_json
from pannier.limits import ITEM_BYTES_MAX
from pannier.model.attribute_value import AttributeValue, Item, check_item
from pannier.model.key_schema import KeySchema
from pannier.model.plain import ConversionError, to_value

Form: TypeAlias = Literal["plain", "dynamodb"]

_UNSAID: Final = {
    "B": "a binary", "SS": "a set of texts", "NS": "a set of numbers", "BS": "a set of binaries",
}  # fmt: skip
_ADVICE: Final = "Change it as DynamoDB JSON, which says what it is."


class TextError(UserError):
    """A text that is no item.

    Attributes:
        line: where, counted from 1; None if it is not known.
    """

    def __init__(self, message: str, line: int | None = None, advice: str = "") -> None:
        super().__init__(message, advice)
        self.line = line


def text_of(item: Item, form: Form) -> str:
    """An item as JSON, indented, with all digits of its numbers."""
    if form == "plain":
        return pretty_plain_json(item).decode()
    return orjson.dumps(item, option=orjson.OPT_INDENT_2).decode()


def item_of(text: str, form: Form, schema: KeySchema, original: Item) -> tuple[Item, int]:
    """The item that a text is, and its size in bytes.

    Args:
        text: JSON.
        form: what it is written as.
        schema: the key that it has to have.
        original: what it was before; empty for a new item.

    Raises:
        TextError: says what is wrong, and where.
    """
    members = _decoded(text)
    item = _plain(members, original, text) if form == "plain" else _typed(members, text)
    size = 0
    for name, value in item.items():
        try:
            size += check_item({name: value})
        except ServiceError as error:
            raise TextError(f"{name}: {error.message}", _line_of(text, name)) from None
    _check_key(item, schema, text)
    if size > ITEM_BYTES_MAX:
        raise TextError(
            f"the item has {count_text(size)} bytes; {count_text(ITEM_BYTES_MAX)} are the most"
        )
    return item, size


def _decoded(text: str) -> dict[str, Any]:
    try:
        members = decode_strictly(text)
    except json.JSONDecodeError as error:
        raise TextError(explain(error), error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise TextError(explain(error)) from None
    if not isinstance(members, dict):
        raise TextError("an item is a JSON object: { … }", 1)
    return members


def _typed(members: dict[str, Any], text: str) -> Item:
    for name, value in members.items():
        if not is_dynamodb({name: value}):
            raise TextError(
                f'{name}: in DynamoDB JSON each value is like {{"S": "text"}}', _line_of(text, name)
            )
    return members


def _plain(members: dict[str, Any], original: Item, text: str) -> Item:
    moved = _unsaid_values(original, members)
    item: Item = {}
    for name, value in members.items():
        try:
            made = to_value(value)
            item[name] = _with_types(made, original.get(name), moved)
        except ConversionError as error:
            raise TextError(f"{name}: {error.message}", _line_of(text, name)) from None
        except _UnsaidError as unsaid:
            raise TextError(
                f"{name}: plain JSON would make something else of {unsaid}",
                _line_of(text, name),
                _ADVICE,
            ) from None
    return item


class _UnsaidError(Exception):
    """Plain JSON can't say what is meant."""


def _with_types(
    made: AttributeValue, original: AttributeValue | None, moved: list[AttributeValue]
) -> AttributeValue:
    """A value out of plain JSON with the types that it had before.

    Args:
        made: the value as plain JSON says it.
        original: what was there before.
        moved: values that plain JSON can't say, and whose attributes are gone: one that turns up
            elsewhere was meant to be moved, with its type.
    """
    if original is None:
        if made in moved:
            raise _UnsaidError("a set or binary that has moved")
        return made
    if made == _said(original):
        return original
    ((kind, content),) = original.items()
    ((new_kind, new_content),) = made.items()
    if kind in _UNSAID and new_kind in ("L", "S"):
        raise _UnsaidError(_UNSAID[kind])
    if kind == new_kind == "M":
        inner = moved + _unsaid_values(content, new_content)
        return {
            "M": {
                name: _with_types(value, content.get(name), inner)
                for name, value in new_content.items()
            }
        }
    if kind in ("M", "L") and _has_unsaid(original) and new_kind in ("M", "L"):
        raise _UnsaidError("the sets or binaries in it")
    return made


def _said(value: AttributeValue) -> AttributeValue:
    """A value after a way through plain JSON."""
    return to_value(decode_strictly(value_to_plain_json(value)))


def _has_unsaid(value: AttributeValue) -> bool:
    ((kind, content),) = value.items()
    if kind in _UNSAID:
        return True
    if kind in ("M", "L"):
        members = content.values() if kind == "M" else content
        return any(map(_has_unsaid, members))
    return False


def _unsaid_values(original: Item, members: dict[str, Any]) -> list[AttributeValue]:
    """What plain JSON makes of values that it can't say, whose names are gone."""
    return [
        _said(value)
        for name, value in original.items()
        if name not in members and _has_unsaid(value)
    ]


def _check_key(item: Item, schema: KeySchema, text: str) -> None:
    for name, kind in schema.attributes:
        value = item.get(name)
        if value is None:
            raise TextError(f"the key's attribute {name} is missing; it is of type {kind}")
        ((given, content),) = value.items()
        if given != kind:
            raise TextError(f"{name}: the key is of type {kind}, not {given}", _line_of(text, name))
        if not content:
            raise TextError(f"{name}: a key can't be empty", _line_of(text, name))
    try:
        schema.item_key(item)
    except ServiceError as error:
        raise TextError(error.message) from None


def _line_of(text: str, name: str) -> int | None:
    """The line on which an attribute begins, if it begins a line; what is nested stands deeper."""
    spelled = re.escape(json.dumps(name, ensure_ascii=False))
    found = list(re.finditer(rf"^([ {{]*){spelled} *:", text, re.MULTILINE))
    if not found:
        return None
    first = min(found, key=lambda each: len(each.group(1)))
    return text.count("\n", 0, first.start()) + 1
