"""The always-free part of DynamoDB, and which share of it something takes.

25 GB of storage, and provisioned capacity of 25 write and 25 read units, each month, of tables of
the standard class with provisioned capacity. Source: AWS's pricing page, read in July 2026. It may
not apply to accounts that were made since July 2025 [?].
"""

from dataclasses import dataclass
from typing import Any, Final

FREE_WRITE_UNITS_PER_S: Final = 25
FREE_READ_UNITS_PER_S: Final = 25
FREE_STORAGE_BYTES: Final = 25 * 2**30
MONTH_S: Final = 730 * 3600

ASSUMES: Final = (
    "the free tier is 25 GB, 25 write and 25 read units a second of provisioned capacity, for a "
    "month of 730 hours; new accounts may not have it, and on-demand tables have none of its units"
)


@dataclass(frozen=True, slots=True)
class FreeTierShare:
    """Which share of a month's free tier something takes; 1.0 is all of it."""

    write: float
    read: float
    storage: float

    def to_json(self) -> dict[str, Any]:
        """The shares as plain values."""
        return {"write": self.write, "read": self.read, "storage": self.storage}


def free_tier_share(
    *, write_units: float, read_units: float, storage_bytes: float
) -> FreeTierShare:
    """The share of a month's free units, and of the free storage."""
    return FreeTierShare(
        write_units / (FREE_WRITE_UNITS_PER_S * MONTH_S),
        read_units / (FREE_READ_UNITS_PER_S * MONTH_S),
        storage_bytes / FREE_STORAGE_BYTES,
    )
