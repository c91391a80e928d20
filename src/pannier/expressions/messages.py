"""The texts that DynamoDB answers about expressions, each once.

Evidence. **A**: users pasted it from the service (public issue threads), or AWS's documentation
shows it. **L**: the answer of DynamoDB Local 1.25.1, AWS's own product, which is taken to share the
service's expression parser; where both are known they agree. **K**: known from the service, but the
source is not at hand. **I**: inferred.

| text | evidence |
|---|---|
| syntax error with token and near, undefined name or value, overlapping paths | A, L |
| operand type of `list_append`; `operator: ADD, operand type: LIST` | A, L; `typeSet: …` only L |
| unused names, empty map of values, invalid key of a name, `Invalid operator … IN` | A, L |
| empty expression, reserved keyword, redundant parentheses, distinct operands | K, L |
| update of a key, filter on a key, and the four errors of evaluating an update | K, L |
| `missed key schema element: NAME` | K (Local leaves the name out) |
| order of the types in `UNKNOWN_TYPES` | I: a Java hash set's, another at each start of Local |
| order in `TYPE_NAMES_VALID`, and of names in "unused" | L: a Java hash set's order |
| conditions on keys of several attributes | I |
| everything else | L |
"""

from collections.abc import Iterable
from typing import Final

# Any expression
EMPTY: Final = "The expression can not be empty;"
SIZE: Final = "Expression size has exceeded the maximum allowed size;"
REDUNDANT_PARENTHESES: Final = "The expression has redundant parentheses;"

# Evaluation of an update
PATH_INVALID_FOR_UPDATE: Final = (
    "The document path provided in the update expression is invalid for update"
)
OPERAND_TYPE_IN_UPDATE: Final = "An operand in the update expression has an incorrect data type"
ATTRIBUTE_MISSING: Final = (
    "The provided expression refers to an attribute that does not exist in the item"
)

# Key conditions
KEY_CONDITION_NOT_SUPPORTED: Final = "Query key condition not supported"
KEY_CONDITION_TWICE: Final = "KeyConditionExpressions must only contain one condition per key"
KEY_CONDITION_NESTED_CALL: Final = "KeyConditionExpressions cannot contain nested operations"
KEY_CONDITION_NESTED_PATH: Final = (
    "KeyConditionExpressions cannot have conditions on nested attributes"
)
KEY_CONDITION_TYPE: Final = (
    "One or more parameter values were invalid: Condition parameter type does not match schema type"
)
_KEY_CONDITION_INVALID: Final = "Invalid condition in KeyConditionExpression: "
KEY_CONDITION_NAMES: Final = (
    _KEY_CONDITION_INVALID + "Multiple attribute names used in one condition"
)
KEY_CONDITION_NO_NAME: Final = _KEY_CONDITION_INVALID + "No key attribute specified"

# Placeholders
NAMES: Final = "ExpressionAttributeNames"
VALUES: Final = "ExpressionAttributeValues"

VALUES_SIZE: Final = VALUES + " exceeds max size"

UNKNOWN_TYPES: Final = "{NS,SS,L,BS,N,M,B,S,NULL,BOOL}"
TYPE_NAMES_VALID: Final = "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
LONG_TYPE_NAMES: Final = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "L": "LIST",
    "M": "MAP",
}

BoundPath = tuple[str | int, ...]


def path_text(path: BoundPath) -> str:
    """A document path as AWS prints it: `[a, b, [0]]`."""
    return f"[{', '.join(e if isinstance(e, str) else f'[{e}]' for e in path)}]"


def size_of(length: int) -> str:
    """An expression that is too long, with its length."""
    return f"{SIZE} expression size: {length}"


def syntax(token: str, near: str) -> str:
    """A token that can't stand where it stands."""
    return f'Syntax error; token: "{token}", near: "{near}"'


def reserved(name: str) -> str:
    """An attribute name that needs a placeholder."""
    return f"Attribute name is a reserved keyword; reserved keyword: {name}"


def index_range(digits: str) -> str:
    """A list index beyond a 32-bit integer."""
    return f"List index is not within the allowable range; index: [{digits}]"


def too_deep(levels: int) -> str:
    """A document path of more than 32 steps."""
    return f"The document path has too many nesting levels; nesting levels: {levels}"


def name_undefined(token: str) -> str:
    """A `#name` that was not declared."""
    return (
        "An expression attribute name used in the document path is not defined; "
        f"attribute name: {token}"
    )


def value_undefined(token: str) -> str:
    """A `:value` that was not declared."""
    return (
        f"An expression attribute value used in expression is not defined; attribute value: {token}"
    )


def paths_clash(verb: str, one: BoundPath, two: BoundPath) -> str:
    """Two paths that `overlap` (one holds the other) or `conflict` (map against list)."""
    return (
        f"Two document paths {verb} with each other; must remove or rewrite one of these paths; "
        f"path one: {path_text(one)}, path two: {path_text(two)}"
    )


def function_unknown(name: str) -> str:
    """No function of the language."""
    return f"Invalid function name; function: {name}"


def function_forbidden(name: str, where: str) -> str:
    """A function of the other language: `where` is `a condition` or `an update`."""
    return f"The function is not allowed in {where} expression; function: {name}"


