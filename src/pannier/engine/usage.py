"""What one request used: the units it consumed, what of it was throttled, what it returned.

Operations note it as they go; `Database` hands it to the metrics when the request is over. Requests
are applied one after another, so a database has one `Usage` at a time.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pannier.engine.capacity import Consumed, UnitsOf
from pannier.engine.catalog import Index, Table

LimitKind: TypeAlias = Literal[
    "ProvisionedThroughput", "KeyRangeThroughput", "AccountLimit", "MaxOnDemandThroughput"
]
"""Which limit throttled; the middle of AWS's names for reasons and metrics."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """One throttled event: an item's write or read that a table or index had no capacity for.

    Attributes:
        table: the table.
        index: its index, or None for the table itself.
        units_of: whether reads or writes were short.
        limit: which limit was reached.
    """

    table: Table
    index: Index | None
    units_of: UnitsOf
    limit: LimitKind


class Usage:
    """What one request used.

    Attributes:
        consumed: units, one entry for each table and kind of units.
        throttled: its throttled events; an item that several limits refuse is one in each.
        refusals: the same events, item by item.
        returned: how many items a Query, Scan or statement returned; None for all others.
        failed_conditions: names of the tables of conditions that were false.
    """

    __slots__ = ("consumed", "failed_conditions", "refusals", "returned", "throttled")

    def __init__(self) -> None:
        self.consumed: list[Consumed] = []
        self.throttled: list[Throttled] = []
        self.refusals: list[list[Throttled]] = []
        self.returned: int | None = None
        self.failed_conditions: list[str] = []

    def reads(self, table: Table) -> Consumed:
        """A new account of read units on a table."""
        consumed = Consumed(table, "Read")
        self.consumed.append(consumed)
        return consumed

    def writes(self, table: Table) -> Consumed:
        """A new account of write units on a table."""
        consumed = Consumed(table, "Write")
        self.consumed.append(consumed)
        return consumed
