"""One point of a series: what was sampled within one minute (or, if asked for, one second).

On disk (little endian):

```
flags (1) | sample count (8) | sum (8) | minimum (8) | maximum (8)
  [| values (2) | each value | each of their counts]
```

Values take four bytes where that is exact, else eight; counts two, four or eight.
"""

import struct
from functools import cache
from typing import Final, Self

from pannier.engine.metrics import distribution
from pannier.engine.metrics.distribution import Counts

_HEADER: Final = struct.Struct("<Bdddd")
_LENGTH: Final = struct.Struct("<H")
_HAS_COUNTS: Final = 1
_VALUE_FORMS: Final = "fd"
_COUNT_FORMS: Final = "HId"


class Point:
    """The samples of one minute, added up.

    Attributes:
        count: how many there are; a fraction where a client says so.
        total: their sum.
        minimum: the least.
        maximum: the greatest.
        counts: how often each value occurs; None where nobody said.
    """

    __slots__ = ("count", "counts", "maximum", "minimum", "total")

    def __init__(
        self, count: float, total: float, minimum: float, maximum: float, counts: Counts | None
    ) -> None:
        self.count = count
        self.total = total
        self.minimum = minimum
        self.maximum = maximum
        self.counts = counts

    @classmethod
    def of_values(cls, values: list[float], *, many: bool = False) -> Self:
        """The point of one or more finite samples; `many`: they are known to differ."""
        counts = distribution.counts_of(values, many=many)
        return cls(len(values), sum(values), min(values), max(values), counts)

    @classmethod
    def of_counts(cls, counts: Counts) -> Self:
        """The point of samples that are counted already."""
        count = sum(counts.values())
        total = sum(value * often for value, often in counts.items())
        return cls(count, total, min(counts), max(counts), distribution.coarsened(counts))

    @classmethod
    def of_ones(cls, count: float) -> Self:
        """The point of so many events."""
        return cls(count, count, 1.0, 1.0, {1.0: count})

    def add(self, other: "Point") -> None:
        """Add the samples of another point, which stays as it is."""
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if self.counts is None or other.counts is None:
            self.counts = None
        else:
            self.counts = distribution.add(self.counts, other.counts)

    def copy(self) -> "Point":
        """A point of its own with the same samples."""
        counts = None if self.counts is None else dict(self.counts)
        return Point(self.count, self.total, self.minimum, self.maximum, counts)

    def scaled(self, factor: float) -> "Point":
        """A point of its own, of the same samples in another unit; `factor` is positive."""
        counts = self.counts
        return Point(
            self.count,
            self.total * factor,
            self.minimum * factor,
            self.maximum * factor,
            None if counts is None else {value * factor: often for value, often in counts.items()},
        )

    def encode(self) -> bytes:
        """The point as it lies in the store."""
        counts = self.counts
        numbers = (self.count, self.total, self.minimum, self.maximum)
        if counts is None:
            return _HEADER.pack(0, *numbers)
        value_form, values = _packed_values(counts)
        count_form, often = _packed_counts(counts)
        return b"".join(
            (
                _HEADER.pack(_HAS_COUNTS | value_form << 1 | count_form << 2, *numbers),
                _LENGTH.pack(len(counts)),
                values,
                often,
            )
        )

    @classmethod
    def decode(cls, data: bytes, *, with_counts: bool = True) -> Self:
        """The point that lies in the store as `data`; `counts` is None unless wanted."""
        flags, count, total, minimum, maximum = _HEADER.unpack_from(data)
        counts: Counts | None = None
        if with_counts and flags & _HAS_COUNTS:
            (length,) = _LENGTH.unpack_from(data, _HEADER.size)
            values = _layout(length, _VALUE_FORMS[flags >> 1 & 1])
            often = _layout(length, _COUNT_FORMS[flags >> 2 & 3])
            start = _HEADER.size + _LENGTH.size
            counts = dict(
                zip(  # noqa: B905  # both have `length` members, and this is a hot loop
                    values.unpack_from(data, start), often.unpack_from(data, start + values.size)
                )
            )
        return cls(count, total, minimum, maximum, counts)


@cache
def _layout(length: int, form: str) -> struct.Struct:
    return struct.Struct(f"<{length}{form}")


def _packed_values(counts: Counts) -> tuple[int, bytes]:
    """The values in the shortest form that holds them exactly."""
    short = _layout(len(counts), _VALUE_FORMS[0])
    try:
        packed = short.pack(*counts)
        if short.unpack(packed) == tuple(counts):
            return 0, packed
    except OverflowError:
        pass
    return 1, _layout(len(counts), _VALUE_FORMS[1]).pack(*counts)


def _packed_counts(counts: Counts) -> tuple[int, bytes]:
    """The counts in the shortest form that holds them; fractions take the longest."""
    often = counts.values()
    for form, letter in enumerate(_COUNT_FORMS[:2]):
        try:
            return form, _layout(len(counts), letter).pack(*often)
        except struct.error:  # too large, or a float
            continue
    return 2, _layout(len(counts), _COUNT_FORMS[2]).pack(*often)
