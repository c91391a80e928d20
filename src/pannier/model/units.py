"""Capacity units of one item.

Sources: Developer Guide, "Read and write operations", and the service model's documentation of
`ConsumedCapacity`. Transactions cost twice; that factor is the caller's.
"""

from pannier.limits import READ_UNIT_BYTES, WRITE_UNIT_BYTES


def write_units(size_bytes: int) -> int:
    """Write units of an item: `ceil(bytes / 1024)`, at least 1 (a missing item costs 1)."""
    return max(1, -(-size_bytes // WRITE_UNIT_BYTES))


def read_units(size_bytes: int, *, consistent: bool) -> float:
    """Read units of an item or a page: `ceil(bytes / 4096)`, at least 1; half if eventual."""
    units = max(1, -(-size_bytes // READ_UNIT_BYTES))
    return float(units) if consistent else units / 2
