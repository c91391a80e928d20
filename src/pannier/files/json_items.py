"""Items out of JSON values: DynamoDB JSON, or plain JSON.

A value is DynamoDB JSON if each of its members is an object with one of the ten type tags as its
only member, as in `{"PK": {"S": "a"}}`; one wrapped in `Item`, as S3 exports and answers of the API
write it, is taken out of its wrapping. Plain JSON is converted by the rules of `model.plain`. Which
of the two a file holds is decided by its first item, unless the caller says so.
"""

from typing import Any, Final

from pannier.batch.operation import Kind, Operation, Origin, plain_put
from pannier.errors import UserError
from pannier.files.json_floats import has_floats
from pannier.files.json_text import decode_exactly, hides_tiny_numbers
from pannier.files.source import Form
from pannier.limits import KIB, NESTING_DEPTH_MAX
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.plain import ConversionError, to_item, to_value

_PUT: Final = Kind.PUT
# Larger items are encoded when it is their turn: they would take twice the memory until then.
_ENCODED_BYTES_MAX: Final = 16 * KIB
_WHOLE_BELOW: Final = 10**38  # whole numbers of no more digits than DynamoDB keeps
# Between these, Python writes the shortest text of a float without an exponent.
_BARE_FROM: Final = 1e-4
_BARE_BELOW: Final = 1e16


# What stands behind each type tag.
_CONTENTS: Final[dict[str, type]] = {
    "S": str, "N": str, "B": str, "BOOL": bool, "NULL": bool,
    "M": dict, "L": list, "SS": list, "NS": list, "BS": list,
}  # fmt: skip


class NoItemError(UserError):
    """A value that is no item."""


class _MayBeTinyError(Exception):
    """A zero that may be a number too small for a float."""


class Converter:
    """Turns JSON values into items.

    Args:
        form: `auto` decides with the first item.
    """

    __slots__ = ("form",)

    def __init__(self, form: Form = "auto") -> None:
        self.form = form

    def item(self, value: Any, text: bytes = b"", position: int = 0) -> Item:
        """An item from a JSON value.

        Args:
            value: the value, of `json_text.decode`.
            text: what it was decoded from: this value, or several with commas between them. Without
                it zeros are taken for zeros.
            position: which of them it is.

        Raises:
            NoItemError: says why it is none.
        """
        if not isinstance(value, dict):
            raise NoItemError("an item must be a JSON object")
        if not value:
            raise NoItemError("the object is empty")
        if len(value) == 1 and self.form != "plain" and _is_wrapping(value):
            value = value["Item"]
        form = self.form
        if form == "auto":
            form = self.form = "dynamodb" if is_dynamodb(value) else "plain"
        if form == "dynamodb":
            for member in value.values():
                if not isinstance(member, dict) or len(member) != 1:
                    raise NoItemError(
                        'this is no DynamoDB JSON: each value must be like {"S": "a"}'
                    )
            item: Item = value
            return item
        try:
            return _plain(value, text, position)
        except ConversionError as error:
            raise NoItemError(error.message) from None

    def put(
        self, table: str, value: Any, origin: Origin, text: bytes = b"", position: int = 0
    ) -> Operation:
        """The put of an item from a JSON value; see `item`.

        Raises:
            NoItemError: says why it is none.
        """
        is_plain = self.form == "plain" and isinstance(value, dict) and bool(value)
        if is_plain and not (text and has_floats(value, True)):
            try:
                made = plain_put(table, value, origin)
            except ConversionError as error:
                raise NoItemError(error.message) from None
            if made.size_bytes <= _ENCODED_BYTES_MAX:
                return made
        return Operation(table, _PUT, self.item(value, text, position), origin, True)


def is_dynamodb(value: Any) -> bool:
    """Whether a JSON value looks like an item in DynamoDB JSON, by its type tags."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(member, dict) and len(member) == 1 and next(iter(member)) in _CONTENTS
            for member in value.values()
        )
    )


def _is_wrapping(value: dict[str, Any]) -> bool:
    return is_dynamodb(value.get("Item")) and not is_item(value)


def is_item(value: Any) -> bool:
    """Whether a JSON value is an item in DynamoDB JSON as it stands, all the way down.

    So that an item with an attribute called `Item`, `Keys` or `PutRequest` is not taken for the
    wrapping of another.
    """
    return _are_values(value, 0)


def _are_values(members: Any, depth: int) -> bool:
    return is_dynamodb(members) and all(
        content.__class__ is _CONTENTS[kind] and _is_content(kind, content, depth)
        for member in members.values()
        for kind, content in member.items()
    )


def _is_content(kind: str, content: Any, depth: int) -> bool:
    """Whether what stands behind a type tag is all values, if it is a list or map."""
    if kind not in ("L", "M") or not content:
        return True
    members = content if kind == "M" else dict(enumerate(content))
    return depth < NESTING_DEPTH_MAX and _are_values(members, depth + 1)


def _plain(values: dict[str, Any], text: bytes, position: int) -> Item:
    try:
        return _members(values, 0, not text)
    except _MayBeTinyError:
        if hides_tiny_numbers(text):
            return to_item(decode_exactly(b"[" + text + b"]")[position])
        return _members(values, 0, True)


# The arguments are positional, and the most frequent types come first: this runs for each
# attribute.
def _members(values: dict[str, Any], depth: int, zeros: bool) -> Item:
    item: Item = {}
    for name, value in values.items():
        kind = value.__class__
        if kind is str:
            item[name] = {"S": value}
        elif kind is int and -_WHOLE_BELOW < value < _WHOLE_BELOW:
            item[name] = {"N": str(value)}
        elif kind is float and _BARE_FROM <= value < _BARE_BELOW:
            number = repr(value)
            item[name] = {"N": number.removesuffix(".0")}
        elif kind is bool:
            item[name] = {"BOOL": value}
        else:
            try:
                item[name] = _value(value, depth, zeros)
            except ConversionError as error:
                reason = f"attribute {name!r}: {error.message}"
                raise ConversionError(reason, error.advice) from None
    return item


def _value(value: Any, depth: int, zeros: bool) -> AttributeValue:
    kind = value.__class__
    if kind is str:
        return {"S": value}
    if kind is list:
        inner = _deeper(depth)
        return {"L": [_value(element, inner, zeros) for element in value]}
    if kind is dict:
        return {"M": _members(value, _deeper(depth), zeros)}
    if kind is float and not value and not zeros:
        raise _MayBeTinyError
    return to_value(value)


def _deeper(depth: int) -> int:
    if depth >= NESTING_DEPTH_MAX:
        raise ConversionError(f"it is nested deeper than {NESTING_DEPTH_MAX} levels")
    return depth + 1
