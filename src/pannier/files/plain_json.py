"""Items as plain JSON: numbers keep all their digits, binaries are base64, sets are lists.

JSON knows numbers of any length, but no library's fast path writes a decimal as it stands; so the
text of a number goes into the JSON as it is (`orjson.Fragment`).
"""

from typing import Any

import orjson

from pannier.files.sink import encoded
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.number import measure


def to_plain_json(item: Item) -> bytes:
    """One item as a plain JSON object.

    Raises:
        UserError: it can't be written as JSON.
    """
    return encoded(_members(item))


def pretty_plain_json(item: Item) -> bytes:
    """One item as a plain JSON object, indented, an attribute a line.

    Raises:
        UserError: it can't be written as JSON.
    """
    return encoded(_members(item), indented=True)


def value_to_plain_json(value: AttributeValue) -> bytes:
    """One value as plain JSON.

    Raises:
        UserError: it can't be written as JSON.
    """
    return encoded(_plain(value))


def _members(item: Item) -> dict[str, Any]:
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: AttributeValue) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return _number(content)
        case "M":
            return _members(content)
        case "L":
            return [_plain(element) for element in content]
        case "NULL":
            return None
        case "NS":
            return [_number(member) for member in content]
    return content


def _number(text: str) -> orjson.Fragment:
    # DynamoDB answers canonical texts; other servers keep spellings that JSON does not know (+5,
    # .5).
    return orjson.Fragment(measure(text)[0])
