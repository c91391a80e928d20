"""How large a table or index is, as DescribeTable says, and what follows for a scan of it.

DynamoDB brings the figures up to date about every six hours (service model, `TableDescription`:
`ItemCount`, `TableSizeBytes`); a new table has none. So whatever is made of them is an estimate.

A page is at most 1 MB of what is read, before any filter, and each segment has a last page that is
not full. Read units follow from the bytes: 4 KB each, half a unit if eventually consistent; the sum
of a page is rounded, not each item. Neither a filter nor a projection lowers them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pannier.errors import UserError
from pannier.limits import KIB, MIB

AGE: Final = "DynamoDB brings these figures up to date about every six hours"
_READ_UNIT_BYTES: Final = 4 * KIB
_INDEXES: Final = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of a table or index.

    Attributes:
        items: how many items it has.
        size_bytes: of all of them.
        is_global: whether it is a global index, which has no consistent reads.
    """

    items: int
    size_bytes: int
    is_global: bool = False


@dataclass(frozen=True, slots=True)
class ReadEstimate:
    """What a read of a number of bytes takes."""

    pages: int
    read_units: float


def extent_of(description: Mapping[str, Any], index: str | None = None) -> Extent:
    """The extent of a table, or of one of its indexes.

    Args:
        description: the `TableDescription` of the API.
        index: the index's name; None for the table.

    Raises:
        UserError: there is no such index.
    """
    if index is None:
        items, size_bytes = (description.get(name) for name in ("ItemCount", "TableSizeBytes"))
        return Extent(int(items or 0), int(size_bytes or 0))
    names = []
    for kind in _INDEXES:
        for each in description.get(kind) or ():
            if each["IndexName"] == index:
                items, size_bytes = (each.get(name) for name in ("ItemCount", "IndexSizeBytes"))
                return Extent(int(items or 0), int(size_bytes or 0), kind == _INDEXES[0])
            names.append(each["IndexName"])
    table = description.get("TableName")
    raise UserError(
        f"there is no index {index} on table {table}",
        f"Its indexes: {', '.join(sorted(names))}." if names else "It has no index at all.",
    )


def read_estimate(size_bytes: float, segments: int, *, consistent: bool) -> ReadEstimate:
    """What a scan of so many bytes takes.

    Args:
        size_bytes: of what is read, before any filter.
        segments: in how many it is read; each has at least one page, and each page at least the
            least amount of units.
        consistent: consistent reads.
    """
    pages = max(segments, -(-int(size_bytes) // MIB))
    units = max(float(pages), -(-int(size_bytes) // _READ_UNIT_BYTES))
    return ReadEstimate(pages, units if consistent else units / 2)
