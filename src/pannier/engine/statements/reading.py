"""SELECT: one page of what a statement reads.

It is read as Query and Scan read (`pages`): at most `Limit` items or 1 MB before the filter, units
of the sum of sizes. A partition key in WHERE confines the read to its partitions, one after the
other; everything else reads the whole table or index.

Order of checks: the table; its index; no consistent read of a global index (captured: the index
comes first); ORDER BY; values of key attributes; what the index projects; the token.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson

from pannier.engine import messages as engine_messages
from pannier.engine.catalog import Index, Table
from pannier.engine.pages import PageExpressions, PageRead, plan_page, rows_max
from pannier.engine.rows import hash_bound
from pannier.engine.statements.page_token import from_token, to_token
from pannier.engine.statements.ranges import Range, RowRanges, row_ranges
from pannier.errors import ValidationException
from pannier.expressions import Condition
from pannier.partiql import Select, messages

if TYPE_CHECKING:
    from pannier.engine.database import Database


def read_page(database: "Database", request: dict[str, Any], select: Select) -> dict[str, Any]:
    """Read one page, and answer an ExecuteStatement.

    Args:
        database: where the items are.
        request: the request, its constraints checked.
        select: its statement, bound.

    Raises:
        ResourceNotFoundException: no such table.
        ValidationException: anything else that does not fit.
    """
    table = database.catalog.table(select.table)
    index = selected_index(table, select)
    if index is not None and index.is_global and request.get("ConsistentRead") is True:
        raise ValidationException(messages.INDEX_CONSISTENT)
    schema = index.schema if index is not None else table.schema
    space = (index.space if index is not None else table.space).prefix
    confined = row_ranges(select.where, schema, space)
    for name, _ in select.order:
        if confined is None:
            raise ValidationException(messages.ORDER_WITHOUT_KEY)
        if name not in schema.names:
            raise ValidationException(messages.order_name(name))
    read = _planned(database, request, select, confined)
    after = read.start_key(engine_messages.STARTING_KEY)
    page = orjson.loads(read.answer(_rows(read, select, confined, after)))
    answer = {"Items": page["Items"]}
    if "LastEvaluatedKey" in page:
        answer["NextToken"] = to_token(request, page["LastEvaluatedKey"])
        answer["LastEvaluatedKey"] = page["LastEvaluatedKey"]
    if "ConsumedCapacity" in page:
        answer["ConsumedCapacity"] = page["ConsumedCapacity"]
    return answer


def selected_index(table: Table, select: Select) -> Index | None:
    """The index that a statement reads, or None for the table itself.

    Raises:
        ValidationException: the table has no such index; PartiQL does not say which (captured).
    """
    if select.index is None:
        return None
    index = table.index(select.index)
    if index is None:
        raise ValidationException(messages.INDEX_MISSING)
    return index


def _planned(
    database: "Database", request: dict[str, Any], select: Select, confined: RowRanges | None
) -> PageRead:
    rest = confined.rest if confined is not None else select.where
    condition = Condition(rest) if rest is not None else None
    paths = select.paths
    expressions = PageExpressions(
        condition, paths.apply if paths else None, paths.roots if paths else None
    )
    expressions.rows_max = rows_max(len(request.get("Statement") or ""))
    page_request: dict[str, Any] = {"TableName": select.table}
    for member in ("ConsistentRead", "Limit", "ReturnConsumedCapacity"):
        if member in request:
            page_request[member] = request[member]
    if select.index is not None:
        page_request["IndexName"] = select.index
    start = from_token(request)
    if start is not None:
        page_request["ExclusiveStartKey"] = start
    return plan_page(database, page_request, expressions)


def _rows(
    read: PageRead, select: Select, confined: RowRanges | None, after: bytes | None
) -> Iterator[bytes]:
    """The rows to be read, in their order, from behind the last one of the page before."""
    backwards = False
    if confined is None:
        ranges: Sequence[Range] = [(hash_bound(read.space, 0, 1), hash_bound(read.space, 1, 1))]
    else:
        partitions = confined.partitions
        partition_names = [name for name, _ in read.schema.partition]
        for name, descending in select.order:
            if name in partition_names:
                partitions = sorted(partitions, key=lambda each: each.code, reverse=descending)
            else:
                backwards = descending
        ranges = [
            each
            for partition in partitions
            for each in (reversed(partition.ranges) if backwards else partition.ranges)
        ]
    if after is not None:
        ranges = _behind(ranges, after, backwards=backwards)
    store = read.database.store
    return chain.from_iterable(
        store.values(start, stop, reverse=backwards) for start, stop in ranges
    )


def _behind(ranges: Sequence[Range], after: bytes, *, backwards: bool) -> list[Range]:
    for position, (start, stop) in enumerate(ranges):
        if start <= after < stop:
            left = (start, after) if backwards else (after + b"\0", stop)
            return [left, *ranges[position + 1 :]]
    raise ValidationException(engine_messages.STARTING_KEY_OUTSIDE)
