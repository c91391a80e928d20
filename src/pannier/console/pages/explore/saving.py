"""Items put so that nothing is overwritten unseen.

A changed item is only put if it still is what the reader saw: the put has a condition on all that
was there and on all that is new, and the item is read again before, for attributes that came in the
meantime, which no condition could name.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from pannier.batch.calls import CallError
from pannier.batch.tables.canonical_item import canonical_text
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema

Call: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]

_FAILED: Final = "ConditionalCheckFailedException"
_TERMS_MAX: Final = 100  # AWS allows 300 operators and 4 KB in an expression


class ChangedError(Exception):
    """The item is no longer what the reader saw.

    Attributes:
        current: what it is now; None if it is gone.
    """

    def __init__(self, current: Item | None) -> None:
        super().__init__("the item has changed")
        self.current = current


class ExistsError(Exception):
    """There is an item of this key already."""


async def current_item(call: Call, table: str, key: Item) -> Item | None:
    """The item of a key as it is now; None if there is none.

    Raises:
        CallError: it can't be read.
    """
    answer = await call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
    item: Item | None = answer.get("Item")
    return item or None


async def put_new(call: Call, table: str, schema: KeySchema, item: Item) -> None:
    """Put an item whose key nobody has.

    Raises:
        ExistsError: somebody has it.
        CallError: it can't be put.
    """
    request = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(#k)",
        "ExpressionAttributeNames": {"#k": schema.names[0]},
    }
    if not await _put(call, request):
        # A call that got no answer may have been repeated: then it is our own item that is there.
        found = await current_item(call, table, schema.key_of(item))
        if found is None or canonical_text(found) != canonical_text(item):
            raise ExistsError


async def put_changed(
    call: Call, table: str, schema: KeySchema, original: Item, item: Item
) -> None:
    """Put an item in place of what the reader saw.

    Raises:
        ChangedError: something else is there, or nothing.
        CallError: it can't be put.
    """
    key = schema.key_of(original)
    current = await current_item(call, table, key)
    if current is None or canonical_text(current) != canonical_text(original):
        raise ChangedError(current)
    request = {"TableName": table, "Item": item, **unchanged(original, item)}
    if not await _put(call, request):
        current = await current_item(call, table, key)
        if current is None or canonical_text(current) != canonical_text(item):
            raise ChangedError(current)


def unchanged(original: Item, item: Item) -> dict[str, Any]:
    """The members of a put that make it depend on the item being as it was.

    Args:
        original: what was there; of more than a hundred attributes the first.
        item: what is put; what it has more must not be there.
    """
    names: dict[str, str] = {}
    values: Item = {}
    terms = []
    for name, value in list(original.items())[:_TERMS_MAX]:
        number = len(names)
        names[f"#a{number}"], values[f":a{number}"] = name, value
        terms.append(f"#a{number} = :a{number}")
    for name in [name for name in item if name not in original][:_TERMS_MAX]:
        number = len(names)
        names[f"#a{number}"] = name
        terms.append(f"attribute_not_exists(#a{number})")
    return {
        "ConditionExpression": " AND ".join(terms),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


async def _put(call: Call, request: Mapping[str, Any]) -> bool:
    """Whether the condition of a put was met."""
    try:
        await call("PutItem", request)
    except CallError as error:
        if error.code == _FAILED:
            return False
        raise
    return True
