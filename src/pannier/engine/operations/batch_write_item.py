"""BatchWriteItem: up to 25 puts and deletes over any tables.

Order of checks (facts captured on AWS; the first that fails is answered, and nothing is written):

1. JSON types, then constraints: the map, then each table's list of 1 to 25 requests;
2. values, numbers and item sizes of every request, before any table is looked up;
3. the tables exist;
4. keys, and index keys;
5. duplicate keys, per table, puts and deletes together; numbers compare by value.

The straight way through `_changes` assumes a good request and takes all steps in one pass. Only
when something is wrong does `_checked` go through them in order, to find what AWS answers first. A
table may be named twice, by its name and its ARN: its keys are compared all the same.
"""

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints, messages
from pannier.engine.capacity import Consumed, wanted_level
from pannier.engine.catalog import Table
from pannier.engine.collections import collection_metrics
from pannier.engine.writing import (
    ItemChange,
    apply_change,
    delete_change,
    put_change,
    save_counts,
)
from pannier.errors import ServiceError, ValidationException
from pannier.limits import BATCH_WRITE_OPERATIONS_MAX, ITEM_BYTES_MAX
from pannier.model import messages as value_messages
from pannier.model.attribute_value import check_item
from pannier.model.key_schema import KeyBytes

if TYPE_CHECKING:
    from pannier.engine.database import Database

_NAME: Final = "BatchWriteItem"


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Write a batch, or what the throttle lets pass of it; or the error says why nothing was."""
    try:
        changes = _changes(database, request)
    except (ServiceError, LookupError, TypeError, AttributeError, ValueError):
        changes = _checked(database, request)
    return _written(database, request, changes)


class CheckedWrite:
    """A put or delete that a caller in this process has checked as this engine would.

    Attributes:
        name: the table's.
        key: the item's key as sortable bytes, by the table's schema.
        is_put: whether it is a put.
        encoded: the item or the key as canonical JSON.
        size_bytes: of the item; 0 for a delete.
    """

    __slots__ = ("encoded", "is_put", "key", "name", "size_bytes")

    def __init__(
        self, name: str, key: KeyBytes, encoded: bytes, size_bytes: int, *, is_put: bool
    ) -> None:
        self.name = name
        self.key = key
        self.encoded = encoded
        self.size_bytes = size_bytes
        self.is_put = is_put


def run_checked(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Write a batch that was checked before: nothing of it is decoded or checked again.

    Only what its checks can't know is seen to: that the tables exist, and the keys of indexes.

    Args:
        database: where the tables are.
        request: in `RequestItems` it has lists of `CheckedWrite`, at most 25 in all, no key twice,
            the keys by the schemas that the tables have.
    """
    changes = [
        ItemChange(
            database.catalog.table(write.name),
            write.key,
            None,
            write.size_bytes,
            is_put=write.is_put,
            encoded=write.encoded,
        )
        for writes in request["RequestItems"].values()
        for write in writes
    ]
    return _written(database, request, changes)


def _written(
    database: "Database", request: dict[str, Any], changes: list[ItemChange]
) -> dict[str, Any]:
    store = database.store
    old_rows = store.get_many([change.row_key for change in changes], keep=False)
    group = store.new_group()
    consumed: dict[Table, Consumed] = {}
    admission = database.admission if database.admission.active else None
    admitted: Collection[Table] = ()
    if admission is not None:
        admitted = admission.admits_writes(changes, old_rows)
    held_back: list[ItemChange] = []
    for change, old_row in zip(changes, old_rows, strict=True):
        table = change.table
        spent = consumed.get(table)
        if spent is None:
            spent = consumed[table] = database.usage.writes(table)
        if not apply_change(
            change, old_row, group, spent, None if table in admitted else admission
        ):
            held_back.append(change)
    unprocessed: dict[str, Any] = {}
    if held_back:
        if len(held_back) == len(changes):
            raise database.admission.refusal()
        unprocessed = _unprocessed(request, changes, held_back)
        changes = [change for change in changes if change not in held_back]
        consumed = {table: spent for table, spent in consumed.items() if spent.units}
    for table in consumed:
        save_counts(table, group)
    database.write(group)
    return _answer(database, request, changes, consumed, unprocessed)


