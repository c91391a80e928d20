"""PutItem: one item, whole, in place of what was there.

Order of checks: types and constraints; values and size; the expression and its placeholders;
Expected; the table; its keys; the condition.
"""

from typing import TYPE_CHECKING, Any

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
from pannier.engine.writing import checked_size, sized_put_change

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Put an item."""
    constraints.check("PutItem", request)
    with enveloped():
        check_return_values(request)
        write = compile_write(database, request, takes_older=True)
    return write_returning_old(database, write, request)


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
