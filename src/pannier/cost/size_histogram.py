"""How large items are, as counts in classes that double: bounded, whatever the input."""

from dataclasses import dataclass, field
from typing import Any, Final

from pannier.limits import ITEM_BYTES_MAX

BOUNDS: Final = (128, 256, 512, *(1024 << n for n in range(9)), ITEM_BYTES_MAX)
"""Upper bounds of the classes in bytes, each inclusive: 128 up to 256 KB, and 400 KB."""


@dataclass(slots=True)
class SizeHistogram:
    """Counts of items by size; sizes are bytes as DynamoDB stores them."""

    items: int = 0
    total_bytes: int = 0
    smallest_bytes: int = 0
    largest_bytes: int = 0
    counts: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))

    def add(self, size_bytes: int) -> None:
        """Count an item."""
        if not self.items or size_bytes < self.smallest_bytes:
            self.smallest_bytes = size_bytes
        self.items += 1
        self.total_bytes += size_bytes
        self.largest_bytes = max(self.largest_bytes, size_bytes)
        for position, bound in enumerate(BOUNDS):
            if size_bytes <= bound:
                self.counts[position] += 1
                return

    @property
    def mean_bytes(self) -> float:
        """The mean size; 0 without items."""
        return self.total_bytes / self.items if self.items else 0.0

    def to_json(self) -> dict[str, Any]:
        """The histogram as plain values, without empty classes."""
        return {
            "items": self.items,
            "total": self.total_bytes,
            "min": self.smallest_bytes,
            "mean": self.mean_bytes,
            "max": self.largest_bytes,
            "histogram": [
                {"up_to": bound, "items": count}
                for bound, count in zip(BOUNDS, self.counts, strict=True)
                if count
            ],
        }
