"""Which parts of a table a sample reads.

A scan's segments are equal ranges of the hash of the partition key. So a table is cut into as many
segments as make one hold a few items, and these are read in random order until there are enough
items; each item has the same chance to be in one, wherever it stands. A segment costs a call, and
no more units than its items have; drawing single items is nothing that DynamoDB offers.

Items of one partition key stand in one segment, and come into the sample together: where partitions
are large, a sample says less than one of as many independent items.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pannier.batch.pages.page_job import Chain
from pannier.limits import SCAN_SEGMENTS_MAX

_ITEMS_OF_SEGMENT: Final = 4
_DRAWN: Final = 50  # times as many segments as needed: most are empty where partitions are large
_TAKEN_MAX: Final = 5 * _ITEMS_OF_SEGMENT  # of one segment, so that no large partition is all of it


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of a table.

    Attributes:
        total: in how many segments the table is cut.
        chains: those that were drawn, in the order in which they are read.
        items: so many items are enough.
    """

    total: int
    chains: Sequence[Chain]
    items: int

    @property
    def segments(self) -> int:
        """How many of them are probably read."""
        return min(len(self.chains), -(-self.items // _ITEMS_OF_SEGMENT))

    @property
    def told(self) -> str:
        """How it is drawn, in words."""
        return (
            f"drawn at random out of {self.total:,}, at most {_TAKEN_MAX} items of each, until "
            f"{self.items:,} items are read"
        )


def sample_of(items: int, wanted: int, chance: random.Random) -> Sample:
    """A sample of about so many items.

    Args:
        items: how many the table has, as far as is known; 0 if nothing is.
        wanted: how many the sample shall have.
        chance: draws the segments; a seeded one makes it reproducible.
    """
    if items <= wanted:
        return Sample(1, [Chain(0, {})], wanted)
    drawn = -(-wanted // _ITEMS_OF_SEGMENT)
    total = min(SCAN_SEGMENTS_MAX, max(drawn, items // _ITEMS_OF_SEGMENT))
    return Sample(total, drawn_segments(total, _DRAWN * drawn, chance, _TAKEN_MAX), wanted)


def drawn_segments(
    total: int, count: int, chance: random.Random, items_max: int | None = None
) -> Sequence[Chain]:
    """Some of the segments of a scan, in no order.

    Args:
        total: how many there are.
        count: how many are drawn; at most all.
        chance: draws them.
        items_max: how many items are read of each; None for all.
    """
    return [
        Chain(
            number,
            {"Segment": segment, "TotalSegments": total}
            | ({} if items_max is None else {"Limit": items_max}),
            only_first=items_max is not None,
        )
        for number, segment in enumerate(chance.sample(range(total), min(count, total)))
    ]
