"""Which items of a request may go ahead, and what is answered if none may.

Two reasons to hold an item back: the throttle, and a fault that leaves it unprocessed. Both look the
same from outside, as they should: what is held back has changed nothing and cost nothing.

| rule | evidence |
|---|---|
| items of a batch pass one by one; the rest is left unprocessed | service model |
| none passes: `ProvisionedThroughputExceededException`, on demand `ThrottlingException` | service model |
| it says which limits of which tables and indexes were reached | service model, `ThrottlingReason` |
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pannier.engine import messages
from pannier.engine.capacity import Consumed, UnitsOf
from pannier.engine.catalog import Index, Table
from pannier.engine.faults.injector import Leaves
from pannier.engine.rows import row_size
from pannier.engine.table_settings import is_on_demand
from pannier.engine.throttle import Throttle
from pannier.engine.throttle.throttle import Spending
from pannier.engine.usage import LimitKind, Throttled, Usage
from pannier.errors import (
    ProvisionedThroughputExceededException,
    ServiceError,
    ThrottlingException,
)
from pannier.limits import WRITE_UNIT_BYTES
from pannier.model.attribute_value import Item
from pannier.model.units import write_units

if TYPE_CHECKING:
    from pannier.engine.writing import IndexChange, ItemChange

_LEAST_UNITS: Final = 0.5  # a read's


class Admission:
    """Lets the items of a request pass, one by one.

    Attributes:
        throttle: holds tables, indexes and partitions to their throughput.
        active: whether anything may be held back from the request that is being applied.
    """

    __slots__ = ("_last", "_leaves", "_usage", "active", "throttle")

    def __init__(self, throttle: Throttle) -> None:
        self.throttle = throttle
        self.begin(Usage(), None)

    def begin(self, usage: Usage, leaves: Leaves | None) -> None:
        """Begin a request.

        Args:
            usage: gets its throttled events.
            leaves: which items a fault leaves unprocessed, or None.
        """
        self._usage = usage
        self._leaves = leaves
        self._last: list[Throttled] = []
        self.active = leaves is not None or self.throttle.settings.on

    def admits_write(
        self,
        table: Table,
        row_key: bytes,
        attributes: Item,
        units: float,
        entries: "Sequence[IndexChange]" = (),
    ) -> bool:
        """Whether an item may be written; if so, its units are spent.

        Args:
            table: its table.
            row_key: the key of its row.
            attributes: the item or key, as the request has it.
            units: write units of the table.
            entries: what changes in its indexes.
        """
        if self._leaves is not None and self._leaves(table.name, attributes):
            return self._refuse([_as_if_throttled(table, "Write")])
        if not self.throttle.settings.on:
            return True
        spendings: list[Spending] = [(None, row_key, units)]
        spendings += [(entry.index, entry.key, entry.units) for entry in entries]
        return self._passes(table, "Write", spendings)

    def admits_writes(
        self, changes: "Sequence[ItemChange]", old_rows: Sequence[bytes | None]
    ) -> frozenset[Table]:
        """The tables of a batch of which all items may be written; their units are spent.

        The items of other tables pass or not one by one: see `admits_write`.
        """
        if self._leaves is not None:
            return frozenset()
        pairs = list(zip(changes, old_rows, strict=True))
        tables = {change.table for change in changes}
        admitted = set()
        for table in tables:
            if table.indexes:
                continue
            own = pairs if len(tables) == 1 else [each for each in pairs if each[0].table is table]
            row_keys = [change.row_key for change, _ in own]
            units = [_table_units(change.size_bytes, old_row) for change, old_row in own]
            if self.throttle.passes_together(table, "Write", row_keys, units):
                admitted.add(table)
        return frozenset(admitted)

    def admits_reads(
        self, consumed: Consumed, row_keys: Sequence[bytes], units: Sequence[float]
    ) -> bool:
        """Whether all these items of a table may be read; if so, units are spent and consumed."""
        if self.active and (
            self._leaves is not None
            or not self.throttle.passes_together(consumed.table, "Read", row_keys, units)
        ):
            return False
        consumed.units += sum(units)
        return True

    def admits_read(self, consumed: Consumed, row_key: bytes, key: Item, units: float) -> bool:
        """Whether an item of a table may be read; if so, its units are spent and consumed.

        Args:
            consumed: gets the units.
            row_key: the key of its row.
            key: its key, as the request has it.
            units: read units.
        """
        if self.active:
            table = consumed.table
            if self._leaves is not None and self._leaves(table.name, key):
                return self._refuse([_as_if_throttled(table, "Read")])
            if self.throttle.settings.on and not self._passes(
                table, "Read", [(None, row_key, units)]
            ):
                return False
        consumed.units += units
        return True

    def require_read(self, consumed: Consumed, row_key: bytes, key: Item, units: float) -> None:
        """As `admits_read`, for a request of one item.

        Raises:
            ServiceError: it may not be read.
        """
        if not self.admits_read(consumed, row_key, key, units):
            raise self.item_refusal()

    def require_page(self, table: Table, index: Index | None, place: bytes | None) -> None:
        """Let a page be read whose cost is not known yet: if there is anything left to spend.

        Args:
            table: the table.
            index: the index that is read, or None.
            place: the beginning of the keys of its rows, if they are of one partition.

        Raises:
            ServiceError: it may not be read.
        """
        spendings: list[Spending] = [(index, place, _LEAST_UNITS)]
        if self.throttle.settings.on:
            if not self._passes(table, "Read", spendings):
                raise self.item_refusal()
            self.throttle.give_back(table, "Read", spendings)  # the whole page is spent at its end

    def refusals(
        self, items: Sequence[tuple[Table, UnitsOf, list[Spending]]]
    ) -> list[ServiceError | None]:
        """Let all items of a transaction pass, or none.

        Args:
            items: of each its table, and what it costs.

        Returns:
            For each item None if it could pass, or the error that refuses it.
        """
        errors: list[ServiceError | None] = []
        for table, units_of, spendings in items:
            refused = self.throttle.passes(table, units_of, spendings)
            self._usage.throttled += refused
            if refused:
                self._usage.refusals.append(refused)
            errors.append(_refusal(refused) if refused else None)
        if any(errors):
            for (table, units_of, spendings), error in zip(items, errors, strict=True):
                if error is None:
                    self.throttle.give_back(table, units_of, spendings)
        return errors

    def spend(self, consumed: Consumed, place: bytes | None = None) -> None:
        """Spend what is consumed already."""
        if self.throttle.settings.on:
            self.throttle.spend(consumed, place)

    def refusal(self) -> ServiceError:
        """What is answered if nothing of a request passed."""
        return _refusal(self._usage.throttled)

    def refusal_of_all(self, items: Sequence[tuple[Table, UnitsOf]]) -> ServiceError:
        """What is answered if a fault holds back all of a request: of each item its table."""
        for table, units_of in items:
            self._refuse([_as_if_throttled(table, units_of)])
        return self.refusal()

    def item_refusal(self) -> ServiceError:
        """What is answered for the item that was held back last."""
        return _refusal(self._last)

    def _passes(self, table: Table, units_of: UnitsOf, spendings: list[Spending]) -> bool:
        refused = self.throttle.passes(table, units_of, spendings)
        return not refused or self._refuse(refused)

    def _refuse(self, events: list[Throttled]) -> bool:
        self._usage.throttled += events
        self._usage.refusals.append(events)
        self._last = events
        return False


def _refusal(throttled: Sequence[Throttled]) -> ServiceError:
    first = throttled[0]
    on_index = first.index is not None
    reasons = [
        {"reason": _reason(each), "resource": _arn(each.table, each.index)}
        for each in dict.fromkeys(throttled)
    ]
    if is_on_demand(first.table.description):
        text = messages.THROTTLED_INDEX_ON_DEMAND if on_index else messages.THROTTLED_ON_DEMAND
        return ThrottlingException(text, throttlingReasons=reasons)
    text = messages.THROTTLED_INDEX if on_index else messages.THROTTLED
    return ProvisionedThroughputExceededException(text, ThrottlingReasons=reasons)


def _table_units(size_bytes: int, old_row: bytes | None) -> int:
    # A row is never shorter than the size it counts.
    if size_bytes <= WRITE_UNIT_BYTES and (old_row is None or len(old_row) <= WRITE_UNIT_BYTES):
        return 1
    return write_units(max(size_bytes, row_size(old_row) if old_row is not None else 0))


def _as_if_throttled(table: Table, units_of: UnitsOf) -> Throttled:
    on_demand = is_on_demand(table.description)
    limit: LimitKind = "KeyRangeThroughput" if on_demand else "ProvisionedThroughput"
    return Throttled(table, None, units_of, limit)


def _reason(event: Throttled) -> str:
    kind = "Index" if event.index is not None else "Table"
    return f"{kind}{event.units_of}{event.limit}Exceeded"


def _arn(table: Table, index: Index | None) -> str:
    arn: str = table.description["TableArn"]
    return f"{arn}/index/{index.name}" if index is not None else arn
