"""Single-item writes: PutItem, DeleteItem, UpdateItem, and whatever is made of them.

An operation compiles its request into an `ItemWrite`: which item, under which condition, and how
the new item comes out of the old one. `write_one` carries one out by itself; transactions carry
out several in one group.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pannier.engine import messages
from pannier.engine.capacity import Consumed, wanted_level
from pannier.engine.catalog import Table
from pannier.engine.collections import collection_metrics
from pannier.engine.rows import row_item, row_size
from pannier.engine.writing import ItemChange, apply_change, save_counts
from pannier.errors import (
    ConditionalCheckFailedException,
    ParameterException,
    ValidationException,
)
from pannier.expressions import Placeholders, parse_condition
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeyBytes
from pannier.model.units import write_units
from pannier.storage.store import Group

if TYPE_CHECKING:
    from pannier.engine.database import Database


class Test(Protocol):
    """A condition: an expression's, or one of the older parameters'."""

    def matches(self, item: Item, /) -> bool:
        """Whether an item meets it; an item that is not there has no attributes."""


@dataclass
class ItemWrite:
    """A write of one item, checked against its table.

    Attributes:
        table: the table.
        key: the item's key as sortable bytes.
        row_key: the key of its row.
        condition: must hold before anything is written; None always holds.
        change: the change for the item as it is. Raises `ValidationException` if there is none.
        needs_old: whether `change` looks at the item as it is.
    """

    table: Table
    key: KeyBytes
    row_key: bytes
    condition: Test | None
    change: Callable[[Item | None], ItemChange]
    needs_old: bool = False


@dataclass
class Written:
    """What a write did: the change, and the item before it, if it was looked at."""

    change: ItemChange
    old_item: Item | None


@contextmanager
def enveloped() -> Iterator[None]:
    """Answer wrong parameters as PutItem and UpdateItem do: `1 validation error detected: ...`.

    Evidence: captured from the service in July 2026 (public threads about its UpdateItem and
    PutItem texts); what needs the table or the item, and what is wrong with the form of a value,
    is answered bare, as are all errors of the other operations.

    Raises:
        ValidationException: in the envelope.
    """
    try:
        yield
    except ParameterException as error:
        raise ValidationException(messages.constraint_errors([error.message])) from None


def compile_condition(request: dict[str, Any], placeholders: Placeholders) -> Test | None:
    """The condition of a request, or None.

    Raises:
        ValidationException: the expression is wrong.
    """
    text = request.get("ConditionExpression")
    if text is None:
        return None
    return parse_condition(text, placeholders, kind="ConditionExpression")


def request_placeholders(request: dict[str, Any], *expressions: str) -> Placeholders:
    """The names and values of a request, checked.

    Args:
        request: its constraints are checked.
        expressions: every expression parameter that the operation has.

    Raises:
        ValidationException: a map is malformed, or stands beside no expression.
    """
    placeholders = Placeholders(
        request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues")
    )
    placeholders.check({name: request.get(name) for name in expressions})
    return placeholders


def stage(
    database: "Database", write: ItemWrite, group: Group, consumed: Consumed, *, wants_old: bool
) -> Written:
    """Hold the condition against the item as it is, and add the change to a group.

    Args:
        database: where the item is.
        write: the write.
        group: gets the change; the caller saves the table's counts in it and writes it.
        consumed: gets the units.
        wants_old: whether the caller shows the item as it was.

    Raises:
        ConditionalCheckFailedException: the condition is false; `Item` is the item as it is.
        ValidationException: the change does not fit the item as it is.
        ServiceError: it is throttled.
    """
    old_row = database.store.get(write.row_key)
    old_item = None
    if old_row is not None and (write.condition is not None or write.needs_old or wants_old):
        old_item = row_item(old_row)
    try:
        require(write.condition, old_item)
        change = write.change(old_item)
    except ConditionalCheckFailedException:
        # It costs what the item as it is would cost, and at least a unit.
        failed = Consumed(write.table, "Write")
        failed.units = float(write_units(row_size(old_row) if old_row is not None else 0))
        consumed.units += failed.units
        database.admission.spend(failed, write.row_key)
        database.usage.failed_conditions.append(write.table.name)
        raise
    admission = database.admission if database.admission.active else None
    if not apply_change(change, old_row, group, consumed, admission):
        raise database.admission.item_refusal()
    return Written(change, old_item)


def require(condition: Test | None, old_item: Item | None) -> None:
    """Hold an item against a condition.

    Raises:
        ConditionalCheckFailedException: it is false; `Item` is the item, if there is one.
    """
    if condition is None or condition.matches(old_item or {}):
        return
    fields = {"Item": old_item} if old_item is not None else {}
    raise ConditionalCheckFailedException(messages.CONDITION_FAILED, **fields)


def write_one(
    database: "Database", write: ItemWrite, request: dict[str, Any], *, wants_old: bool
) -> tuple[Written, dict[str, Any]]:
    """Carry out one write by itself.

    Returns:
        What it did, and the answer with what every such operation may be asked for: consumed
        capacity and item collection metrics.

    Raises:
        ConditionalCheckFailedException: with the item only if the request asks for it.
        ValidationException: the change does not fit the item as it is.
    """
    table = write.table
    consumed = database.usage.writes(table)
    group = database.store.new_group()
    try:
        written = stage(database, write, group, consumed, wants_old=wants_old)
    except ConditionalCheckFailedException as error:
        if request.get("ReturnValuesOnConditionCheckFailure") != "ALL_OLD":
            error.fields.pop("Item", None)
        raise
    save_counts(table, group)
    database.write(group)
    answer: dict[str, Any] = {}
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = consumed.to_api(level)
    if request.get("ReturnItemCollectionMetrics") == "SIZE" and table.local_indexes_exist:
        (metrics,) = collection_metrics(database.store, table, [written.change])
        answer["ItemCollectionMetrics"] = metrics
    return written, answer


def check_return_values(request: dict[str, Any]) -> None:
    """Check what a put or delete shall return; only UpdateItem takes all that the model names.

    Raises:
        ParameterException: it can't be returned.
    """
    if request.get("ReturnValues") not in (None, "NONE", "ALL_OLD"):
        raise ParameterException(messages.RETURN_VALUES)


def write_returning_old(
    database: "Database", write: ItemWrite, request: dict[str, Any]
) -> dict[str, Any]:
    """Carry out a put or delete, and answer it with the item as it was, if asked for."""
    wants_old = request.get("ReturnValues") == "ALL_OLD"
    written, answer = write_one(database, write, request, wants_old=wants_old)
    if wants_old and written.old_item is not None:
        answer["Attributes"] = written.old_item
    return answer
