"""How a table is read: what a BatchGetItem call says about it, and how its answer is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pannier.batch.prepared import Lane, PreparedKey
from pannier.batch.reads.projection import Projection, without
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """How a table is read."""

    schema: KeySchema
    projection: Projection
    consistent: bool = False

    def members(self) -> dict[str, Any]:
        """What a request says beside the keys."""
        members, _ = self.projection.widened(self.schema.names)
        if self.consistent:
            members["ConsistentRead"] = True
        return members


def encode_read(keys: Sequence[PreparedKey], requests: Mapping[str, ReadRequest]) -> bytes:
    """A BatchGetItem request as JSON. It always asks for the units, which costs nothing."""
    by_table: dict[str, list[orjson.Fragment]] = {}
    for key in keys:
        by_table.setdefault(key.table, []).append(orjson.Fragment(key.payload))
    tables = {
        table: {"Keys": each, **requests[table].members()} for table, each in by_table.items()
    }
    return orjson.dumps({"RequestItems": tables, "ReturnConsumedCapacity": "INDEXES"})


def items_by_lane(
    responses: Mapping[str, list[Item]], requests: Mapping[str, ReadRequest]
) -> dict[Lane, Item]:
    """The items of an answer by their keys, without what only the widened projection brought."""
    items: dict[Lane, Item] = {}
    for table, answered in responses.items():
        request = requests[table]
        _, added = request.projection.widened(request.schema.names)
        for item in answered:
            lane: Lane = (table, b"".join(request.schema.item_key(item)))
            items[lane] = without(item, added)
    return items