def function_misplaced(name: str) -> str:
    """A condition where a value is wanted, or the other way round."""
    return f"The function is not allowed to be used this way in an expression; function: {name}"


def operand_count(operator: str, count: int) -> str:
    """A function with too many or too few operands."""
    return (
        "Incorrect number of operands for operator or function; "
        f"operator or function: {operator}, number of operands: {count}"
    )


def operand_type(operator: str, kind: str) -> str:
    """An operand that can't have the right type, whatever the item."""
    return (
        "Incorrect operand type for operator or function; "
        f"operator or function: {operator}, operand type: {kind}"
    )


def clause_operand_type(clause: str, kind: str) -> str:
    """A value that ADD or DELETE can't work with."""
    return (
        f"Incorrect operand type for operator or function; operator: {clause}, "
        f"operand type: {LONG_TYPE_NAMES[kind]}, typeSet: ALLOWED_FOR_{clause}_OPERAND"
    )


def path_required(function: str) -> str:
    """A function whose operand must be a document path."""
    return f"Operator or function requires a document path; operator or function: {function}"


def not_distinct(operator: str, path: BoundPath) -> str:
    """A path compared with itself."""
    return (
        "The first operand must be distinct from the remaining operands for this operator or "
        f"function; operator: {operator}, first operand: {path_text(path)}"
    )


def type_name_invalid(name: str) -> str:
    """`attribute_type` asked for a type that does not exist."""
    return f"Invalid attribute type name found; type: {name}, valid types: {TYPE_NAMES_VALID}"


def bounds_type(low: str, high: str) -> str:
    """BETWEEN with bounds of two types."""
    return (
        "The BETWEEN operator requires same data type for lower and upper bounds; "
        f"lower bound operand: {low}, upper bound operand: {high}"
    )


def bounds_order(low: str, high: str) -> str:
    """BETWEEN with bounds the wrong way round."""
    return (
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
        f"lower bound operand: {low}, upper bound operand: {high}"
    )


def in_count(count: int) -> str:
    """IN with more than 100 values."""
    return f"The IN operator is provided with too many operands; number of operands: {count}"


def operator_count(count: int) -> str:
    """More than 300 operators and functions."""
    return f"The expression contains too many operators; operator count: {count}"


def clause_twice(clause: str) -> str:
    """A clause of an update that stands there twice."""
    return f'The "{clause}" section can only be used once in an update expression;'


def key_updated(name: str) -> str:
    """An update of a key attribute."""
    return (
        "One or more parameter values were invalid: "
        f"Cannot update attribute {name}. This attribute is part of the key"
    )


def key_filtered(name: str) -> str:
    """A filter on a key attribute."""
    return (
        "Filter Expression can only contain non-primary key attributes: "
        f"Primary key attribute: {name}"
    )


def key_not_scalar(name: str) -> str:
    """A path into a key attribute."""
    return (
        "Key attributes must be scalars; list random access '[]' and map lookup '.' "
        f"are not allowed: Key: {name}"
    )


def key_missed(name: str) -> str:
    """A query that says nothing of a key attribute it must name."""
    return f"Query condition missed key schema element: {name}"


def key_operator(operator: str) -> str:
    """An operator that no key condition may use."""
    return f"Invalid operator used in KeyConditionExpression: {operator}"


def key_operand_first(operator: str) -> str:
    """BETWEEN or begins_with that begins with a value."""
    return (
        f"{_KEY_CONDITION_INVALID}{operator} operator must have the key attribute "
        "as its first operand"
    )


def key_condition_count(most: int) -> str:
    """More conditions than the key has attributes."""
    return f"Conditions can be of length {' or '.join(map(str, range(1, most + 1)))} only"


def only_with_expressions(parameter: str) -> str:
    """Placeholders, and no expression at all."""
    return f"{parameter} can only be specified when using expressions"


def values_without(kinds: Iterable[str]) -> str:
    """Values, and none of the expressions that could use them."""
    kinds = list(kinds)
    verb = "are" if len(kinds) > 1 else "is"
    return f"{only_with_expressions(VALUES)}: {' and '.join(kinds)} {verb} null"


def must_not_be_empty(parameter: str) -> str:
    """An empty map of placeholders."""
    return f"{parameter} must not be empty"


def key_invalid(parameter: str, key: str) -> str:
    """A placeholder that is not `#` or `:` and letters, digits or underscores."""
    return f'{parameter} contains invalid key: Syntax error; key: "{key}"'


def key_too_long(parameter: str, size: int) -> str:
    """A placeholder of more than 255 bytes; AWS gives the size for names only."""
    detail = f" size of key: {size}" if parameter == NAMES else ""
    return (
        f"{parameter} contains invalid key: "
        f"The expression attribute map contains a key that is too long;{detail}"
    )


def value_invalid(parameter: str, text: str, key: str) -> str:
    """What a placeholder stands for is no attribute name or value."""
    return f"{parameter} contains invalid value: {text} for key {key}"


def unused(parameter: str, keys: Iterable[str]) -> str:
    """Placeholders that no expression of the request uses."""
    return f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(keys)}}}"
