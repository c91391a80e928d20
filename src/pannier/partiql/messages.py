"""The texts that DynamoDB answers about PartiQL statements, each once.

Evidence. **A**: captured from the service (public issue threads and pull requests that say so, or
AWS's documentation). **P**: the words of AWS's reference parser for PartiQL, which the service
passes on, as the two details that are captured show ("Expected data manipulation", "Unexpected
keyword"). **L**: DynamoDB Local 1.25.1, AWS's own product; it puts the whole statement where the
service puts the parser's words. **I**: inferred.

| text | evidence |
|---|---|
| "Statement wasn't well formed, can't be processed: " and those two details | A |
| the other details of grammar | P; for RETURNING, and what the tokens can't hold: I |
| `NextToken does not match request` | A; for a token that is none at all: L |
| missing index without its name; consistent read of a global index | A |
| `Duplicate primary key exists in table`, the mandatory equality of writes | A, L |
| a batch's SELECT without its key | A; what a batch may not mix: L |
| everything else | L |
"""

from typing import Final

from pannier.partiql.nodes import Place

# Grammar: the details behind `malformed`
DATA_MANIPULATION: Final = "Expected data manipulation"
KEYWORD: Final = "Unexpected keyword"
TERM: Final = "Unexpected term"
OPERATOR: Final = "Unexpected operator"
AFTER_EXPRESSION: Final = "Unexpected token after expression"
AFTER_SEMICOLON: Final = "Unexpected token after semicolon. (Only one query is allowed.)"
RIGHT_SIDE: Final = "Missing right-hand side expression of infix operator"
AFTER_AND: Final = "Expected expression after AND"
TYPE_NAME: Final = "Expected type name"
SIMPLE_PATH: Final = "Expected identifier for simple path"
PATH_DOT: Final = "Invalid path dot component"
PATH_DOT_SIMPLE: Final = "Invalid path dot component for simple path"
PATH_COMPONENT_SIMPLE: Final = "Invalid path component for simple path"
EMPTY_GROUP: Final = "Expression group cannot be empty"
MISSING_FROM: Final = "Expected FROM after SELECT list"
DELETE_FROM: Final = "Expected FROM after DELETE"
ASTERISK_NOT_ALONE: Final = (
    "Other expressions may not be present in the select list when '*' is used without dot notation."
)
WILDCARD_IN_LIST: Final = "Invalid use of * in select list"
ROW_VALUES: Final = "Expected LEFT_PAREN for row value constructor"
ASSIGNMENT: Final = "Expected '='"
JOIN_ON: Final = "Expected 'ON'"
RETURNING: Final = "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element"
NESTED_TOO_DEEP: Final = "The expression is nested too deeply"

# Statements
ALIAS: Final = "Aliasing is not supported"
FROM_SOURCE: Final = "Unexpected from source"
FROM_SEVERAL: Final = "Only select from a single table or index is supported."
FROM_PATH: Final = "A path may contain at most 2 components in the FROM clause"
FROM_IN_WRITE: Final = (
    "FROM clause may only contain a single table name in data manipulation statements"
)
TABLE_NAME: Final = (
    "Table name should be within the length [3, 255] and only contain "
    "'a-z', 'A-Z', '0-9', '-', '_', '.'."
)
WRITE_TO_INDEX: Final = "This operation is not supported on an index"
SELECT_VALUE: Final = "Select projection doesn't support value or pivot keywords"
SELECT_HIERARCHY: Final = "Changing item's hierarchy while reading isn't supported"
SELECT_DISTINCT: Final = "Unsupported token in expression: DISTINCT"
INSERT_RETURNING: Final = "RETURNING is not supported in INSERT"
RETURNING_STAR: Final = "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause"
RETURNING_SEVERAL: Final = "Invalid syntax with multiple returning elements in RETURNING clause"
EXISTS_OUTSIDE: Final = "EXISTS can only be used in ExecuteTransaction write requests."
PARAMETER_COUNT: Final = "Number of parameters in request and statement don't match."

# Conditions and updates
NOT_BOOLEAN: Final = "WHERE clause must contain an expression that resolves to a boolean"
JUNCTION_OPERAND: Final = "The arguments to AND/OR must be Expressions"
NOT_OPERAND: Final = "The argument to NOT must be a Type or Expression"
IS_OPERAND: Final = (
    "The left hand side argument to IS must be a Variable Reference, Literal, or Path"
)
IN_OPERANDS: Final = (
    "IN operator must have a left hand argument of type Variable Reference "
    "and right hand argument of type Seq with at least one member"
)
MISSING_COMPARED: Final = "MISSING must be compared using IS operator"

# Literals
BAG_TYPES: Final = (
    "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
)
BAG_DUPLICATES: Final = "Input collection contains duplicates"

# Keys and tables
WHERE_KEY: Final = "Where clause does not contain a mandatory equality on all key attributes"
DUPLICATE_ITEM: Final = "Duplicate primary key exists in table"
INDEX_MISSING: Final = "The table does not have the specified index"
INDEX_CONSISTENT: Final = "Strongly consistent read is not supported on Global Secondary Indexes"
ORDER_WITHOUT_WHERE: Final = "Must have WHERE clause in the statement when using ORDER BY clause."
ORDER_WITHOUT_KEY: Final = (
    "Must have at least one non-optional hash key condition in WHERE clause "
    "when using ORDER BY clause."
)
TOKEN_INVALID: Final = "Invalid NextToken"  # noqa: S105
TOKEN_MISMATCH: Final = "NextToken does not match request"  # noqa: S105

