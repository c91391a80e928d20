"""What stored items cost a month.

DynamoDB bills the size of items and of index entries, and 100 bytes more for each of either
(Developer Guide, "DynamoDB item sizes and formats" and "Considerations for global secondary
indexes"). The 100 bytes count for storage only, never for units.
"""

from dataclasses import dataclass
from typing import Any, Final

from pannier.cost.prices import Prices

OVERHEAD_BYTES: Final = 100
GIB: Final = 2**30


@dataclass(slots=True)
class Stored:
    """What is stored: items, index entries, and the bytes of both together."""

    items: float = 0.0
    entries: float = 0.0
    size_bytes: float = 0.0

    @property
    def billed_bytes(self) -> float:
        """With the overhead."""
        return self.size_bytes + OVERHEAD_BYTES * (self.items + self.entries)

    def month_usd(self, prices: Prices) -> float:
        """A month of it, in US dollars; a GB is 2^30 bytes."""
        return self.billed_bytes / GIB * prices.storage_gb_month_usd

    def to_json(self, prices: Prices) -> dict[str, Any]:
        """The storage as plain values."""
        return {
            "items": self.items,
            "index_entries": self.entries,
            "size_bytes": self.size_bytes,
            "billed_bytes": self.billed_bytes,
            "month_usd": self.month_usd(prices),
        }
