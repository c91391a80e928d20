"""PutItem: one item, whole, in place of what was there.

Order of checks: types and constraints; values and size; the expression and its placeholders;
Expected; the table; its keys; the condition.

A put without a condition takes a straight way that assumes a good request. Only when something is
wrong is it checked step by step, to find what AWS answers first.
"""

from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints
from pannier.engine.item_writes import (
    ItemWrite,
    check_return_values,
    compile_condition,
    enveloped,
    request_placeholders,
    write_returning_old,
)
from pannier.engine.legacy import check_mixing, compile_expected
from pannier.engine.writing import ItemChange, checked_size, put_change, sized_put_change
from pannier.errors import ServiceError

if TYPE_CHECKING:
    from pannier.engine.database import Database


_PLAIN: Final = frozenset({"Item", "ReturnConsumedCapacity", "TableName"})


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Put an item."""
    change = _plain_put(database, request)
    if change is not None:
        plain = ItemWrite(change.table, change.key, change.row_key, None, lambda _: change)
        return write_returning_old(database, plain, request)
    constraints.check("PutItem", request)
    with enveloped():
        check_return_values(request)
        write = compile_write(database, request, takes_older=True)
    return write_returning_old(database, write, request)


def _plain_put(database: "Database", request: dict[str, Any]) -> ItemChange | None:
    """The change of a good request without a condition; None sends the caller the long way."""
    if not request.keys() <= _PLAIN:
        return None
    try:
        if len(request) > 2:  # more than the two that are required
            constraints.check_members("PutItemInput", request, "Item")
        return put_change(database.catalog.table(request["TableName"]), request["Item"])
    except (ServiceError, LookupError, TypeError, AttributeError, ValueError):
        return None


def compile_write(
    database: "Database", request: dict[str, Any], *, takes_older: bool = False
) -> ItemWrite:
    """The write that a request with `Item` asks for.

    Args:
        database: where the table is.
        request: the request, or the part of a transaction that looks like it.
        takes_older: whether the parameters from before expressions are looked at.

    Raises:
        ServiceError: something in it is wrong.
    """
    if takes_older:
        check_mixing("PutItem", request)
    item = request["Item"]
    size_bytes = checked_size(item)
    placeholders = request_placeholders(request, "ConditionExpression")
    condition = compile_condition(request, placeholders)
    placeholders.check_unused()
    if takes_older:
        condition = condition or compile_expected(request)
    table = database.catalog.table(request["TableName"])
    change = sized_put_change(table, item, size_bytes)
    return ItemWrite(change.table, change.key, change.row_key, condition, lambda _: change)
