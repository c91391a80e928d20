"""Query: the items of one partition key, in the order of the sort key.

Order of checks: types and constraints; expressions and placeholders; the table and index; the key
condition against the key schema; the starting key.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages
from pannier.engine.pages import compile_page_read
from pannier.engine.rows import partition_prefix
from pannier.engine.unsupported import refuse
from pannier.errors import ValidationException
from pannier.expressions import KeyCondition, Placeholders, SortCondition, parse_key_condition
from pannier.model.key_bytes import encode, encode_prefix, successor

if TYPE_CHECKING:
    from pannier.engine.database import Database

_EXPRESSIONS = ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Read one page of a query."""
    constraints.check("Query", request)
    refuse(request, "KeyConditions", "QueryFilter", "ConditionalOperator")
    text = request.get("KeyConditionExpression")
    if text is None:
        raise ValidationException(messages.QUERY_NO_CONDITION)
    placeholders = Placeholders(
        request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    )
    placeholders.check({name: request.get(name) for name in _EXPRESSIONS})
    read = compile_page_read(database, request, placeholders, filter_excludes_keys=True)
    schema = read.index.schema if read.index else read.table.schema
    key_condition = parse_key_condition(
        text, placeholders, partition=schema.partition, sort=schema.sort
    )
    placeholders.check_unused()
    start, stop = _bounds(read.space, key_condition)
    after = read.start_key()
    backwards = request.get("ScanIndexForward") is False
    if after is not None:
        if not start <= after < stop:
            raise ValidationException(messages.STARTING_KEY_OUTSIDE)
        if backwards:
            stop = after
        else:
            start = after + b"\0"
    return read.answer(database.store.range(start, stop, reverse=backwards))


def _bounds(space: bytes, condition: KeyCondition) -> tuple[bytes, bytes]:
    """The range of rows that a key condition names."""
    values = (next(iter(value.items())) for value in condition.partition)
    prefix = partition_prefix(space, b"".join(encode(kind, content) for kind, content in values))
    for sort_condition in condition.sort:
        if sort_condition.operator != "=":
            return _sort_bounds(prefix, sort_condition)
        ((kind, content),) = sort_condition.values[0].items()
        prefix += encode(kind, content)
    return prefix, successor(prefix)


def _sort_bounds(prefix: bytes, condition: SortCondition) -> tuple[bytes, bytes]:
    first = condition.values[0]
    ((kind, content),) = first.items()
    if condition.operator == "begins_with":
        begin = prefix + encode_prefix(kind, content)
        return begin, successor(begin)
    low = prefix + encode(kind, content)
    match condition.operator:
        case "<":
            return prefix, low
        case "<=":
            return prefix, successor(low)
        case ">":
            return successor(low), successor(prefix)
        case ">=":
            return low, successor(prefix)
    ((kind, content),) = condition.values[1].items()  # BETWEEN
    return low, successor(prefix + encode(kind, content))
