"""Holds tables, indexes and partitions to their throughput.

An item passes if every bucket that it would spend from has enough for it: its table's, its
partition's, and for a write those of the global indexes that it changes. Then it spends from all of
them, else from none. Pages of Query and Scan, whose cost is known only once they are read, pass if
there is anything left, and may leave a debt.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from pannier.clock import Clock
from pannier.engine.capacity import Consumed, UnitsOf
from pannier.engine.catalog import Index, Table
from pannier.engine.throttle.bucket import Bucket
from pannier.engine.throttle.resource import Resource
from pannier.engine.throttle.settings import Throttling
from pannier.engine.usage import Throttled
from pannier.limits import PARTITION_BYTES

if TYPE_CHECKING:
    from pannier.engine.catalog import Catalog

Spending: TypeAlias = tuple[Index | None, bytes | None, float]
"""An index, or None for the table; the key of the row or entry, None if unknown; units."""


class Throttle:
    """The buckets of a database.

    Args:
        clock: tells the time.
        settings: what is throttled.
    """

    def __init__(self, clock: Clock, settings: Throttling) -> None:
        self._clock = clock
        self.settings = settings

    def configure(self, settings: Throttling) -> None:
        """Change what is throttled, from the next request on. What has gathered stays."""
        self.settings = settings

    def passes(
        self, table: Table, units_of: UnitsOf, spendings: Sequence[Spending]
    ) -> list[Throttled]:
        """Spend what an item costs, if all of it is there.

        Args:
            table: the item's table.
            units_of: reads or writes.
            spendings: what it costs, of the table and of its indexes.

        Returns:
            Which limits refuse it; nothing was spent if there are any.
        """
        now_s = self._clock()
        if len(spendings) == 1:
            return self._passes_one(table, units_of, spendings[0], now_s)
        refusals: list[Throttled] = []
        shares = self._shares(table, spendings, now_s)
        for index, (resource, units) in shares.items():
            self._check(refusals, (table, index, units_of), resource, units, now_s)
        for index, place, units in spendings:
            payer = _payer(index)
            resource, _ = shares[payer]
            self._check_partition(refusals, (table, payer, units_of), resource, place, units, now_s)
        if not refusals:
            for resource, units in shares.values():
                resource.spend(units_of, units, now_s)
            self._spend_partitions(shares, units_of, spendings)
        return list(dict.fromkeys(refusals))

    def passes_together(
        self,
        table: Table,
        units_of: UnitsOf,
        row_keys: Sequence[bytes],
        units: Sequence[float],
    ) -> bool:
        """Spend what several items cost, if all of it is there: the straight way of a batch.

        Args:
            table: the table, of which no index is changed.
            units_of: reads or writes.
            row_keys: the keys of the items' rows.
            units: what each of them costs.

        Returns:
            Whether they passed. If not, some of them may pass one by one.
        """
        now_s = self._clock()
        resource = self._resource(table, None, now_s)
        sum_units = sum(units)
        if self.settings.tables:
            for bucket in resource.buckets[units_of].values():
                if not bucket.holds(sum_units, now_s):
                    return False
        if self.settings.partitions:
            writes = units_of == "Write"
            shares = [
                (partition.writes if writes else partition.reads, share)
                for partition, share in resource.partitions.shares(row_keys, units)
            ]
            for bucket, share in shares:
                if not bucket.holds(share, now_s):
                    return False
            for bucket, share in shares:
                bucket.units -= share
        resource.spend(units_of, sum_units, now_s)
        return True

    def give_back(self, table: Table, units_of: UnitsOf, spendings: Sequence[Spending]) -> None:
        """Undo what `passes` has spent."""
        now_s = self._clock()
        shares = self._shares(table, spendings, now_s)
        for resource, units in shares.values():
            resource.spend(units_of, -units, now_s)
        undone = [(index, place, -units) for index, place, units in spendings]
        self._spend_partitions(shares, units_of, undone)

    def spend(self, consumed: Consumed, place: bytes | None = None) -> None:
        """Spend units that are consumed already, whether they are there or not.

        Args:
            consumed: the units.
            place: the key of a row, if all of them are of one partition.
        """
        now_s = self._clock()
        table, units_of = consumed.table, consumed.units_of
        for index, units in ((None, consumed.units), *consumed.indexes.items()):
            if units:
                resource = self._resource(table, _payer(index), now_s)
                resource.spend(units_of, units, now_s)
                if place is not None and self.settings.partitions:
                    _partition_bucket(resource, units_of, place).units -= units

    def partition_numbers(self, table: Table, row_keys: Iterable[bytes]) -> list[int]:
        """The numbers of the partitions in which rows of a table lie."""
        partitions = self._resource(table, None, self._clock()).partitions
        return [partitions.number(row_key) for row_key in row_keys]

    def describe(self, catalog: "Catalog") -> list[dict[str, Any]]:
        """What every table and global index has to spend at this moment, in units."""
        now_s = self._clock()
        shown = []
        for name in catalog.names():
            table = catalog.find(name)
            assert table is not None  # nobody else changes the catalog meanwhile
            shown.append(self._describe(table, None, now_s))
            shown += [
                self._describe(table, index, now_s) for index in table.indexes if index.is_global
            ]
        return shown

    def _describe(self, table: Table, index: Index | None, now_s: float) -> dict[str, Any]:
        resource = self._resource(table, index, now_s)
        described: dict[str, Any] = {"table": table.name, "index": index.name if index else None}
        for units_of in ("Read", "Write"):
            buckets = []
            for limit, bucket in resource.buckets[units_of].items():
                bucket.fill(now_s)
                buckets.append(
                    {
                        "limit": limit,
                        "units_per_s": bucket.rate,
                        "units_max": bucket.size,
                        "units": bucket.units,
                    }
                )
            described[units_of.lower()] = buckets
        described["partitions"] = resource.partitions.describe(now_s)
        return described

    def _passes_one(
        self, table: Table, units_of: UnitsOf, spending: Spending, now_s: float
    ) -> list[Throttled]:
        """The straight way of an item that touches no index."""
        index, place, units = _payer(spending[0]), spending[1], spending[2]
        resource = self._resource(table, index, now_s)
        refusals: list[Throttled] = []
        self._check(refusals, (table, index, units_of), resource, units, now_s)
        self._check_partition(refusals, (table, index, units_of), resource, place, units, now_s)
        if not refusals:
            resource.spend(units_of, units, now_s)
            if place is not None and self.settings.partitions:
                _partition_bucket(resource, units_of, place).units -= units
        return refusals

    def _shares(
        self, table: Table, spendings: Sequence[Spending], now_s: float
    ) -> dict[Index | None, tuple[Resource, float]]:
        shares: dict[Index | None, tuple[Resource, float]] = {}
        for index, _, units in spendings:
            payer = _payer(index)
            if payer in shares:
                resource, sum_units = shares[payer]
                shares[payer] = (resource, sum_units + units)
            else:
                shares[payer] = (self._resource(table, payer, now_s), units)
        return shares

    def _check(
        self,
        refusals: list[Throttled],
        what: tuple[Table, Index | None, UnitsOf],
        resource: Resource,
        units: float,
        now_s: float,
    ) -> None:
        if not self.settings.tables:
            return
        for limit, bucket in resource.buckets[what[2]].items():
            if not bucket.has(units, now_s):
                refusals.append(Throttled(*what, limit))

    def _check_partition(
        self,
        refusals: list[Throttled],
        what: tuple[Table, Index | None, UnitsOf],
        resource: Resource,
        place: bytes | None,
        units: float,
        now_s: float,
    ) -> None:
        if place is None or not self.settings.partitions:
            return
        if not _partition_bucket(resource, what[2], place).has(units, now_s):
            refusals.append(Throttled(*what, "KeyRangeThroughput"))
            resource.partitions.throttled(place, now_s)

    def _spend_partitions(
        self,
        shares: dict[Index | None, tuple[Resource, float]],
        units_of: UnitsOf,
        spendings: Sequence[Spending],
    ) -> None:
        if not self.settings.partitions:
            return
        for index, place, units in spendings:
            if place is not None:
                resource, _ = shares[_payer(index)]
                _partition_bucket(resource, units_of, place).units -= units

    def _resource(self, table: Table, index: Index | None, now_s: float) -> Resource:
        space = table.space if index is None else index.space
        resource = space.resource
        if resource is None:
            resource = space.resource = Resource(table, index, self.settings.burst_s, now_s)
        elif not resource.is_compiled_from(table, self.settings.burst_s):
            resource.compile(table, index, self.settings.burst_s, now_s)
        elif space.size_bytes > len(resource.partitions) * PARTITION_BYTES:
            resource.grow(table, index, now_s)
        return resource


def _payer(index: Index | None) -> Index | None:
    """A local index spends what its table has."""
    return index if index is not None and index.is_global else None


def _partition_bucket(resource: Resource, units_of: UnitsOf, place: bytes) -> Bucket:
    partition = resource.partitions.of(place)
    return partition.writes if units_of == "Write" else partition.reads
