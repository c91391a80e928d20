"""Items as plain JSON: numbers keep all their digits, binaries are base64, sets are lists.

JSON knows numbers of any length, but no library's fast path writes a decimal as it stands; so the
text is put together here. It is short because values are already in the API's JSON form.
"""

import orjson

from pannier.model.attribute_value import AttributeValue, Item


def to_plain_json(item: Item) -> bytes:
    """One item as a plain JSON object."""
    members = (orjson.dumps(name) + b":" + _value(value) for name, value in item.items())
    return b"{" + b",".join(members) + b"}"


def _value(value: AttributeValue) -> bytes:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            number: str = content
            return number.encode()
        case "NS":
            return b"[" + ",".join(content).encode() + b"]"
        case "NULL":
            return b"null"
        case "M":
            return to_plain_json(content)
        case "L":
            return b"[" + b",".join(map(_value, content)) + b"]"
    return orjson.dumps(content)
