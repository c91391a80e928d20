"""Expected and ConditionalOperator: the condition of a write, before ConditionExpression.

An entry says either what is compared (`AttributeValueList` and `ComparisonOperator`), or, older
still, that an attribute has a `Value`, or that it does not exist (`Exists` false). Which members go
together, in AWS's order:

1. no Exists with ComparisonOperator;
2. no Value with AttributeValueList;
3. no AttributeValueList without ComparisonOperator;
4. no ComparisonOperator but NULL and NOT_NULL without Value or AttributeValueList;
5. no Value where Exists is false;
6. no entry without Value else, whether Exists is true or absent.

A Value beside a ComparisonOperator stands for a list of one: the service takes it (captured),
although the Developer Guide forbids it. An empty map is no condition (Local).
"""

from typing import Any

from pannier.engine.legacy import messages
from pannier.engine.legacy.conditions import VALUELESS, check_name, checked_term, joined
from pannier.errors import ValidationException
from pannier.expressions import Condition
from pannier.expressions.tree import Term


def compile_expected(request: dict[str, Any]) -> Condition | None:
    """The condition of a write's `Expected`, or None.

    Args:
        request: a PutItem, UpdateItem or DeleteItem, its constraints checked; values are made
            canonical in place.

    Raises:
        ValidationException: AWS's first complaint about `Expected` or `ConditionalOperator`.
    """
    terms = [_term(*entry) for entry in (request.get("Expected") or {}).items()]
    term = joined(terms, request.get("ConditionalOperator"))
    return Condition(term) if term is not None else None


def _term(name: str, entry: dict[str, Any]) -> Term:
    check_name(name)
    exists, value = entry.get("Exists"), entry.get("Value")
    operator, values = entry.get("ComparisonOperator"), entry.get("AttributeValueList")
    problem = _problem(exists, operator, has_value=value is not None, has_list=values is not None)
    if problem is not None:
        raise ValidationException(messages.expected(problem, name))
    if operator is None:
        operator = "NULL" if value is None else "EQ"
    if value is not None:
        values = [value]
    return checked_term(name, operator, values)


def _problem(
    exists: bool | None, operator: str | None, *, has_value: bool, has_list: bool
) -> str | None:
    """Which members do not go together, in AWS's words."""
    if exists is not None and operator is not None:
        return "Exists and ComparisonOperator cannot be used together"
    if has_value and has_list:
        return "Value and AttributeValueList cannot be used together"
    if operator is None and has_list:
        return "AttributeValueList can only be used with a ComparisonOperator"
    if operator is not None:
        if has_value or has_list or operator in VALUELESS:
            return None
        return f"Value or AttributeValueList must be used with ComparisonOperator: {operator}"
    if exists is False:
        return "Value cannot be used when Exists is false" if has_value else None
    if not has_value:
        return f"Value must be provided when Exists is {'null' if exists is None else 'true'}"
    return None