# Several statements
BATCH_MIXED: Final = "Read and write requests together in the same batch is not supported."
BATCH_KEY: Final = (
    "Select statements within BatchExecuteStatement must specify the primary key "
    "in the where clause."
)
TRANSACTION_MIXED: Final = (
    "ExecuteTransaction API does not support both read and write operations in the same request."
)
TRANSACTION_KEY: Final = (
    "Select statements within ExecuteTransaction must specify the primary key in the where clause."
)
TRANSACTION_INDEX: Final = "Reads on indices are not supported within transactions."
TRANSACTION_RETURNING: Final = "RETURNING clause is not supported in ExecuteTransaction."
TRANSACTION_EXISTS: Final = "EXISTS() must contain a single item read with additional condition"


def malformed(detail: str) -> str:
    """A statement that breaks the grammar."""
    return f"Statement wasn't well formed, can't be processed: {detail}"


def expected(token: str) -> str:
    """A token that must stand here and does not, by the name of its kind."""
    return f"Expected {token}"


def invalid_character(place: Place) -> str:
    """A character that begins no token."""
    return f"Lexer Error: at line {place.line}, column {place.column}: invalid character at"


def unsupported_operation(name: str) -> str:
    """An expression or statement that is none of DynamoDB's four."""
    return f"Unsupported operation: {name}"


def unsupported_clause(name: str, place: Place | None = None) -> str:
    """A clause of SQL that DynamoDB does not have."""
    return f"Unsupported clause: {name}{_at(place)}"


def unsupported_token(name: str, place: Place) -> str:
    """A term of PartiQL that DynamoDB does not have."""
    return f"Unsupported token in expression: {name}{_at(place)}"


def path_component(place: Place) -> str:
    """Something in a path, or in place of one, that is neither a name nor an index."""
    return f"Unexpected path component{_at(place)}"


def index_range(index: str, place: Place) -> str:
    """A list index below zero or beyond a 32-bit integer."""
    return f"List index is not within the allowable range; index: [{index}]{_at(place)}"


def duplicate_names(name: str) -> str:
    """Two selected paths that would be answered by one name."""
    return f"Duplicate identifiers in select clause: {name}"


def returning_of_delete(returning: str) -> str:
    """A DELETE that wants more than the item as it was."""
    return (
        f"Invalid returning clause: RETURNING {returning} *. "
        "Only RETURNING ALL OLD * is allowed in DELETE statements."
    )


def condition_operator(operator: str) -> str:
    """An operator that conditions do not have."""
    return f"Unsupported operator in Condition Expression. Operator: {operator}"


def update_operator(operator: str) -> str:
    """An operator that updates do not have."""
    return f"Unsupported operator in Update Expression. Operator: {operator}"


def function_unknown(name: str) -> str:
    """No function of the language."""
    return f"Unrecognized function: {name}"


def is_type(name: str, place: Place) -> str:
    """`IS` with a type that DynamoDB can't tell."""
    return (
        f"Unsupported data type for IS operator: {name}. Supported data types are "
        "[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]" + _at(place)
    )


def set_operand_count(function: str, place: Place) -> str:
    """SET_ADD or SET_DELETE of more or fewer than two."""
    return f"{function.upper()} must have exactly two arguments{_at(place)}"


def set_first_operand(function: str) -> str:
    """SET_ADD or SET_DELETE of another attribute than the one that is set."""
    return f"The first argument to {function.upper()} must equal the assignment value"


def set_second_operand(function: str, place: Place) -> str:
    """SET_ADD or SET_DELETE of what is no set."""
    return f"The second argument to {function.upper()} must be a value with type SET" + _at(place)


def item_format(place: Place) -> str:
    """An INSERT of something else than a tuple."""
    return (
        "Unsupported format in item expression. Please use struct format {...} "
        f"to express item values for insert statement.{_at(place)}"
    )


def insert_at(place: Place) -> str:
    """An INSERT at a position."""
    return f"AT is not supported in insert statements.{_at(place)}"


def value_type(name: str, key: str, place: Place | None) -> str:
    """An expression where a value must stand."""
    return f"Unsupported data type: {name} under key {key}{_at(place)}"


def ion(kind: str, key: str, place: Place) -> str:
    """A literal in backticks."""
    return f"Ion Literals are not supported: {kind} under key {key}{_at(place)}"


def tuple_key(kind: str, key: str, place: Place) -> str:
    """A name in a tuple that is no text."""
    return f"Tuple keys must be of type String. Actual type: {kind} under {key}{_at(place)}"


def tuple_duplicate(name: str, key: str, place: Place) -> str:
    """A name that a tuple has twice."""
    return f"Duplicate keys in tuple. Key: {name} under {key}{_at(place)}"


def bag_empty(place: Place) -> str:
    """A set without members."""
    return f"Empty bags are not supported{_at(place)}"


def bag_member(place: Place) -> str:
    """A member of a set that is neither a number nor a text."""
    return f"{BAG_TYPES}{_at(place)}"


def key_type(name: str) -> str:
    """A value of another type than the key attribute that it is compared with or put into."""
    return f"Key attribute's data type should match its data type in table's schema: Key {name}"


def key_missing(name: str) -> str:
    """An INSERT without one of the key attributes."""
    return f"Key attribute should be present in the item: Key {name}"


def key_twice(name: str) -> str:
    """A write whose condition wants two values of one key attribute."""
    return (
        f"Multiple conditions on same key {name}. "
        "Only single item Update/Insert/Delete are supported"
    )


def order_name(name: str) -> str:
    """ORDER BY something that is no part of the key."""
    return f"Variable reference {name} in ORDER BY clause must be part of the primary key"


def in_transaction(position: int, text: str) -> str:
    """What is wrong with one statement of a transaction."""
    return f"Validation failed in TransactStatements[{position}]: {text}"


def _at(place: Place | None) -> str:
    return f" at {place.line}:{place.column}:{place.length}" if place is not None else ""
