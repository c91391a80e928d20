"""Transactions: several writes and checks of different items, all or nothing, in one group.

Rules (service model, `TransactWriteItems`; Developer Guide, "DynamoDB transactions"):

* no two actions touch the same item;
* every action is held against its item as it is before any is applied, and each that fails gives
  a reason: `ConditionalCheckFailed`, `ValidationError` for a change that the item does not allow.
  The others have the reason `None`. One reason cancels the whole transaction;
* only an empty key or index key is never a reason: it fails the request (captured on AWS);
* units (captured on AWS): the table's are twice those of the same write outside a transaction, an
  index's are the same. A check costs as a write of the item it looks at. Answers name the units
  by kind as well, which no other operation's do: `WriteCapacityUnits` or `ReadCapacityUnits`.

Requests are applied one after another under the database's lock, so no transaction ever meets
another: `TransactionConflict`, `TransactionInProgressException` and `TransactionConflictException`
do not occur.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from pannier.engine import idempotency, messages
from pannier.engine.capacity import Consumed, UnitsOf
from pannier.engine.catalog import Table
from pannier.engine.idempotency import RequestToken
from pannier.engine.item_writes import ItemWrite, Test, require
from pannier.engine.rows import row_item, row_size
from pannier.engine.throttle.throttle import Spending
from pannier.engine.writing import ItemChange, apply_change, save_counts, write_cost
from pannier.errors import ServiceError, TransactionCanceledException, ValidationException
from pannier.model import messages as value_messages
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeyBytes
from pannier.model.units import read_units, write_units

if TYPE_CHECKING:
    from pannier.engine.database import Database

TRANSACTION_FACTOR: Final = 2  # of the table's units
UnitsKind: TypeAlias = Literal["ReadCapacityUnits", "WriteCapacityUnits"]

# What may be wrong with one item; DuplicateItem is PartiQL's.
_ITEM_ERRORS: Final = frozenset(
    {"ConditionalCheckFailedException", "DuplicateItemException", "ValidationException"}
)
_CODES: Final = {"Validation": "ValidationError", "Throttling": "ThrottlingError"}


@dataclass(frozen=True, slots=True)
class ItemCheck:
    """A condition on an item that the transaction does not change, checked against its table."""

    table: Table
    key: KeyBytes
    row_key: bytes
    condition: Test


Action: TypeAlias = ItemWrite | ItemCheck


@dataclass(frozen=True, slots=True)
class Done:
    """What one action did.

    Attributes:
        action: the action.
        old_row: the item's row before it, if there was one.
        old_item: that item, if the action looked at it or it was to be shown.
        change: what it changed; None for a check.
    """

    action: Action
    old_row: bytes | None
    old_item: Item | None
    change: ItemChange | None

    @property
    def size_bytes(self) -> int:
        """The larger size of the item, before or after."""
        old_size = row_size(self.old_row) if self.old_row is not None else 0
        return max(old_size, self.change.size_bytes if self.change is not None else 0)


@dataclass(frozen=True, slots=True)
class Transacted:
    """What a transaction did.

    Attributes:
        done: what each action did, in their order; empty if the request was only repeated.
        consumed: units by table, in the order in which the actions name them.
        kind: of the units: those of writes, or of reads if the request was only repeated.
    """

    done: Sequence[Done]
    consumed: Sequence[Consumed]
    kind: UnitsKind


def execute_transaction(
    database: "Database",
    actions: Sequence[Action],
    *,
    shown: Collection[int] = (),
    token: RequestToken | None = None,
) -> Transacted:
    """Carry out all actions, or none.

    Args:
        database: where the items are.
        actions: the actions, in the request's order.
        shown: positions of actions whose item is wanted: in `Done.old_item`, and in the reason
            if their condition fails.
        token: makes the request idempotent; kept in the same group as the changes.

    Raises:
        ValidationException: two actions touch one item, or a key would become empty.
        TransactionCanceledException: an item does not allow its action; nothing was changed.
        IdempotentParameterMismatchException: the token belongs to another request.
    """
    check_distinct([action.row_key for action in actions])
    if token is not None:
        reads = idempotency.recall(database, token)
        if reads is not None:
            return _repeated(database, actions, reads)
    done = _held(database, actions, shown)
    if database.admission.active:
        admit(database, [_cost(each) for each in done])
    consumed = {table: database.usage.writes(table) for table in _tables(actions)}
    group = database.store.new_group()
    for each in done:
        spent = consumed[each.action.table]
        if each.change is not None:
            apply_change(each.change, each.old_row, group, spent)
        else:
            spent.units += write_units(each.size_bytes)
    for spent in consumed.values():
        spent.units *= TRANSACTION_FACTOR
    changed = {each.change.table for each in done if each.change is not None}
    for table in changed:
        save_counts(table, group)
    if token is not None:
        idempotency.remember(database, token, _reads(done), group)
    if changed or token is not None:
        database.write(group)
    return Transacted(done, tuple(consumed.values()), "WriteCapacityUnits")


def check_distinct(row_keys: Sequence[bytes]) -> None:
    """Check that no two actions touch the same item.

    Raises:
        ValidationException: two do.
    """
    if len(set(row_keys)) != len(row_keys):
        raise ValidationException(messages.TRANSACTION_DUPLICATE)


def cancellation(errors: Sequence[ServiceError | None]) -> TransactionCanceledException:
    """The error of a transaction.

    Args:
        errors: for each action what is wrong with it, or None; its `Item` is shown, if it has one.
    """
    reasons = [_reason(error) for error in errors]
    text = messages.transaction_cancelled([reason["Code"] for reason in reasons])
    return TransactionCanceledException(text, CancellationReasons=reasons)


def fails_request(error: ServiceError) -> bool:
    """Whether an error of one action fails the request as a whole, and is no reason.

    AWS checks for empty keys and index keys up front, everything else that needs the table or the
    item as a part of the transaction (captured).
    """
    return error.code not in _ITEM_ERRORS or error.message.startswith(value_messages.NOT_VALID)


def capacity(consumed: Iterable[Consumed], level: str, kind: UnitsKind) -> list[dict[str, Any]]:
    """The `ConsumedCapacity` of a transaction, at level `TOTAL` or `INDEXES`."""
    shown = [each.to_api(level) for each in consumed]
    for entry in shown:
        _name_units(entry, kind)
        if "Table" in entry:
            _name_units(entry["Table"], kind)
        for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
            for index in entry.get(member, {}).values():
                _name_units(index, kind)
    return shown


def transactional_read_units(size_bytes: int) -> float:
    """The units of reading one item in a transaction; 2 for one that is not there."""
    return TRANSACTION_FACTOR * read_units(size_bytes, consistent=True)


def _held(
    database: "Database", actions: Sequence[Action], shown: Collection[int]
) -> Sequence[Done]:
    """Hold every action against its item, and find what it would do. Changes nothing.

    Raises:
        ServiceError: at least one action fails.
    """
    done: list[Done] = []
    errors: list[ServiceError | None] = []
    old_rows = database.store.get_many([action.row_key for action in actions])
    for position, (action, old_row) in enumerate(zip(actions, old_rows, strict=True)):
        error = None
        try:
            done.append(_hold(action, old_row, shown=position in shown))
        except ServiceError as refused:
            if fails_request(refused):
                raise
            if position not in shown:
                refused.fields.pop("Item", None)
            error = refused
        errors.append(error)
    if len(done) != len(actions):
        raise cancellation(errors)
    return done


def _hold(action: Action, old_row: bytes | None, *, shown: bool) -> Done:
    old_item = None
    if old_row is not None and (shown or action.condition is not None or _needs_old(action)):
        old_item = row_item(old_row)
    require(action.condition, old_item)
    change = action.change(old_item) if isinstance(action, ItemWrite) else None
    return Done(action, old_row, old_item, change)


def _needs_old(action: Action) -> bool:
    return isinstance(action, ItemWrite) and action.needs_old


def _reason(error: ServiceError | None) -> dict[str, Any]:
    if error is None:
        return {"Code": "None"}
    item = {"Item": error.fields["Item"]} if "Item" in error.fields else {}
    code = error.code.removesuffix("Exception")
    code = _CODES.get(code, code)
    return {**item, "Code": code, "Message": error.message}


def _reads(done: Sequence[Done]) -> dict[str, float]:
    reads: dict[str, float] = {}
    for each in done:
        name = each.action.table.name
        reads[name] = reads.get(name, 0.0) + transactional_read_units(each.size_bytes)
    return reads


def admit(database: "Database", items: Sequence[tuple[Table, UnitsOf, list[Spending]]]) -> None:
    """Let all items of a transaction pass the throttle, or none.

    Args:
        database: has the throttle.
        items: of each its table, and what it costs.

    Raises:
        TransactionCanceledException: there is not enough capacity; nothing was spent.
    """
    errors = database.admission.refusals(items)
    if any(errors):
        raise cancellation(errors)


def _cost(done: Done) -> tuple[Table, UnitsOf, list[Spending]]:
    table, row_key = done.action.table, done.action.row_key
    if done.change is None:
        return table, "Write", [(None, row_key, TRANSACTION_FACTOR * write_units(done.size_bytes))]
    units, entries = write_cost(done.change, done.old_row)
    return table, "Write", [(None, row_key, TRANSACTION_FACTOR * units), *entries]


def _tables(actions: Sequence[Action]) -> Iterable[Table]:
    return dict.fromkeys(action.table for action in actions)


def _repeated(database: "Database", actions: Sequence[Action], reads: Any) -> Transacted:
    consumed = [database.usage.reads(table) for table in _tables(actions)]
    for spent in consumed:
        spent.units = reads.get(spent.table.name, 0.0)
        database.admission.spend(spent)
    return Transacted((), consumed, "ReadCapacityUnits")


def _name_units(entry: dict[str, Any], kind: UnitsKind) -> None:
    entry[kind] = entry["CapacityUnits"]
