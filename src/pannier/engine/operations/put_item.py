"""PutItem: one item, whole, in place of what was there.

Order of checks: types and constraints; the expression and its placeholders; values and size; the
table; its keys; the condition.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.engine.item_writes import compile_request, write_one
from pannier.engine.unsupported import refuse
from pannier.engine.writing import put_change
from pannier.errors import ValidationException
from pannier.limits import ITEM_BYTES_MAX
from pannier.model import messages
from pannier.model.attribute_value import check_item

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Put an item."""
    constraints.check("PutItem", request)
    refuse(request, "Expected", "ConditionalOperator")
    condition = compile_request(request)
    item = request["Item"]
    if check_item(item) > ITEM_BYTES_MAX:
        raise ValidationException(messages.ITEM_SIZE)
    table = database.catalog.table(request["TableName"])
    return write_one(database, put_change(table, item), condition, request)
