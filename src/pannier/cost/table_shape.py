"""A table as far as its cost goes: keys, indexes with what they carry, capacity, and averages.

Averages come from `DescribeTable`. AWS brings its counts up to date about every six hours (service
model, `TableDescription`), so what is made of them is an assumption.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema


@dataclass(frozen=True, slots=True)
class Capacity:
    """Units a second of a table or index.

    Attributes:
        read_units: provisioned; 0 on demand.
        write_units: likewise.
        warm_read_units: what an on-demand table serves at once (service model, `WarmThroughput`);
            0 where that is not known.
        warm_write_units: likewise.
    """

    read_units: int = 0
    write_units: int = 0
    warm_read_units: int = 0
    warm_write_units: int = 0

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> "Capacity":
        """What the description of a table or index says."""
        given = description.get("ProvisionedThroughput") or {}
        warm = description.get("WarmThroughput") or {}
        return cls(
            int(given.get("ReadCapacityUnits") or 0),
            int(given.get("WriteCapacityUnits") or 0),
            int(warm.get("ReadUnitsPerSecond") or 0),
            int(warm.get("WriteUnitsPerSecond") or 0),
        )


@dataclass(frozen=True, slots=True)
class Space:
    """How much a table or an index holds: how many items, and their bytes."""

    items: int = 0
    size_bytes: int = 0

    @property
    def mean_bytes(self) -> float:
        """The mean size of an item; 0 where there is none."""
        return self.size_bytes / self.items if self.items else 0.0


@dataclass(frozen=True, slots=True)
class IndexShape:
    """One secondary index.

    Attributes:
        name: its name.
        place: `table/index`, as reports name it.
        is_global: a global one has a capacity of its own, a local one spends its table's.
        schema: its key.
        projected: names that entries carry; None for all.
        capacity: of a global index.
        holds: what is in it.
    """

    name: str
    place: str
    is_global: bool
    schema: KeySchema
    projected: frozenset[str] | None
    capacity: Capacity
    holds: Space

    def project(self, item: Item) -> Item:
        """The part of an item that its entry carries."""
        if self.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self.projected}


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table.

    Attributes:
        name: its name.
        schema: its key.
        indexes: local ones first.
        capacity: what is provisioned.
        holds: what is in it.
        exists: whether the target has it, or it was only described on the command line.
    """

    name: str
    schema: KeySchema
    indexes: tuple[IndexShape, ...]
    capacity: Capacity
    holds: Space
    exists: bool = True

    @classmethod
    def of(cls, description: Mapping[str, Any], *, exists: bool = True) -> "TableShape":
        """From a `TableDescription`, or from a `CreateTable` request, which has less of it."""
        name = description["TableName"]
        definitions = description["AttributeDefinitions"]
        schema = KeySchema.from_api(description["KeySchema"], definitions)
        indexes = tuple(
            _index(each, name, schema, definitions, is_global=is_global)
            for member, is_global in (
                ("LocalSecondaryIndexes", False),
                ("GlobalSecondaryIndexes", True),
            )
            for each in description.get(member) or ()
        )
        holds = Space(
            int(description.get("ItemCount") or 0), int(description.get("TableSizeBytes") or 0)
        )
        return cls(name, schema, indexes, Capacity.of(description), holds, exists)

    @property
    def places(self) -> list[str]:
        """The table's name, then `table/index` of each index, in order."""
        return [self.name, *(index.place for index in self.indexes)]


def _index(
    description: Mapping[str, Any],
    table: str,
    schema: KeySchema,
    definitions: Any,
    *,
    is_global: bool,
) -> IndexShape:
    name = description["IndexName"]
    own = KeySchema.from_api(description["KeySchema"], definitions)
    projection = description.get("Projection") or {}
    projected = None
    if projection.get("ProjectionType", "ALL") != "ALL":
        others = projection.get("NonKeyAttributes") or ()
        projected = frozenset((*own.names, *schema.names, *others))
    holds = Space(
        int(description.get("ItemCount") or 0), int(description.get("IndexSizeBytes") or 0)
    )
    return IndexShape(
        name, f"{table}/{name}", is_global, own, projected, Capacity.of(description), holds
    )
