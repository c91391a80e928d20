"""The texts that DynamoDB answers about the older parameters, each once.

Evidence. **A**: pasted from the service in public threads, or captured on it. **L**: the answer of
DynamoDB Local 1.25. **K**: known from the service, the source is not at hand. **I**: inferred.

| text | evidence |
|---|---|
| mixing: names and their order | A for the pairs of one and one; order of longer lists L |
| ConditionalOperator without conditions, with one | A, L |
| Exists true or null without Value, false with Value, with ComparisonOperator; | |
| AttributeValueList without ComparisonOperator | A with `DETECTED`, L without |
| Value with AttributeValueList, ComparisonOperator with neither | L; `DETECTED` I |
| number of arguments | A (2016, 2017), L |
| operator and type, one type, bounds | K, L |
| no value but for DELETE; type mismatch | K, L |
| ADD and DELETE with value: the type | A as `S`, `L`; Local prints STRING, LIST |
| a key attribute in QueryFilter | K, L |
| not an indexable operation | K, L; for NE, NULL and NOT_NULL I |
| empty attribute name | L |
"""

from collections.abc import Iterable
from typing import Final

from pannier.model.messages import INVALID

EMPTY_NAME: Final = "Empty attribute name"

OPERATOR_WITHOUT_CONDITIONS: Final = "ConditionalOperator cannot be used without Filter or Expected"
OPERATOR_WITH_ONE_CONDITION: Final = (
    "ConditionalOperator can only be used when Filter or Expected has two or more elements"
)
VALUES_OF_TYPES: Final = INVALID + "AttributeValues inside AttributeValueList must be of same type"
BOUNDS_ORDER: Final = (
    "The BETWEEN condition was provided a range where the lower bound is greater than the "
    "upper bound"
)
NOT_INDEXABLE: Final = "Attempted conditional constraint is not an indexable operation"
VALUE_MISSING: Final = (
    INVALID + "Only DELETE action is allowed when no attribute value is specified"
)
UPDATE_TYPE: Final = "Type mismatch for attribute to update"

_DETECTED: Final = "1 validation error detected: "


def mixed(non_expressions: Iterable[str], expressions: Iterable[str]) -> str:
    """The text for older parameters beside expressions."""
    return (
        "Can not use both expression and non-expression parameters in the same request: "
        f"Non-expression parameters: {{{', '.join(non_expressions)}}} "
        f"Expression parameters: {{{', '.join(expressions)}}}"
    )


def expected(problem: str, name: str) -> str:
    """The text for members of an Expected entry that do not go together."""
    return f"{_DETECTED}{INVALID}{problem} for Attribute: {name}"


def argument_count(operator: str) -> str:
    """The text for an operator with too many or too few values."""
    return f"{INVALID}Invalid number of argument(s) for the {operator} ComparisonOperator"


def operator_type(operator: str, kind: str) -> str:
    """The text for an operator that values of a type do not have."""
    return f"{INVALID}ComparisonOperator {operator} is not valid for {kind} AttributeValue type"


def key_filtered(name: str) -> str:
    """The text for a key attribute in a QueryFilter."""
    return f"QueryFilter can only contain non-primary key attributes: Primary key attribute: {name}"


def update_type(action: str, kind: str) -> str:
    """The text for an action that values of a type do not have: ADD, or DELETE with a value."""
    with_value = " with value" if action == "DELETE" else ""
    return f"{INVALID}{action} action{with_value} is not supported for the type {kind}"


def duplicate_name(name: str) -> str:
    """The text for a name that AttributesToGet has twice."""
    return f"{INVALID}Duplicate value in attribute name: {name}"
