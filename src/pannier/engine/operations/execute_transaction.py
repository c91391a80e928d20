"""ExecuteTransaction: up to 100 PartiQL statements, all or nothing.

Rules (service model; texts of DynamoDB Local):

* all of them read, or all write; EXISTS checks an item among writes;
* a read names one whole key and nothing else, and no index; EXISTS names one and something else;
* RETURNING is not possible. Writes are answered without items, reads with one each or none;
* what is wrong with the statements themselves fails the request; what a table's keys or an item do
  not allow cancels the transaction (see `transacting`), an INSERT of what is there as
  `DuplicateItem` (inferred from the codes of batches; Local says `ValidationError`);
* units are those of TransactWriteItems and TransactGetItems.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pannier.engine import constraints
from pannier.engine.capacity import wanted_level
from pannier.engine.idempotency import request_token
from pannier.engine.rows import row_key, row_size
from pannier.engine.statements.keys import whole_key
from pannier.engine.statements.single_reads import SingleRead, compile_read
from pannier.engine.statements.writing import compile_write
from pannier.engine.transacting import (
    Action,
    ItemCheck,
    admit,
    cancellation,
    capacity,
    check_distinct,
    execute_transaction,
    fails_request,
    transactional_read_units,
)
from pannier.errors import ServiceError, ValidationException
from pannier.expressions import Condition
from pannier.partiql import Change, Exists, Select, Statement, messages, parse_statement

if TYPE_CHECKING:
    from pannier.engine.database import Database

_NAME: Final = "ExecuteTransaction"
_Compiled = TypeVar("_Compiled")


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Run a transaction of statements."""
    constraints.check(_NAME, request)
    requested = request["TransactStatements"]
    prepared = [parse_statement(each["Statement"]) for each in requested]
    if len({each.is_read for each in prepared}) > 1:
        raise ValidationException(messages.TRANSACTION_MIXED)
    statements = []
    for position, (each, one) in enumerate(zip(prepared, requested, strict=True)):
        try:
            statements.append(_checked(each.bind(one.get("Parameters") or ())))
        except ValidationException as error:
            raise _in_statement(position, error) from None
    if prepared[0].is_read:
        return _read(database, request, statements)
    return _write(database, request, statements)


def _in_statement(position: int, error: ServiceError) -> ValidationException:
    return ValidationException(messages.in_transaction(position, error.message))


def _checked(statement: Statement) -> Statement:
    """A statement that may stand in a transaction, as far as that needs no table."""
    if isinstance(statement, Select) and statement.index is not None:
        raise ValidationException(messages.TRANSACTION_INDEX)
    if isinstance(statement, Change) and statement.returning is not None:
        raise ValidationException(messages.TRANSACTION_RETURNING)
    return statement


def _read(
    database: "Database", request: dict[str, Any], statements: Sequence[Statement]
) -> dict[str, Any]:
    reads = _compiled(statements, partial(_single_read, database))
    row_keys = [read.row_key for read in reads]
    check_distinct(row_keys)
    rows = database.store.get_many(row_keys)
    costs = [transactional_read_units(row_size(row) if row is not None else 0) for row in rows]
    if database.admission.active:
        admit(
            database,
            [
                (read.table, "Read", [(None, read.row_key, units)])
                for read, units in zip(reads, costs, strict=True)
            ],
        )
    consumed = {
        table: database.usage.reads(table) for table in dict.fromkeys(read.table for read in reads)
    }
    for read, units in zip(reads, costs, strict=True):
        consumed[read.table].units += units
    answer: dict[str, Any] = {
        "Responses": [
            {"Item": read.shown(row)} if row is not None else {}
            for read, row in zip(reads, rows, strict=True)
        ]
    }
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = capacity(consumed.values(), level, "ReadCapacityUnits")
    return answer


def _write(
    database: "Database", request: dict[str, Any], statements: Sequence[Statement]
) -> dict[str, Any]:
    actions = _compiled(statements, partial(_action, database))
    requested = request["TransactStatements"]
    text = request.get("ClientRequestToken")
    transacted = execute_transaction(
        database,
        actions,
        shown=[
            position
            for position, one in enumerate(requested)
            if one.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        ],
        token=request_token(_NAME, text, _asked(requested)) if text is not None else None,
    )
    answer: dict[str, Any] = {"Responses": []}
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = capacity(transacted.consumed, level, transacted.kind)
    return answer


def _compiled(
    statements: Sequence[Statement], compile_one: Callable[[Statement], _Compiled]
) -> list[_Compiled]:
    """What the statements read or write; what does not fit a table's keys cancels all of it."""
    compiled = []
    errors: list[ServiceError | None] = []
    for position, statement in enumerate(statements):
        error = None
        try:
            compiled.append(compile_one(statement))
        except ServiceError as refused:
            if refused.message in (messages.TRANSACTION_KEY, messages.TRANSACTION_EXISTS):
                raise _in_statement(position, refused) from None
            if fails_request(refused):
                raise
            error = refused if not any(errors) else None
        errors.append(error)
    if any(errors):
        raise cancellation(errors)
    return compiled


def _single_read(database: "Database", statement: Statement) -> SingleRead:
    assert isinstance(statement, Select)
    return compile_read(database, statement, messages.TRANSACTION_KEY)


def _action(database: "Database", statement: Statement) -> Action:
    if isinstance(statement, Exists):
        return _check(database, statement.select)
    assert not isinstance(statement, Select)
    return compile_write(database, statement).write


def _check(database: "Database", select: Select) -> ItemCheck:
    table = database.catalog.table(select.table)
    named = whole_key(select.where, table.schema) if select.index is None else None
    if named is None or named.rest is None:
        raise ValidationException(messages.TRANSACTION_EXISTS)
    key = table.schema.exact_key(named.key)
    return ItemCheck(table, key, row_key(table.space.prefix, key), Condition(named.rest))


def _asked(requested: list[dict[str, Any]]) -> list[list[Any]]:
    """What a transaction asks for, to tell whether a token comes with the same again."""
    return [[one["Statement"], one.get("Parameters") or []] for one in requested]
