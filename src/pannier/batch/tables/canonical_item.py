"""One text for all forms of a value, so that items of two tables can be compared.

Numbers are equal by value (`1`, `1.0`, `1e0`), sets and maps whatever their order is, lists in
their order. Some endpoints keep a number as the text that was put; AWS does not.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import orjson

from pannier.errors import ValidationException
from pannier.model import number
from pannier.model.attribute_value import AttributeValue, Item

_DIGEST_BYTES: Final = 16


def canonical(value: AttributeValue) -> AttributeValue:
    """The value in its one form; the order of maps is left to whoever writes it."""
    ((kind, content),) = value.items()
    made: Any = content
    match kind:
        case "N":
            made = _number(content)
        case "NS":
            made = sorted(map(_number, content))
        case "SS" | "BS":
            made = sorted(content)
        case "M":
            made = {name: canonical(each) for name, each in content.items()}
        case "L":
            made = [canonical(each) for each in content]
    return {kind: made}


def canonical_text(item: Mapping[str, AttributeValue]) -> bytes:
    """JSON that is the same for equal items, and for no others."""
    form = {name: canonical(value) for name, value in item.items()}
    return orjson.dumps(form, option=orjson.OPT_SORT_KEYS)


def digest(item: Mapping[str, AttributeValue]) -> bytes:
    """16 bytes that equal items have in common, and others do not."""
    return hashlib.blake2b(canonical_text(item), digest_size=_DIGEST_BYTES).digest()


def different_attributes(one: Item, other: Item) -> list[str]:
    """The names of the attributes that only one of two items has, or in which they differ."""
    return [
        name
        for name in sorted(one.keys() | other.keys())
        if name not in one
        or name not in other
        or canonical_text({name: one[name]}) != canonical_text({name: other[name]})
    ]


def _number(text: str) -> str:
    try:
        return number.measure(text)[0]
    except ValidationException:  # an endpoint that keeps what DynamoDB would refuse
        return text
