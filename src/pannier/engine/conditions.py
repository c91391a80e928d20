"""Conditions of single-item writes."""

from typing import Any

from pannier.engine import messages
from pannier.errors import ConditionalCheckFailedException
from pannier.expressions import Condition, Placeholders, parse_condition
from pannier.model.attribute_value import Item


def compile_condition(request: dict[str, Any], placeholders: Placeholders) -> Condition | None:
    """The request's condition, or None.

    Raises:
        ValidationException: the expression is wrong.
    """
    text = request.get("ConditionExpression")
    if text is None:
        return None
    return parse_condition(text, placeholders, kind="ConditionExpression")


def require(condition: Condition | None, old_item: Item | None, request: dict[str, Any]) -> None:
    """Hold the item as it is against the condition.

    Args:
        condition: None is always true.
        old_item: the item before the write; None where there is none.
        request: may ask for the item in the error with `ReturnValuesOnConditionCheckFailure`.

    Raises:
        ConditionalCheckFailedException: the condition is false.
    """
    if condition is None or condition.matches(old_item or {}):
        return
    if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and old_item is not None:
        raise ConditionalCheckFailedException(messages.CONDITION_FAILED, Item=old_item)
    raise ConditionalCheckFailedException(messages.CONDITION_FAILED)
