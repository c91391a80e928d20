"""What a table or a global index has to spend: its buckets, by the table's description.

| billing | buckets | evidence |
|---|---|---|
| provisioned | filled at the provisioned rate, with 300 s of burst | Developer Guide, "Burst capacity" |
| on demand | what the table is ready for, see `peaks`; the configured maximum; the quota of 40,000 | Developer Guide, "On-demand capacity mode" |

A local index spends what its table has. Buckets on demand hold one second's units. A bucket begins
full, and again after a restart: AWS does not say what a new table has saved.
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pannier.engine.capacity import UnitsOf
from pannier.engine.catalog import Index, Table
from pannier.engine.table_settings import is_on_demand
from pannier.engine.throttle.bucket import Bucket
from pannier.engine.throttle.partitions import (
    Partitions,
    partitions_needed,
    partitions_on_demand,
)
from pannier.engine.throttle.peaks import Peaks
from pannier.engine.usage import LimitKind
from pannier.limits import ON_DEMAND_READ_UNITS, ON_DEMAND_UNITS_MAX, ON_DEMAND_WRITE_UNITS

Buckets: TypeAlias = dict[LimitKind, Bucket]

_NEW: Final[Mapping[UnitsOf, int]] = {"Read": ON_DEMAND_READ_UNITS, "Write": ON_DEMAND_WRITE_UNITS}


class Resource:
    """What one table or global index has to spend.

    Attributes:
        buckets: by kind of units, then by the limit that they stand for.
        peaks: by kind of units; empty where the billing is provisioned.
        partitions: its partitions.
    """

    __slots__ = ("_burst_s", "_compiled_from", "buckets", "partitions", "peaks")

    def __init__(self, table: Table, index: Index | None, burst_s: float, now_s: float) -> None:
        self.buckets: dict[UnitsOf, Buckets] = {"Read": {}, "Write": {}}
        self.peaks: dict[UnitsOf, Peaks] = {}
        self._compile_buckets(table, index, burst_s, now_s)
        self.partitions = Partitions(self._partitions_needed(table, index), now_s)

    def is_compiled_from(self, table: Table, burst_s: float) -> bool:
        """Whether the rates are those of a table's description as it is now."""
        return self._compiled_from is table.description and self._burst_s == burst_s

    def compile(self, table: Table, index: Index | None, burst_s: float, now_s: float) -> None:
        """Take over the rates of a table's description; what has gathered stays."""
        self._compile_buckets(table, index, burst_s, now_s)
        self.grow(table, index, now_s)

    def grow(self, table: Table, index: Index | None, now_s: float) -> None:
        """Split partitions where throughput or size need more of them."""
        self.partitions.grow(self._partitions_needed(table, index), now_s)

    def _compile_buckets(
        self, table: Table, index: Index | None, burst_s: float, now_s: float
    ) -> None:
        self._compiled_from = table.description
        self._burst_s = burst_s
        described = _described(table, index)
        on_demand = is_on_demand(table.description)
        if not on_demand:
            self.peaks = {}
        for units_of in ("Read", "Write"):
            rates: dict[LimitKind, tuple[float, float]] = {}
            if on_demand:
                ready_for = self._ready_for(described, units_of)
                rates["KeyRangeThroughput"] = (ready_for, ready_for)
                rates["AccountLimit"] = (ON_DEMAND_UNITS_MAX, ON_DEMAND_UNITS_MAX)
                most = described.get("OnDemandThroughput", {}).get(f"Max{units_of}RequestUnits", -1)
                if most > 0:
                    rates["MaxOnDemandThroughput"] = (most, most)
            else:
                rate = described["ProvisionedThroughput"][f"{units_of}CapacityUnits"]
                rates["ProvisionedThroughput"] = (rate, rate * max(burst_s, 1.0))
            self.buckets[units_of] = _changed(self.buckets[units_of], rates, now_s)

    def spend(self, units_of: UnitsOf, units: float, now_s: float) -> None:
        """Take units out of every bucket, whether they are there or not."""
        buckets = self.buckets[units_of]
        for bucket in buckets.values():
            bucket.units -= units
        peaks = self.peaks.get(units_of)
        if peaks is not None and peaks.add(units, now_s):
            ready_for = peaks.ready_for
            buckets["KeyRangeThroughput"].resize(ready_for, ready_for, now_s)

    def _ready_for(self, described: Mapping[str, Any], units_of: UnitsOf) -> float:
        warm: float = described.get("WarmThroughput", {}).get(f"{units_of}UnitsPerSecond", 0)
        known = self.peaks.get(units_of)
        ready_for = max(_NEW[units_of], warm, known.ready_for if known is not None else 0)
        if known is None:
            self.peaks[units_of] = Peaks(ready_for)
        else:
            known.ready_for = ready_for
        return ready_for

    def _partitions_needed(self, table: Table, index: Index | None) -> int:
        size_bytes = (index.space if index is not None else table.space).size_bytes
        if self.peaks:
            return partitions_on_demand(
                self.peaks["Read"].ready_for, self.peaks["Write"].ready_for, size_bytes
            )
        throughput = _described(table, index)["ProvisionedThroughput"]
        return partitions_needed(
            throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"], size_bytes
        )


def _described(table: Table, index: Index | None) -> Mapping[str, Any]:
    if index is None:
        return table.description
    members = table.description["GlobalSecondaryIndexes"]
    found: Mapping[str, Any] = next(each for each in members if each["IndexName"] == index.name)
    return found


def _changed(
    before: Buckets, rates: Mapping[LimitKind, tuple[float, float]], now_s: float
) -> Buckets:
    buckets = {}
    for limit, (rate, size) in rates.items():
        bucket = before.get(limit)
        if bucket is None:
            bucket = Bucket(rate, size, now_s)
        else:
            bucket.resize(rate, size, now_s)
        buckets[limit] = bucket
    return buckets
