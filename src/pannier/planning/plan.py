"""A plan: what a job will take, and what that rests on. `docs/plan.md` explains its JSON form."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pannier.cost.free_tier import ASSUMES as FREE_TIER_ASSUMES
from pannier.cost.free_tier import free_tier_share
from pannier.cost.prices import Prices
from pannier.cost.size_histogram import SizeHistogram
from pannier.cost.storage_cost import Stored
from pannier.cost.units_cost import UnitsCost, cost_of_units
from pannier.planning.assumptions import Assumption
from pannier.planning.capacity_time import Duration

FORM: Final = 1
"""The version of the JSON form. New members may come without a new version."""

_HOUR_S: Final = 3600


@dataclass(slots=True)
class Plan:
    """An estimate.

    Attributes:
        operation: `write`, `read` or `scan`, as reports name it.
        items: counts by name: `read`, `written`, `deleted`, `superseded`, `failed`.
        calls: of the batch operations, or pages of a scan.
        single_calls: how many calls the same work takes one by one; 0 for a scan.
        sent_bytes: items and keys as JSON, without what is around them.
        write: write units by table, and by `table/index`.
        read: read units by table.
        margin_units: by how much a sample may have missed the units, with 95 % confidence.
        sizes: of the items that are sent; None where they are not known.
        stored: what the table holds more afterwards; of a scan, what it holds.
        durations: at several capacities.
        assumptions: by name.
        reasons: why elements of the input fail, with counts.
        prices: the table of prices.
        target: the name of the target.
        looked_up_units: read units that a look into the table has cost.
    """

    operation: str
    prices: Prices
    target: str = ""
    items: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    single_calls: int = 0
    sent_bytes: int = 0
    write: dict[str, float] = field(default_factory=dict)
    read: dict[str, float] = field(default_factory=dict)
    margin_units: float = 0.0
    sizes: SizeHistogram | None = None
    stored: Stored = field(default_factory=Stored)
    durations: list[Duration] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    reasons: Mapping[str, int] = field(default_factory=dict)
    looked_up_units: float = 0.0

    @property
    def write_units(self) -> float:
        """Write units over all tables and indexes."""
        return sum(self.write.values())

    @property
    def read_units(self) -> float:
        """Read units over all tables."""
        return sum(self.read.values())

    @property
    def on_demand_usd(self) -> float:
        """The units on demand, at list price."""
        return self._cost.on_demand_usd

    @property
    def all_assumptions(self) -> list[Assumption]:
        """Those of the units, and those of prices and the free tier."""
        prices = [Assumption("prices", "price", text) for text in self._cost.assumes[:4]]
        return [
            *self.assumptions,
            *prices,
            Assumption("free-tier", "price", FREE_TIER_ASSUMES),
            Assumption(
                "storage",
                "storage",
                "100 bytes more for each item and index entry; a GB is 2^30 bytes; overwritten "
                "items of the table are not taken off",
            ),
        ]

    def provisioned_usd(self, duration: Duration) -> float | None:
        """What the capacity of a duration costs, in hours begun; used or not; None on demand."""
        if not duration.is_paid_by_hour:
            return None
        hours = math.ceil(duration.seconds / _HOUR_S)
        price = self.prices.write_unit_hour_usd
        if duration.kind == "read":
            price = self.prices.read_unit_hour_usd
        return hours * math.fsum(duration.rates.values()) * price

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        share = free_tier_share(
            write_units=self.write_units,
            read_units=self.read_units,
            storage_bytes=self.stored.billed_bytes,
        )
        cost = self._cost.to_json()
        del cost["assumes"]
        return {
            "plan": FORM,
            "operation": self.operation,
            "target": self.target,
            "items": self.items,
            "item_bytes": self.sizes.to_json() if self.sizes is not None else None,
            "calls": self.calls,
            "single_calls": self.single_calls,
            "sent_bytes": self.sent_bytes,
            "units": {"write": self.write, "read": self.read},
            "margin_units": self.margin_units,
            "looked_up_units": self.looked_up_units,
            "time": [
                {**each.to_json(), "provisioned_usd": self.provisioned_usd(each)}
                for each in self.durations
            ],
            "cost": cost,
            "free_tier": share.to_json(),
            "storage": self.stored.to_json(self.prices),
            "reasons": dict(self.reasons),
            "assumptions": [each.to_json() for each in self.all_assumptions],
        }

    @property
    def _cost(self) -> UnitsCost:
        return cost_of_units(
            read_units=self.read_units, write_units=self.write_units, prices=self.prices
        )
