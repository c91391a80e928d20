"""TransactWriteItems: up to 100 writes and checks of different items, all or nothing.

Order of checks. "Captured" is what others report of the service, the rest is DynamoDB Local's or
inferred. The steps up to 4 fail the request; from 5 on they cancel the transaction:

1. types and constraints: 1 to 100 actions, the members that each must have;
2. each action by itself: exactly one of the four; expressions, placeholders, values, item size.
   Placeholders beside no expression at all are accepted here, though nowhere else (captured);
3. the actions together: at most 4 MB of items, keys and values (the order is inferred);
4. the tables exist; no key or index key is empty (captured);
5. each action against its table: keys, index keys, no update of a key. Only the first that fails
   gives its reason (captured);
6. no two actions on one item, which fails the request (captured: after 5);
7. the request token, see `idempotency`;
8. each action against its item, see `transacting`: every one that fails gives its reason.

An update's value that is nested too deeply cancels, unlike that of any other action (captured).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, cast

from pannier.engine import constraints, messages
from pannier.engine.capacity import wanted_level
from pannier.engine.collections import collection_metrics
from pannier.engine.idempotency import request_token
from pannier.engine.item_writes import compile_condition, request_placeholders
from pannier.engine.operations import delete_item, put_item, update_item
from pannier.engine.rows import row_key
from pannier.engine.transacting import (
    Action,
    ItemCheck,
    Transacted,
    cancellation,
    capacity,
    execute_transaction,
    fails_request,
)
from pannier.errors import ServiceError, ValidationException
from pannier.limits import TRANSACTION_BYTES_MAX
from pannier.model import messages as value_messages
from pannier.model.attribute_value import check_item

if TYPE_CHECKING:
    from pannier.engine.database import Database

Compile: TypeAlias = Callable[["Database", dict[str, Any]], Action]

_NAME: Final = "TransactWriteItems"
_PLACEHOLDERS: Final = ("ExpressionAttributeNames", "ExpressionAttributeValues")
_COMMON: Final = (
    "TableName", "ConditionExpression", *_PLACEHOLDERS, "ReturnValuesOnConditionCheckFailure",
)  # fmt: skip
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "ConditionCheck": ("Key", *_COMMON),
    "Put": ("Item", *_COMMON),
    "Delete": ("Key", *_COMMON),
    "Update": ("Key", "UpdateExpression", *_COMMON),
}


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Carry out a transaction of writes."""
    constraints.check(_NAME, request)
    requested = [_single(each) for each in request["TransactItems"]]
    try:
        actions = [_COMPILERS[kind](database, content) for kind, content in requested]
    except ServiceError:
        _raise_first(database, requested)
    _check_size(requested)
    text = request.get("ClientRequestToken")
    transacted = execute_transaction(
        database,
        actions,
        shown=[
            position
            for position, (_, content) in enumerate(requested)
            if content.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        ],
        token=request_token(_NAME, text, requested) if text is not None else None,
    )
    return _answer(database, request, transacted)


def compile_check(database: "Database", request: dict[str, Any]) -> ItemCheck:
    """The check that a request with `Key` and `ConditionExpression` asks for.

    Raises:
        ServiceError: something in it is wrong.
    """
    placeholders = request_placeholders(request, "ConditionExpression")
    condition = compile_condition(request, placeholders)
    assert condition is not None  # the constraints say so
    placeholders.check_unused()
    check_item(request["Key"])
    table = database.catalog.table(request["TableName"])
    key = table.schema.exact_key(request["Key"])
    return ItemCheck(table, key, row_key(table.space.prefix, key), condition)


_COMPILERS: Final[Mapping[str, Compile]] = {
    "ConditionCheck": compile_check,
    "Put": put_item.compile_write,
    "Delete": delete_item.compile_write,
    "Update": update_item.compile_write,
}


def _single(action: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """An action's kind, and those of its members that the API has."""
    kinds = [kind for kind in _MEMBERS if action.get(kind) is not None]
    if not kinds:
        raise ValidationException(messages.TRANSACTION_MEMBER_MISSING)
    if len(kinds) > 1:
        raise ValidationException(messages.TRANSACTION_MEMBERS)
    (kind,) = kinds
    given = action[kind]
    names = _MEMBERS[kind]
    if given.get("ConditionExpression") is None and kind != "Update":
        names = tuple(name for name in names if name not in _PLACEHOLDERS)
    return kind, {name: given[name] for name in names if given.get(name) is not None}


def _check_size(requested: list[tuple[str, dict[str, Any]]]) -> None:
    size_bytes = 0
    for _, content in requested:
        size_bytes += check_item(content["Item"] if "Item" in content else content["Key"])
        size_bytes += check_item(content.get("ExpressionAttributeValues", {}))
    if size_bytes > TRANSACTION_BYTES_MAX:
        raise ValidationException(messages.transaction_size(size_bytes))


def _raise_first(database: "Database", requested: list[tuple[str, dict[str, Any]]]) -> NoReturn:
    """Go through the checks in AWS's order, and raise what it would answer first."""
    nested = {}
    for position, (kind, content) in enumerate(requested):
        try:
            _COMPILERS[kind](cast("Database", _BeforeTables()), content)
        except _TableReachedError:
            continue
        except ValidationException as error:
            if kind != "Update" or not _is_nested_value(error):
                raise
            nested[position] = ValidationException(value_messages.NESTING)
    if not nested:
        _check_size(requested)
    for _, content in requested:
        database.catalog.table(content["TableName"])
    first: tuple[int, ServiceError] | None = None
    for position, (kind, content) in enumerate(requested):
        try:
            if position in nested:
                raise nested[position]
            _COMPILERS[kind](database, content)
        except ServiceError as error:
            if fails_request(error):
                raise
            first = first or (position, error)
    assert first is not None  # or all actions would have compiled
    errors: list[ServiceError | None] = [None] * len(requested)
    errors[first[0]] = first[1]
    raise cancellation(errors)


def _is_nested_value(error: ValidationException) -> bool:
    text = error.message
    return text.startswith("ExpressionAttributeValues") and value_messages.NESTING in text


class _TableReachedError(Exception):
    """A request is right as far as it can be checked without its table."""


class _BeforeTables:
    """Stands for a database while a request is checked that far."""

    @property
    def catalog(self) -> NoReturn:
        """Where the checks that need no table end."""
        raise _TableReachedError


def _answer(
    database: "Database", request: dict[str, Any], transacted: Transacted
) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = capacity(transacted.consumed, level, transacted.kind)
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        changes = [each.change for each in transacted.done if each.change is not None]
        tables = dict.fromkeys(
            change.table for change in changes if change.table.local_indexes_exist
        )
        metrics = {
            table.name: collection_metrics(
                database.store, table, [change for change in changes if change.table is table]
            )
            for table in tables
        }
        if metrics:
            answer["ItemCollectionMetrics"] = metrics
    return answer
