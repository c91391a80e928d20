"""The units and calls of a scan of a whole table, from how much it holds.

A page is at most 1 MB of items, and its units are its bytes together, rounded up to 4 KB (Developer
Guide, "Read and write operations"; measured on AWS by others). Each segment ends with a page of its
own, which is rounded for itself.
"""

import math
from dataclasses import dataclass

from pannier.cost.table_shape import TableShape
from pannier.limits import PAGE_BYTES_MAX, READ_UNIT_BYTES
from pannier.planning.assumptions import Assumption


@dataclass(frozen=True, slots=True)
class ScanUnits:
    """What a scan takes."""

    units: float
    calls: int
    assumptions: list[Assumption]


def scan_units(shape: TableShape, *, consistent: bool, segments: int = 1) -> ScanUnits:
    """What a scan of all items of a table takes.

    Args:
        shape: the table; its counts are used.
        consistent: consistent reads, which cost twice.
        segments: read side by side.
    """
    holds = shape.holds
    per_segment = holds.size_bytes / segments
    # A page ends with the item that fills it, so it is half an item longer, in the mean.
    page_bytes = PAGE_BYTES_MAX + holds.mean_bytes / 2
    pages = segments * (math.floor(per_segment / page_bytes) + 1)
    full = math.ceil(page_bytes / READ_UNIT_BYTES)
    whole_pages = pages - segments
    rest = per_segment - (whole_pages / segments) * page_bytes
    units = whole_pages * full + segments * max(1, math.ceil(rest / READ_UNIT_BYTES))
    assumptions = [
        Assumption(
            "table-counts",
            "units",
            f"{shape.name} holds {holds.items:,} items of {holds.size_bytes:,} bytes, as "
            "DescribeTable says; AWS counts about every six hours",
        ),
        Assumption(
            "pages",
            "units",
            f"{segments} {'segment' if segments == 1 else 'segments of equal size'} in pages of "
            "1 MB, each rounded up to 4 KB",
        ),
    ]
    return ScanUnits(float(units) if consistent else units / 2, pages, assumptions)
