"""Items as Amazon Ion, as exports of DynamoDB write them.

| DynamoDB | Ion |
|---|---|
| S, BOOL, NULL | string, bool, null |
| N | decimal: `103.`, `6d2`, `0.5` |
| B | blob |
| L, M | list, struct |
| SS, NS, BS | list with the annotation `$dynamodb_SS`, `$dynamodb_NS`, `$dynamodb_BS` |

Source: Developer Guide, "DynamoDB table export output format", Amazon Ion. Ion written by others
may also hold integers and floats (N), symbols (S), clobs (B) and timestamps (S, ISO 8601).
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from pannier.files.sink import encoded
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.number import measure
from pannier.model.plain import ConversionError, to_value

MARKER: Final = b"$ion_1_0"
_SETS: Final = {"$dynamodb_SS": "SS", "$dynamodb_NS": "NS", "$dynamodb_BS": "BS"}


def item_of_ion(struct: Mapping[str, Any]) -> Item:
    """An item from a decoded struct.

    Raises:
        ConversionError: a value has no DynamoDB form.
    """
    item: Item = {}
    for name, value in struct.items():
        try:
            item[name] = value_of_ion(value)
        except ConversionError as error:
            raise ConversionError(f"attribute {name!r}: {error.message}", error.advice) from None
    return item


def value_of_ion(value: Any) -> AttributeValue:
    """One DynamoDB value from a decoded Ion value.

    Raises:
        ConversionError: it has no DynamoDB form.
    """
    if value.__class__ is str:
        return {"S": value}
    if isinstance(value, Mapping):
        return {"M": item_of_ion(value)}
    if isinstance(value, list):
        annotations = [each.text for each in getattr(value, "ion_annotations", ())]
        kind = next((_SETS[text] for text in annotations if text in _SETS), None)
        elements = [value_of_ion(element) for element in value]
        return (
            {"L": elements} if kind is None else {kind: [_member(kind, each) for each in elements]}
        )
    if isinstance(value, bytes):
        return {"B": b64encode(value).decode()}
    if value is None or type(value).__name__ == "IonPyNull":
        return {"NULL": True}
    if type(value).__name__ == "IonPyBool":  # an integer to Python
        return {"BOOL": bool(value)}
    if type(value).__name__ == "IonPySymbol" and value.text is not None:
        return {"S": value.text}
    return to_value(value)


def to_ion(item: Item) -> bytes:
    """An item as one line of an export.

    Raises:
        UserError: it can't be written.
    """
    return MARKER + b" {Item:" + _struct(item) + b"}"


def _member(kind: str, value: AttributeValue) -> str:
    content = value.get(kind[0])
    if content is None:
        raise ConversionError(f"a member of a {kind} is no {kind[0]}")
    member: str = content
    return member


def _struct(item: Item) -> bytes:
    members = (_string(name) + b":" + _ion(value) for name, value in item.items())
    return b"{" + b",".join(members) + b"}"


def _ion(value: AttributeValue) -> bytes:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return encoded(content)
        case "N":
            return _decimal(content)
        case "B":
            return _blob(content)
        case "NULL":
            return b"null"
        case "M":
            return _struct(content)
        case "L":
            return b"[" + b",".join(map(_ion, content)) + b"]"
    member: Callable[[str], bytes] = {"SS": _string, "NS": _decimal, "BS": _blob}[kind]
    return b"$dynamodb_" + kind.encode() + b"::[" + b",".join(map(member, content)) + b"]"


def _string(text: str) -> bytes:
    return encoded(text)


def _decimal(text: str) -> bytes:
    # Without a point it would be an integer, and with an `e` a float.
    plain = measure(text)[0]
    return plain.encode() if "." in plain else plain.encode() + b"."


def _blob(text: str) -> bytes:
    return b"{{" + text.encode() + b"}}"
