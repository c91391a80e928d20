"""What a change by condition would do: to how many items, to which for example, at what cost."""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from pannier.batch.pages.count_estimate import CountEstimate, estimate, segments_to_count
from pannier.batch.pages.extent import AGE, Extent, extent_of, read_estimate
from pannier.batch.report import Report
from pannier.batch.tables.conditional_action import ConditionalAction
from pannier.cli import options as shared
from pannier.cli.scan_plan import usd
from pannier.cost.units_cost import cost_of_units
from pannier.errors import UserError
from pannier.files.plain_json import to_plain_json
from pannier.library.connection import Connection
from pannier.limits import WRITE_UNIT_BYTES
from pannier.model.attribute_value import Item

_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done.

    Attributes:
        action: to which items what.
        count: of the items.
        examples: keys of a few of them.
        extent: of the table.
        indexes: how many global indexes it has.
        consistent: whether the items are found consistently.
        read_units: what the preview itself took.
    """

    action: ConditionalAction
    count: CountEstimate
    examples: list[Item]
    extent: Extent
    indexes: int
    consistent: bool
    read_units: float

    def to_json(self) -> dict[str, Any]:
        """The preview as plain values."""
        extent, count = self.extent, self.count
        of_item = max(1, ceil(extent.size_bytes / max(1, extent.items) / WRITE_UNIT_BYTES))
        write_units = count.value * of_item
        read = read_estimate(extent.size_bytes, 1, consistent=self.consistent)
        cost = cost_of_units(read_units=read.read_units, write_units=write_units)
        return {
            "action": self.action.kind,
            "table": self.action.table,
            "items": count.value,
            "exact": count.is_exact,
            "interval_95": [count.low, count.high],
            "method": count.method,
            "examples": self.examples,
            "guarded": self.action.is_guarded,
            "read_units": read.read_units,
            "write_units": write_units,
            "cost": cost.to_json(),
            "preview_read_units": self.read_units,
            "assumes": self._assumes(),
        }

    def rows(self) -> list[tuple[str, str]]:
        """The preview in words."""
        told, count = self.to_json(), self.count
        items = f"{count.value:,} items of {self.action.table}"
        if not count.is_exact:
            items = f"about {items}, with 95 % between {count.low:,} and {count.high:,}"
        rows = [(f"would {self.action.kind}", items)]
        if not count.is_exact:
            rows.append(("how", count.method))
        rows += [("for example", to_plain_json(key).decode()) for key in self.examples]
        if self.action.is_guarded:
            rows.append(
                ("how", "only where what it touches is as it was read; it can't be repeated")
            )
        cost = told["cost"]["on_demand"]
        rows += [
            ("would read", f"about {told['read_units']:,g} units to find them"),
            ("would write", f"about {told['write_units']:,g} units on the table"),
            ("cost", f"about {usd(cost)} on demand"),
        ]
        return [*rows, *(("assumes", each) for each in told["assumes"])]

    def _assumes(self) -> list[str]:
        assumes = ["items of the average size, by DescribeTable; " + AGE]
        if self.indexes:
            assumes.append(
                f"no writes to global indexes; there are {self.indexes}, and each can take as much"
            )
        return assumes + cost_of_units(read_units=0.0, write_units=0.0).assumes[:2]


def preview_of(
    connection: Connection,
    options: argparse.Namespace,
    action: ConditionalAction,
    description: Mapping[str, Any],
    chance: random.Random,
) -> Preview:
    """Find out what would be done: by a scan of a small table, or of a sample of a large one.

    Raises:
        UserError: the table could not be read.
    """
    extent = extent_of(description)
    total, chains = segments_to_count(extent.size_bytes, chance)
    counts: Counter[int] = Counter()
    examples: list[Item] = []
    reports: list[Report] = []
    pages = connection.pages(
        "Scan",
        action.scan_request(consistent=options.consistent),
        options=shared.job_options(options),
        report=reports.append,
        chains=chains,
    )
    with closing(pages):
        for page in pages:
            counts[page.chain] += page.count
            wanted = page.items[: _EXAMPLES - len(examples)]
            examples += [action.schema.key_of(item) for item in wanted]
    (report,) = reports
    if report.stopped:
        raise UserError(f"the table can't be read: {report.stopped}", "Nothing was changed.")
    return Preview(
        action,
        estimate(total, [counts[chain.number] for chain in chains]),
        examples,
        extent,
        len(description.get("GlobalSecondaryIndexes") or ()),
        options.consistent,
        report.units.read_total,
    )


def show_preview(options: argparse.Namespace, preview: Preview) -> None:
    """Write a preview to standard output, as JSON with `--report json`."""
    if options.report == "json":
        sys.stdout.write(json.dumps(preview.to_json(), indent=2, ensure_ascii=False) + "\n")
    else:
        for name, text in preview.rows():
            sys.stdout.write(f"{name:13}{text}\n")
    sys.stdout.flush()
