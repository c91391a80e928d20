"""What a `TableDescription` says, in words and figures for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pannier.console.quantities import counted, units_text

TRANSIENT: Final = frozenset({"CREATING", "UPDATING", "DELETING"})
_ON_DEMAND: Final = "PAY_PER_REQUEST"
_ROLES: Final = ("HASH", "RANGE")


@dataclass(frozen=True, slots=True)
class IndexFigures:
    """An index.

    Attributes:
        kind: `global` or `local`.
        keys: partition and sort key, as `key_texts`.
        projection: `all attributes`, `keys only`, or which ones besides.
        capacity: as `capacity_text`; of a local index empty, as it is the table's.
    """

    name: str
    kind: str
    status: str
    keys: tuple[str, str]
    projection: str
    capacity: str
    items: int
    size_bytes: int


def key_texts(
    schema: Sequence[Mapping[str, str]], definitions: Sequence[Mapping[str, str]]
) -> tuple[str, str]:
    """Partition and sort key with their types: `PK (S)`; the second is empty if there is none."""
    kinds = {each["AttributeName"]: each["AttributeType"] for each in definitions}
    partition, sort = (
        ", ".join(
            f"{each['AttributeName']} ({kinds.get(each['AttributeName'], '?')})"
            for each in schema
            if each["KeyType"] == role
        )
        for role in _ROLES
    )
    return partition, sort


def is_on_demand(description: Mapping[str, Any]) -> bool:
    """Whether a table is billed by request."""
    summary = description.get("BillingModeSummary") or {}
    return bool(summary.get("BillingMode") == _ON_DEMAND)


def capacity_text(owner: Mapping[str, Any], *, on_demand: bool) -> str:
    """How a table or index is billed: `on demand`, or its units a second."""
    if on_demand:
        return "on demand"
    units = owner.get("ProvisionedThroughput") or {}
    read = units_text(units.get("ReadCapacityUnits") or 0)
    return f"{read} read, {units_text(units.get('WriteCapacityUnits') or 0)} write"


def projection_text(projection: Mapping[str, Any]) -> str:
    """Which attributes an index holds."""
    match projection.get("ProjectionType"):
        case "ALL":
            return "all attributes"
        case "KEYS_ONLY":
            return "keys only"
    return "keys, " + ", ".join(projection.get("NonKeyAttributes") or ())


def index_figures(description: Mapping[str, Any]) -> Iterator[IndexFigures]:
    """A table's indexes, global ones first."""
    on_demand = is_on_demand(description)
    definitions = description["AttributeDefinitions"]
    for member, kind in (("GlobalSecondaryIndexes", "global"), ("LocalSecondaryIndexes", "local")):
        for each in description.get(member) or ():
            yield IndexFigures(
                name=each["IndexName"],
                kind=kind,
                # A local index is there with its table, and has no status of its own.
                status=each.get("IndexStatus") or description["TableStatus"],
                keys=key_texts(each["KeySchema"], definitions),
                projection=projection_text(each["Projection"]),
                capacity=capacity_text(each, on_demand=on_demand) if kind == "global" else "",
                items=int(each.get("ItemCount") or 0),
                size_bytes=int(each.get("IndexSizeBytes") or 0),
            )


def indexes_text(description: Mapping[str, Any]) -> str:
    """How many indexes there are: `2 global, 1 local`."""
    parts = [
        f"{len(found)} {kind}"
        for member, kind in (
            ("GlobalSecondaryIndexes", "global"),
            ("LocalSecondaryIndexes", "local"),
        )
        if (found := description.get(member))
    ]
    return ", ".join(parts) or "none"


def stream_text(description: Mapping[str, Any]) -> str:
    """Whether changes go into a stream, and what of them."""
    stream = description.get("StreamSpecification") or {}
    return str(stream.get("StreamViewType")) if stream.get("StreamEnabled") else "off"


def is_transient(description: Mapping[str, Any]) -> bool:
    """Whether a table, or one of its indexes, is about to become something else."""
    states = {description.get("TableStatus")}
    states |= {each.get("IndexStatus") for each in description.get("GlobalSecondaryIndexes") or ()}
    return bool(states & TRANSIENT)


def time_text(seconds: object) -> str:
    """A time of the API, in UTC."""
    if not isinstance(seconds, int | float):
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def consequence_text(description: Mapping[str, Any]) -> str:
    """What is gone when the table is."""
    items = counted(int(description.get("ItemCount") or 0), "item")
    indexes = len(list(index_figures(description)))
    return f"{items} and {counted(indexes, 'index', 'indexes')}" if indexes else items