def _unprocessed(
    request: dict[str, Any], changes: list[ItemChange], held_back: list[ItemChange]
) -> dict[str, Any]:
    """The requests that were held back, under the names that the request has for their tables."""
    unprocessed: dict[str, Any] = {}
    every = iter(changes)
    for name, requests in request["RequestItems"].items():
        for change in islice(every, len(requests)):
            if change not in held_back:
                continue
            if change.is_put:
                left = {"PutRequest": {"Item": change.attributes}}
            else:
                left = {"DeleteRequest": {"Key": change.attributes}}
            unprocessed.setdefault(name, []).append(left)
    return unprocessed


def _answer(
    database: "Database",
    request: dict[str, Any],
    changes: list[ItemChange],
    consumed: dict[Table, Consumed],
    unprocessed: dict[str, Any],
) -> dict[str, Any]:
    answer: dict[str, Any] = {"UnprocessedItems": unprocessed}
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = [spent.to_api(level) for spent in consumed.values()]
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        metrics = {
            table.name: collection_metrics(
                database.store, table, [change for change in changes if change.table is table]
            )
            for table in consumed
            if table.local_indexes_exist
        }
        if metrics:
            answer["ItemCollectionMetrics"] = metrics
    return answer


def _changes(database: "Database", request: dict[str, Any]) -> list[ItemChange]:
    """All changes of a good request; any error for a bad one, not always the one to answer."""
    changes: list[ItemChange] = []
    seen = set()
    requests_by_table = request["RequestItems"]
    for name, requests in requests_by_table.items():
        table = database.catalog.table(name)
        if not requests:
            raise ValidationException("")
        for write_request in requests:
            ((kind, content),) = write_request.items()
            if kind == "PutRequest":
                change = put_change(table, content["Item"])
            elif kind == "DeleteRequest":
                change = delete_change(table, content["Key"])
            else:
                raise ValidationException("")
            seen.add(change.row_key)
            changes.append(change)
    if len(seen) != len(changes):
        raise ValidationException(messages.DUPLICATE_KEYS)
    if not 0 < len(changes) <= BATCH_WRITE_OPERATIONS_MAX:
        raise ValidationException("")
    # Options are few and rarely given; the service model knows what they may be.
    if len(request) > 1:
        constraints.check_members("BatchWriteItemInput", request, "RequestItems")
    return changes


def _checked(database: "Database", request: dict[str, Any]) -> list[ItemChange]:
    """Raise what AWS would answer first; or the changes, if only the straight way minded.

    It minds members that are null or that no write request has, which AWS takes for absent.
    """
    requests_by_table = request.get("RequestItems")
    if requests_by_table == {}:
        raise ValidationException(messages.required("requestItems", _NAME))
    constraints.check(_NAME, request)
    assert isinstance(requests_by_table, dict)  # the constraints say so
    if sum(map(len, requests_by_table.values())) > BATCH_WRITE_OPERATIONS_MAX:
        raise ValidationException(messages.BATCH_WRITE_TOO_MANY)
    for requests in requests_by_table.values():
        for write_request in requests:
            _check_values(write_request)
    tables = {name: database.catalog.table(name) for name in requests_by_table}
    changes = [
        _checked_change(tables[name], write_request)
        for name, requests in requests_by_table.items()
        for write_request in requests
    ]
    if len({change.row_key for change in changes}) != len(changes):
        raise ValidationException(messages.DUPLICATE_KEYS)
    return changes


def _check_values(write_request: dict[str, Any]) -> None:
    parts = [part for part in ("PutRequest", "DeleteRequest") if write_request.get(part)]
    if len(parts) != 1:
        # AWS answers an empty write request, and one that is both, with this text.
        raise ValidationException(value_messages.VALUE_MULTIPLE)
    if parts == ["DeleteRequest"]:
        check_item(write_request["DeleteRequest"]["Key"])
    elif check_item(write_request["PutRequest"]["Item"]) > ITEM_BYTES_MAX:
        raise ValidationException(value_messages.ITEM_SIZE)


def _checked_change(table: Table, write_request: dict[str, Any]) -> ItemChange:
    if write_request.get("PutRequest"):
        return put_change(table, write_request["PutRequest"]["Item"])
    return delete_change(table, write_request["DeleteRequest"]["Key"])
