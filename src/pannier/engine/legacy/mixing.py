"""Old and new parameters in one request.

| rule | evidence |
|---|---|
| any older parameter beside any expression is refused, an empty one too | captured; DG |
| the text names all of both kinds that the request has, in a fixed order | Local |
| but KeyConditions excludes KeyConditionExpression alone | captured, Local |
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pannier.engine.legacy import messages
from pannier.errors import ParameterException

Operation = Literal["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"]

_KEY_CONDITIONS: Final = "KeyConditions"

# Older parameters and expressions, in the order in which AWS names them.
_PARAMETERS: Final[Mapping[Operation, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "GetItem": (("AttributesToGet",), ("ProjectionExpression",)),
    "PutItem": (("Expected", "ConditionalOperator"), ("ConditionExpression",)),
    "UpdateItem": (
        ("AttributeUpdates", "Expected", "ConditionalOperator"),
        ("UpdateExpression", "ConditionExpression"),
    ),
    "DeleteItem": (("Expected", "ConditionalOperator"), ("ConditionExpression",)),
    "Query": (
        ("AttributesToGet", "QueryFilter", "ConditionalOperator", _KEY_CONDITIONS),
        ("ProjectionExpression", "FilterExpression", "KeyConditionExpression"),
    ),
    "Scan": (
        ("AttributesToGet", "ScanFilter", "ConditionalOperator"),
        ("ProjectionExpression", "FilterExpression"),
    ),
}


def check_mixing(operation: Operation, request: Mapping[str, Any]) -> None:
    """Check that a request does not mix older parameters with expressions.

    Args:
        operation: its name; `GetItem` also for the part of a BatchGetItem about one table.
        request: its constraints are checked.

    Raises:
        ValidationException: it does.
    """
    older, newer = _PARAMETERS[operation]
    expressions = [name for name in newer if request.get(name) is not None]
    if not expressions:
        return
    non_expressions = [name for name in older if request.get(name) is not None]
    if _KEY_CONDITIONS in non_expressions and "KeyConditionExpression" not in expressions:
        non_expressions.remove(_KEY_CONDITIONS)
    if non_expressions:
        raise ParameterException(messages.mixed(non_expressions, expressions))
