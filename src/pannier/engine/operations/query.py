"""Query: the items of one partition key, in the order of the sort key.

Order of checks: types and constraints; the older parameters, KeyConditions before QueryFilter;
filter, projection, key condition, unused placeholders; the table and index; the key condition
against the key schema; the filter against it, and against what the index projects (where a Scan
takes what is not projected for absent); the starting key.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints, messages
from pannier.engine.catalog import Index
from pannier.engine.legacy import KeyConditions, check_mixing, compile_filter
from pannier.engine.pages import compile_expressions, plan_page
from pannier.engine.rows import partition_prefix
from pannier.errors import ValidationException
from pannier.expressions import (
    Condition,
    KeyCondition,
    Placeholders,
    SortCondition,
    bind_key_condition,
)
from pannier.model.key_bytes import encode, encode_prefix, successor

if TYPE_CHECKING:
    from pannier.engine.database import Database

_EXPRESSIONS = ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Read one page of a query."""
    constraints.check("Query", request)
    check_mixing("Query", request)
    text: str = request.get("KeyConditionExpression", "")
    older: dict[str, Any] | None = request.get("KeyConditions")
    if older is None and "KeyConditionExpression" not in request:
        raise ValidationException(messages.QUERY_NO_CONDITION)
    placeholders = Placeholders(
        request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    )
    placeholders.check({name: request.get(name) for name in _EXPRESSIONS})
    key_conditions = KeyConditions(older) if older is not None else None
    condition = compile_filter(request, "QueryFilter")
    expressions = compile_expressions(request, placeholders)
    if condition is not None:
        expressions.condition = condition
    key_condition = key_conditions or bind_key_condition(text, placeholders)
    placeholders.check_unused()
    read = plan_page(database, request, expressions)
    resolved = key_condition.resolve(read.schema.partition, read.schema.sort)
    if expressions.condition is not None:
        expressions.condition.check_key_names(read.schema.names)
        _check_projected(read.index, expressions.condition)
    prefix = _prefix(read.space, resolved)
    start, stop = _bounds(prefix, resolved)
    backwards = request.get("ScanIndexForward") is False
    after = read.start_key(messages.STARTING_KEY)
    if after is not None:
        if not after.startswith(prefix):
            raise ValidationException(messages.STARTING_KEY_OUTSIDE)
        if not start <= after < stop:
            raise ValidationException(messages.STARTING_KEY_PREDICATE)
        if backwards:
            stop = after
        else:
            start = after + b"\0"
    return read.answer(database.store.values(start, stop, reverse=backwards), prefix)


def _check_projected(index: Index | None, condition: Condition) -> None:
    if index is None or index.projected is None:
        return
    missing = condition.roots - index.projected
    if missing:
        raise ValidationException(messages.filter_not_projected(index.name, sorted(missing)))


def _prefix(space: bytes, condition: KeyCondition) -> bytes:
    """The prefix of the partition that a key condition names."""
    values = (next(iter(value.items())) for value in condition.partition)
    return partition_prefix(space, b"".join(encode(kind, content) for kind, content in values))


def _bounds(prefix: bytes, condition: KeyCondition) -> tuple[bytes, bytes]:
    """The range of rows that a key condition names in its partition."""
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
