"""How often each value occurred: what percentiles are made of, in bounded space.

Up to 64 different values are kept as they are. Beyond that, values share buckets, 32 to each power
of two, whose middle stands for them all: a value is then known to within 1.6 %. If there are more
than 128 buckets, they are made twice as wide until there are not. CloudWatch's own buckets are
10 % wide, so its percentiles are less exact than these.

A bucket is the highest bits of a value's binary form: sign, exponent, and five digits after the
first. So a thousand latencies are sorted into buckets by one shift each.
"""

import operator
import struct
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Final, TypeAlias

Counts: TypeAlias = dict[float, float]
"""How often, by value."""

EXACT_VALUES_MAX: Final = 64
_BUCKETS_MAX: Final = 128
_SHIFT: Final = 52 - 5  # of the 52 binary digits after the first, five are kept
_SHIFT_MAX: Final = 52

_DOUBLE: Final = struct.Struct("=d")
_BITS: Final = struct.Struct("=Q")


def counts_of(values: list[float], *, many: bool = False) -> Counts:
    """How often each value occurs, or each bucket of values.

    Args:
        values: finite numbers.
        many: whether they are known to differ, as latencies do; saves counting them twice.
    """
    if not many or len(values) <= EXACT_VALUES_MAX:
        counts: Counts = dict(Counter(values))
        if len(counts) <= EXACT_VALUES_MAX:
            return counts
    buckets = Counter(
        [bits >> _SHIFT for bits in memoryview(array("d", values)).cast("B").cast("Q")]
    )
    counts = {_middle(bucket, _SHIFT): count for bucket, count in buckets.items()}
    return coarsened(counts)


def add(counts: Counts, more: Mapping[float, float]) -> Counts:
    """Both together, in bounded space; `counts` may be changed."""
    before = map(counts.get, more, repeat(0))
    counts.update(dict(zip(more, map(operator.add, before, more.values()), strict=True)))
    return counts if len(counts) <= _BUCKETS_MAX else coarsened(counts)


def coarsened(counts: Counts) -> Counts:
    """The same in buckets, if there are too many different values."""
    if len(counts) <= EXACT_VALUES_MAX:
        return counts
    shift = _SHIFT
    while True:
        coarse = _in_buckets(counts.items(), shift)
        if len(coarse) <= _BUCKETS_MAX or shift == _SHIFT_MAX:
            return coarse
        shift += 1


def _in_buckets(counts: Iterable[tuple[float, float]], shift: int) -> Counts:
    coarse: Counts = {}
    for value, count in counts:
        (bits,) = _BITS.unpack(_DOUBLE.pack(value))
        middle = _middle(bits >> shift, shift)
        coarse[middle] = coarse.get(middle, 0) + count
    return coarse


def _middle(bucket: int, shift: int) -> float:
    if bucket == 0:
        return 0.0
    middle: float = _DOUBLE.unpack(_BITS.pack(bucket << shift | 1 << (shift - 1)))[0]
    return middle
