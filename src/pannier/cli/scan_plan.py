"""What a scan or query would do, without doing it: `--dry-run`."""

import argparse
import json
import sys
from dataclasses import dataclass
from typing import Any, Final

from pannier.batch.pages.extent import AGE, Extent, read_estimate
from pannier.cost.units_cost import cost_of_units
from pannier.limits import MIB

_CENT_USD: Final = 0.01


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """What would be read.

    Attributes:
        request: what all requests would say.
        extent: of the table or index.
        segments: side by side; 1 for a query.
        items: how many items would be read at most; None for all.
        consistent: consistent reads.
        drawn: how a sample is drawn; empty if it is none.
        is_query: whether it is a query, whose extent nobody knows before it is read.
    """

    request: dict[str, Any]
    extent: Extent
    segments: int
    items: int | None = None
    consistent: bool = False
    drawn: str = ""
    is_query: bool = False

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values; what is not known is None."""
        size_bytes = float(self.extent.size_bytes)
        if self.items is not None and self.extent.items > self.items:
            size_bytes *= self.items / self.extent.items
        estimate = read_estimate(size_bytes, self.segments, consistent=self.consistent)
        cost = cost_of_units(read_units=estimate.read_units, write_units=0.0)
        known = not self.is_query
        return {
            "request": self.request,
            "items": self.extent.items,
            "size_bytes": self.extent.size_bytes,
            "segments": self.segments,
            "pages": estimate.pages if known else None,
            "read_units": estimate.read_units if known else None,
            "cost": cost.to_json() if known else None,
            "assumes": self._assumes(),
        }

    def rows(self) -> list[tuple[str, str]]:
        """The plan in words."""
        plan = self.to_json()
        place = self.request.get("IndexName")
        rows = [
            ("would read", self.request["TableName"] + (f", index {place}" if place else "")),
            ("it has", f"{self.extent.items:,} items, {self.extent.size_bytes / MIB:,.1f} MB"),
        ]
        if not self.is_query:
            rows += [
                ("segments", f"{self.segments:,}" + (f": {self.drawn}" if self.drawn else "")),
                ("pages", f"about {plan['pages']:,}"),
                ("read units", f"about {plan['read_units']:,g}"),
                ("cost", f"about {usd(plan['cost']['on_demand'])} on demand"),
            ]
        return [*rows, *(("assumes", each) for each in plan["assumes"])]

    def _assumes(self) -> list[str]:
        if self.is_query:
            return ["nothing: DescribeTable does not say how much stands under one partition key"]
        assumes = [f"the figures of DescribeTable; {AGE}"]
        if self.items is not None:
            assumes.append("items of the average size")
            if "FilterExpression" in self.request and not self.drawn:
                assumes.append("every item passes the filter; else more are read for the limit")
        if "FilterExpression" in self.request:
            assumes.append("a filter lowers nothing: what it leaves out was read")
        if "ProjectionExpression" in self.request:
            assumes.append("a projection lowers nothing: the whole item is metered")
        cost = cost_of_units(read_units=0.0, write_units=0.0)
        return assumes + cost.assumes[:2]


def show_plan(options: argparse.Namespace, plan: ScanPlan) -> None:
    """Write a plan to standard output, as JSON with `--report json`."""
    if options.report == "json":
        sys.stdout.write(json.dumps(plan.to_json(), indent=2, ensure_ascii=False) + "\n")
        return
    for name, text in plan.rows():
        sys.stdout.write(f"{name:12}{text}\n")


def usd(amount: float) -> str:
    """An amount of US dollars, however small."""
    return f"${amount:,.2f}" if amount >= _CENT_USD else f"${amount:.2g}" if amount else "$0"
