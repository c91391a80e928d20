"""Consumed capacity: units by table and index, and the form in which answers show them.

Rules (captured, see the service model's `ConsumedCapacity`): one entry a table; `TOTAL` has the
sum, indexes included; `INDEXES` adds `Table` and a map for each kind of index, in which an
untouched index is absent. Units are always metered, and shown when asked for.
"""

from collections import defaultdict
from typing import Any, Literal, TypeAlias

from pannier.engine.catalog import Index, Table

UnitsOf: TypeAlias = Literal["Read", "Write"]


class Consumed:
    """Units that one request consumed on one table."""

    __slots__ = ("indexes", "table", "units", "units_of")

    def __init__(self, table: Table, units_of: UnitsOf) -> None:
        self.table = table
        self.units_of = units_of
        self.units = 0.0
        self.indexes: defaultdict[Index, float] = defaultdict(float)

    @property
    def total(self) -> float:
        """Units of the table and all its indexes."""
        return self.units + sum(self.indexes.values())

    def to_api(self, level: str) -> dict[str, Any]:
        """The `ConsumedCapacity` of an answer, at level `TOTAL` or `INDEXES`."""
        shown: dict[str, Any] = {"TableName": self.table.name, "CapacityUnits": self.total}
        if level == "INDEXES":
            shown["Table"] = {"CapacityUnits": self.units}
            for index, units in self.indexes.items():
                member = "GlobalSecondaryIndexes" if index.is_global else "LocalSecondaryIndexes"
                shown.setdefault(member, {})[index.name] = {"CapacityUnits": units}
        return shown


def wanted_level(request: dict[str, Any]) -> str | None:
    """The level at which a request asks for its consumed capacity, or None."""
    level: str | None = request.get("ReturnConsumedCapacity")
    return None if level in (None, "NONE") else level
