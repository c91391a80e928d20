"""Items and keys out of records: DynamoDB JSON, or plain JSON.

A record is DynamoDB JSON if each of its members is an object with one of the ten type tags as its
only member, as in `{"PK": {"S": "a"}}`; one wrapped in `Item`, as S3 exports write it, is taken out
of its wrapping. Plain JSON is converted by the rules of `model.plain`. Which of the two a file
holds is decided by its first record, unless the caller says so.
"""

from typing import Any, Literal

from pannier.errors import UserError
from pannier.files.records import Unreadable
from pannier.model.attribute_value import TYPES, Item
from pannier.model.plain import ConversionError, to_item

Form = Literal["auto", "plain", "dynamodb"]


class RecordError(UserError):
    """A record that is no item."""


class Converter:
    """Turns records into items.

    Args:
        form: `auto` decides with the first record.
    """

    def __init__(self, form: Form = "auto") -> None:
        self._form = form

    def item(self, value: Any) -> Item:
        """An item from a record.

        Raises:
            RecordError: says why it is none.
        """
        if isinstance(value, Unreadable):
            raise RecordError(value.reason)
        if not isinstance(value, dict):
            raise RecordError("a record must be a JSON object")
        if not value:
            raise RecordError("the object is empty")
        if self._form != "plain" and set(value) == {"Item"} and is_dynamodb(value["Item"]):
            value = value["Item"]
        if self._form == "auto":
            self._form = "dynamodb" if is_dynamodb(value) else "plain"
        if self._form == "dynamodb":
            if not is_dynamodb(value):
                raise RecordError('this is no DynamoDB JSON: each value must be like {"S": "a"}')
            item: Item = value
            return item
        try:
            return to_item(value)
        except ConversionError as error:
            raise RecordError(error.message) from None


def is_dynamodb(value: Any) -> bool:
    """Whether a JSON value looks like an item in DynamoDB JSON."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(member, dict) and len(member) == 1 and next(iter(member)) in TYPES
            for member in value.values()
        )
    )
