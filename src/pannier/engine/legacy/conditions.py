"""One condition of the older kind: an attribute, an operator, a list of values.

Rules (Developer Guide, "Writing conditions with legacy parameters"), in AWS's order:

| rule | evidence |
|---|---|
| the values are legal | Local, as for every value |
| NULL and NOT_NULL take no value, BETWEEN two, IN one or more, the others one | DG, Local |
| order and IN want S, N or B; BEGINS_WITH S or B; CONTAINS no set, list or map | Local |
| and each is of the type of the first; then: the bounds of BETWEEN are in order | DG, Local |

What they mean, on the attribute of that name alone (a dot is part of the name):

| operator | as an expression | on a missing attribute |
|---|---|---|
| EQ, LE, LT, GE, GT, IN, BETWEEN, BEGINS_WITH, CONTAINS | the same | false |
| NE | `<>` | true |
| NOT_CONTAINS | `attribute_exists` and `NOT contains`, whatever the type | false |
| NULL, NOT_NULL | `attribute_not_exists`, `attribute_exists` | true, false |

What NE and NOT_CONTAINS say is Local's.
"""

from collections.abc import Sequence
from typing import Any, Final

from pannier.engine.legacy import messages
from pannier.errors import ValidationException
from pannier.expressions.compare import ORDERED_TYPES, before
from pannier.expressions.tree import (
    Between,
    Call,
    Comparison,
    Constant,
    Junction,
    Membership,
    Not,
    Path,
    Term,
)
from pannier.model.attribute_value import AttributeValue, check_value, type_of

COMPARISONS: Final = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}
VALUELESS: Final = {"NULL": "attribute_not_exists", "NOT_NULL": "attribute_exists"}

_VALUE_COUNTS: Final = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}
_PART_TYPES: Final = frozenset({"S", "N", "B", "BOOL", "NULL"})
_TYPES: Final = {
    **dict.fromkeys(("LE", "LT", "GE", "GT", "BETWEEN", "IN"), ORDERED_TYPES),
    **dict.fromkeys(("CONTAINS", "NOT_CONTAINS"), _PART_TYPES),
    "BEGINS_WITH": frozenset({"S", "B"}),
}


def filter_term(name: str, condition: dict[str, Any]) -> Term:
    """The bound tree of a `Condition` of the API, checked.

    Args:
        name: the attribute.
        condition: has `ComparisonOperator`; its values are made canonical in place.

    Raises:
        ValidationException: it breaks a rule.
    """
    return checked_term(name, condition["ComparisonOperator"], condition.get("AttributeValueList"))


def checked_term(name: str, operator: str, values: Sequence[AttributeValue] | None) -> Term:
    """The bound tree of a condition, checked.

    Raises:
        ValidationException: it breaks a rule.
    """
    check_name(name)
    values = values or ()
    for value in values:
        check_value(value)
    _check_values(operator, values)
    return _term(name, operator, values)


def check_name(name: str) -> None:
    """Check that an attribute has a name; the constraints say that it is not too long.

    Raises:
        ValidationException: it has none.
    """
    if not name:
        raise ValidationException(messages.EMPTY_NAME)


def joined(terms: Sequence[Term], operator: str | None) -> Term | None:
    """Conditions joined by a `ConditionalOperator`, which is AND where there is none.

    Raises:
        ValidationException: there is one, and fewer than two conditions.
    """
    if operator is not None and len(terms) < 2:
        raise ValidationException(
            messages.OPERATOR_WITH_ONE_CONDITION if terms else messages.OPERATOR_WITHOUT_CONDITIONS
        )
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else Junction(operator or "AND", tuple(terms))


def _check_values(operator: str, values: Sequence[AttributeValue]) -> None:
    if operator == "IN":
        is_count_right = len(values) > 0
    else:
        is_count_right = len(values) == _VALUE_COUNTS.get(operator, 1)
    if not is_count_right:
        raise ValidationException(messages.argument_count(operator))
    allowed = _TYPES.get(operator)
    for value in values:
        kind = type_of(value)
        if allowed is not None and kind not in allowed:
            raise ValidationException(messages.operator_type(operator, kind))
        if kind not in values[0]:
            raise ValidationException(messages.VALUES_OF_TYPES)
    if operator == "BETWEEN" and before(values[1], values[0]):
        raise ValidationException(messages.BOUNDS_ORDER)


def _term(name: str, operator: str, values: Sequence[AttributeValue]) -> Term:
    path = Path((name,))
    operands = tuple(Constant(value) for value in values)
    if operator in COMPARISONS:
        return Comparison(COMPARISONS[operator], path, operands[0])
    if operator in VALUELESS:
        return Call(VALUELESS[operator], (path,))
    match operator:
        case "BETWEEN":
            return Between(path, operands[0], operands[1])
        case "IN":
            return Membership(path, operands)
        case "BEGINS_WITH":
            return Call("begins_with", (path, operands[0]))
    contains = Call("contains", (path, operands[0]))
    if operator == "CONTAINS":
        return contains
    return Junction("AND", (Call("attribute_exists", (path,)), Not(contains)))
