"""DeleteItem: one item by its key; a missing one is no error.

Order of checks: types and constraints; the expression and its placeholders; values; Expected;
the table; the key; the condition.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.engine.item_writes import (
    ItemWrite,
    check_return_values,
    compile_condition,
    request_placeholders,
    write_returning_old,
)
from pannier.engine.legacy import check_mixing, compile_expected
from pannier.engine.writing import delete_change
from pannier.model.attribute_value import check_item

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Delete an item."""
    constraints.check("DeleteItem", request)
    check_return_values(request)
    write = compile_write(database, request, takes_older=True)
    return write_returning_old(database, write, request)


def compile_write(
    database: "Database", request: dict[str, Any], *, takes_older: bool = False
) -> ItemWrite:
    """The write that a request with `Key` asks for.

    Args:
        database: where the table is.
        request: the request, or the part of a transaction that looks like it.
        takes_older: whether the parameters from before expressions are looked at.

    Raises:
        ServiceError: something in it is wrong.
    """
    if takes_older:
        check_mixing("DeleteItem", request)
    placeholders = request_placeholders(request, "ConditionExpression")
    condition = compile_condition(request, placeholders)
    placeholders.check_unused()
    check_item(request["Key"])
    if takes_older:
        condition = condition or compile_expected(request)
    change = delete_change(database.catalog.table(request["TableName"]), request["Key"])
    return ItemWrite(change.table, change.key, change.row_key, condition, lambda _: change)
