"""What PutItem and DeleteItem have in common: condition, write, answer."""

from typing import TYPE_CHECKING, Any

from pannier.engine import messages
from pannier.engine.capacity import Consumed, wanted_level
from pannier.engine.collections import collection_metrics
from pannier.engine.conditions import compile_condition, require
from pannier.engine.rows import row_item
from pannier.engine.writing import ItemChange, apply_change, save_counts
from pannier.errors import ValidationException
from pannier.expressions import Condition, Placeholders

if TYPE_CHECKING:
    from pannier.engine.database import Database


def compile_request(request: dict[str, Any]) -> Condition | None:
    """The condition of a put or delete, with all its placeholders checked.

    Raises:
        ValidationException: the expression is wrong, or `ReturnValues` names what only
            UpdateItem can return.
    """
    if request.get("ReturnValues") not in (None, "NONE", "ALL_OLD"):
        raise ValidationException(messages.RETURN_VALUES)
    placeholders = Placeholders(
        request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    )
    placeholders.check({"ConditionExpression": request.get("ConditionExpression")})
    condition = compile_condition(request, placeholders)
    placeholders.check_unused()
    return condition


def write_one(
    database: "Database", change: ItemChange, condition: Condition | None, request: dict[str, Any]
) -> dict[str, Any]:
    """Write one change if its condition holds, and answer it."""
    store, table = database.store, change.table
    old_row = store.get(change.row_key)
    wants_old = request.get("ReturnValues") == "ALL_OLD"
    old_item = None
    if old_row is not None and (condition is not None or wants_old):
        old_item = row_item(old_row)
    require(condition, old_item, request)
    consumed = Consumed(table)
    group = store.new_group()
    apply_change(change, old_row, group, consumed)
    save_counts(table, group)
    database.write(group)
    answer: dict[str, Any] = {}
    if wants_old and old_item is not None:
        answer["Attributes"] = old_item
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = consumed.to_api(level)
    if request.get("ReturnItemCollectionMetrics") == "SIZE" and table.local_indexes_exist:
        (answer["ItemCollectionMetrics"],) = collection_metrics(store, table, [change])
    return answer
