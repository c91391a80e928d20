"""DeleteItem: one item by its key; a missing one is no error.

Order of checks: types and constraints; the expression and its placeholders; values; the table;
the key; the condition.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.engine.item_writes import compile_request, write_one
from pannier.engine.unsupported import refuse
from pannier.engine.writing import delete_change
from pannier.model.attribute_value import check_item

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Delete an item."""
    constraints.check("DeleteItem", request)
    refuse(request, "Expected", "ConditionalOperator")
    condition = compile_request(request)
    check_item(request["Key"])
    table = database.catalog.table(request["TableName"])
    return write_one(database, delete_change(table, request["Key"]), condition, request)
