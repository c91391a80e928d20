"""What a copy would do, without doing it: `--dry-run`."""

import argparse
import json
import sys
from dataclasses import dataclass
from math import ceil
from typing import Any

from pannier.cli.scan_plan import ScanPlan, usd
from pannier.cost.units_cost import cost_of_units
from pannier.limits import WRITE_UNIT_BYTES


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """What would be copied.

    Attributes:
        scan: what would be read.
        destination: the table that would be written to.
        creates: whether it would be made.
        indexes: how many global indexes it has, or would have.
        has_transform: whether there is a transform.
    """

    scan: ScanPlan
    destination: str
    creates: bool
    indexes: int
    has_transform: bool

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        plan = self.scan.to_json()
        units = self._write_units
        both = cost_of_units(read_units=plan["read_units"], write_units=units)
        return {
            **plan,
            "destination": self.destination,
            "creates": self.creates,
            "write_units": units,
            "cost": both.to_json(),
            "assumes": [*plan["assumes"], *self._assumes()],
        }

    def rows(self) -> list[tuple[str, str]]:
        """The plan in words."""
        plan = self.to_json()
        told = [row for row in self.scan.rows() if row[0] not in ("cost", "assumes")]
        made = ", which would be made" if self.creates else ""
        return [
            *told,
            ("would write", self.destination + made),
            ("write units", f"about {self._write_units:,g} on the table"),
            ("cost", f"about {usd(plan['cost']['on_demand'])} on demand, for both"),
            *(("assumes", each) for each in plan["assumes"]),
        ]

    @property
    def _write_units(self) -> float:
        extent = self.scan.extent
        of_item = max(1, ceil(extent.size_bytes / max(1, extent.items) / WRITE_UNIT_BYTES))
        return float(extent.items * of_item)

    def _assumes(self) -> list[str]:
        assumes = ["writes: items of the average size, onto nothing larger"]
        if "FilterExpression" in self.scan.request:
            assumes.append("writes: every item passes the filter")
        if self.has_transform:
            assumes.append("writes: one item like it of each, after the transform")
        if self.indexes:
            assumes.append(
                f"no writes to global indexes; there are {self.indexes}, and each can take as much"
            )
        return assumes


def show_copy_plan(options: argparse.Namespace, plan: CopyPlan) -> None:
    """Write a plan to standard output, as JSON with `--report json`."""
    if options.report == "json":
        sys.stdout.write(json.dumps(plan.to_json(), indent=2, ensure_ascii=False) + "\n")
        return
    for name, text in plan.rows():
        sys.stdout.write(f"{name:13}{text}\n")
