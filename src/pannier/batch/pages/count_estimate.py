"""How many items there are, from some of a scan's segments.

Segments are equal ranges of the hash of the partition key, so each item is in exactly one, and
which one says nothing about the item. Of `total` segments some are drawn at random and counted in
full.
The estimate is their mean, times `total`: right in the mean, whatever the partitions are like. How
far it may be off follows from how much the drawn segments differ among each other (simple random
sampling of clusters without replacement; Cochran, "Sampling Techniques", chapter 9):

    error = t * total * sqrt((1 - drawn / total) * variance / drawn)

with t of Student's distribution, for 95 %. That takes the mean of the drawn segments to be about
normal: with a hundred of them it is, unless very few partitions hold most of the items.

Where nothing was found, the interval is that of the rule of three: at most 3 * total / drawn.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist, mean, variance
from typing import Final

from pannier.batch.pages.page_job import Chain
from pannier.batch.pages.sampling import drawn_segments
from pannier.limits import KIB, SCAN_SEGMENTS_MAX

DRAWN: Final = 100
_SEGMENT_BYTES: Final = 256 * KIB
_CONFIDENCE: Final = 0.95
_NONE_FOUND: Final = 3.0  # -ln(0.05)


@dataclass(frozen=True, slots=True)
class CountEstimate:
    """How many items there probably are.

    Attributes:
        total: segments of the table.
        drawn: segments that were counted.
        found: items in these.
        value: the estimate.
        low: the lower end of its 95 % interval.
        high: the upper end.
    """

    total: int
    drawn: int
    found: int
    value: int
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Whether all segments were counted."""
        return self.drawn == self.total

    @property
    def method(self) -> str:
        """How it was made, in words."""
        if self.is_exact:
            return "all segments were counted"
        return (
            f"{self.drawn:,} of {self.total:,} segments, drawn at random, were counted in full; "
            "mean of a segment times the number of segments, Student's interval of 95 %"
        )


def segments_to_count(size_bytes: int, chance: random.Random) -> tuple[int, Sequence[Chain]]:
    """The segments that an estimate counts, and out of how many they are drawn.

    Args:
        size_bytes: of the table or index, as far as is known.
        chance: draws them; a seeded one makes it reproducible.
    """
    total = max(1, min(SCAN_SEGMENTS_MAX, ceil(size_bytes / _SEGMENT_BYTES)))
    if total == 1:
        return 1, [Chain(0, {})]
    return total, drawn_segments(total, min(DRAWN, total), chance)


def estimate(total: int, counts: Sequence[int]) -> CountEstimate:
    """The estimate from counted segments.

    Args:
        total: how many segments there are.
        counts: of each segment that was drawn, how many items it has; at least one.
    """
    drawn, found = len(counts), sum(counts)
    if drawn == total:
        return CountEstimate(total, drawn, found, found, found, found)
    value = total * mean(counts)
    if not found:
        return CountEstimate(total, drawn, 0, 0, 0, ceil(_NONE_FOUND * total / drawn))
    spread = variance(counts) if drawn > 1 else float(found) ** 2
    error = _student(drawn - 1) * total * sqrt((1 - drawn / total) * spread / drawn)
    low, high = max(float(found), value - error), value + error
    return CountEstimate(total, drawn, found, round(value), int(low), ceil(high))


def _student(freedom: int) -> float:
    """The two-sided quantile of Student's t, by its expansion around the normal distribution.

    Abramowitz and Stegun, 26.7.5; with ten degrees of freedom and more it is right to 0.2 %.
    """
    z = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2)
    n = max(1, freedom)
    return z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
